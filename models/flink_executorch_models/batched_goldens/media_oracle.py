"""What a tiny model answers to texts and images in eager PyTorch, by transformers' `generate`.

`generate` is not told which tokens are an image's (`token_type_ids`): told so, Gemma 3 lets them attend to later tokens of
the same image. Batched programs do not, and neither do the standard programs that optimum-executorch exports.
"""

from dataclasses import dataclass
from itertools import islice

import torch
from transformers import AutoModelForImageTextToText, PreTrainedModel

from flink_executorch_models.batched_goldens.media_models import IMAGE_ID, TinyMediaModel
from flink_executorch_models.batched_goldens.oracle import NEW_TOKENS, smallest_margin
from flink_executorch_models.conformance.tokenizer import SEED, ascii_tokenizer
from flink_executorch_models.seeded import seeded
from flink_executorch_models.tickets.corpus import tickets

# A number is so many tokens of text, M an image. The last is longer than a window.
LAYOUTS = ([9], ["M", 7], [12, "M", 5], [6, "M"], ["M", "M", 11], [10, "M", 8, "M", 30])
CANDIDATES = 5
IMAGES = 3


@dataclass(frozen=True)
class MediaAnswer:
    """:param inputs: {"tokens": ids} or {"image": the seed of `seeded` that makes its pixels, [3, side, side]}
    :param logits: of every position from the prompt's last one on, [64, vocabulary]
    """

    inputs: list[dict]
    tokens: list[int]
    logits: torch.Tensor

    def margin(self) -> float:
        return smallest_margin(self.logits)


def random_media_model(tiny: TinyMediaModel, folder) -> None:
    """Writes the model; biases, the weights of norms and what the library leaves at zero are random too."""
    torch.manual_seed(SEED)
    model = AutoModelForImageTextToText.from_config(tiny.config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
            elif "vision" in name or not parameter.any():
                parameter.copy_(torch.randn_like(parameter) * 0.2)
    model.save_pretrained(folder)


def media_answers(folder) -> list[MediaAnswer]:
    """Of the candidates of every layout that one whose tokens are the least close, and others with other images."""
    model = AutoModelForImageTextToText.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = ascii_tokenizer()
    source = (ticket.message for ticket in tickets(SEED, True))
    best = []
    for layout in LAYOUTS:
        found = [generated(model, _inputs(layout, tokenizer, source, number)) for number in range(CANDIDATES)]
        found = [answer for answer in found if IMAGE_ID not in answer.tokens and len(set(answer.tokens)) >= 12]
        found.sort(key=lambda answer: -answer.margin())
        best.append(next(answer for answer in found if _sees(model, answer)))
    return best


def _inputs(layout: list, tokenizer, source, number: int) -> list[dict]:
    inputs = []
    for part in layout:
        if part == "M":
            images = sum("image" in known for known in inputs)
            inputs.append({"image": 1 + (number + images) % IMAGES})
        else:
            inputs.append({"tokens": tokenizer.encode(" ".join(islice(source, 2))).ids[:part]})
    return inputs


def _sees(model: PreTrainedModel, answer: MediaAnswer) -> bool:
    """Whether every image matters."""
    for at, part in enumerate(answer.inputs):
        if "image" in part:
            others = [*answer.inputs[:at], {"image": 1 + part["image"] % IMAGES}, *answer.inputs[at + 1 :]]
            if generated(model, others).tokens == answer.tokens:
                return False
    return True


def generated(model: PreTrainedModel, inputs: list[dict]) -> MediaAnswer:
    tiled = model.config.model_type in ("idefics3", "smolvlm")
    side = model.config.vision_config.image_size
    images = [seeded([3, side, side], part["image"]) for part in inputs if "image" in part]
    ids = torch.tensor([_ids(model, inputs)])
    pixels = torch.stack(images) if images else None
    with torch.no_grad():
        output = model.generate(
            input_ids=ids,
            pixel_values=pixels.unsqueeze(0) if images and tiled else pixels,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=NEW_TOKENS,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
            output_logits=True,
            return_dict_in_generate=True,
        )
    return MediaAnswer(inputs, output.sequences[0, ids.shape[1] :].tolist(), torch.cat(output.logits))


def _ids(model: PreTrainedModel, inputs: list[dict]) -> list[int]:
    ids = []
    for part in inputs:
        ids += part["tokens"] if "tokens" in part else [IMAGE_ID] * _image_tokens(model)
    return ids


def _image_tokens(model: PreTrainedModel) -> int:
    config = model.config
    if config.model_type == "gemma3":
        return config.mm_tokens_per_image
    patches = (config.vision_config.image_size // config.vision_config.patch_size) ** 2
    return patches // getattr(config, "scale_factor", 1) ** 2
