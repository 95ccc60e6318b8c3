"""Batched programs of models for text and images: `token_embedding`, `text_decoder` and `vision_encoder`."""

import warnings
from dataclasses import dataclass

import torch
from torch.export import Dim, ExportedProgram
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, PreTrainedModel

from flink_executorch_models.export import attention
from flink_executorch_models.export.batched import TextDecoder, TokenEmbedding
from flink_executorch_models.export.families import check_family
from flink_executorch_models.export.metadata import Limits
from flink_executorch_models.export.rewrite import rewritten
from flink_executorch_models.export.vision import check_vision_family, vision_encoder


@dataclass(frozen=True)
class Parts:
    """A model for text and images, taken apart.

    :param text: the text model with its output layer, as a model of its own
    :param encoder: pixels f32 [N, 3, side, side] -> embeddings f32 [N, P, hidden]
    :param image_id: the token that stands for an image in the model's prompts, None if it has none
    """

    text: PreTrainedModel
    encoder: torch.nn.Module
    side: int
    image_id: int | None

    @staticmethod
    def load(source: str) -> "Parts":
        """The text model has the operator as its attention, the encoder the library's plain one."""
        config = AutoConfig.from_pretrained(source)
        check_vision_family(config)
        check_family(config.get_text_config())
        kinds = {"": "eager", "text_config": attention.NAME, "vision_config": "eager"}
        whole = AutoModelForImageTextToText.from_pretrained(source, dtype="auto", attn_implementation=kinds).eval()
        ids = (getattr(config, name, None) for name in ("image_token_id", "image_token_index"))
        image_id = next((value for value in ids if value is not None), None)
        return Parts(_text_model(whole), vision_encoder(whole), config.vision_config.image_size, image_id)


def exported_methods(parts: Parts, limits: Limits, most_images: int) -> dict[str, ExportedProgram]:
    tokens = Dim("tokens", min=1, max=limits.step_tokens)
    rows = Dim("rows", min=1, max=limits.step_rows)
    # No size is 0 or 1, which the exporter would take for constants.
    embeddings, five = torch.zeros(5, parts.text.config.hidden_size), torch.arange(5)
    return {
        "token_embedding": _exported(TokenEmbedding(parts.text), (five,), ({0: tokens},)),
        "text_decoder": _exported(
            TextDecoder(parts.text), (embeddings, five, five[:3]), ({0: tokens}, {0: tokens}, {0: rows})
        ),
        "vision_encoder": exported_encoder(parts, most_images),
    }


def exported_encoder(parts: Parts, most_images: int) -> ExportedProgram:
    images = Dim("images", min=1, max=most_images) if most_images > 1 else None
    pixels = torch.zeros(min(most_images, 2), 3, parts.side, parts.side)
    return _exported(parts.encoder, (pixels,), images and ({0: images},))


def image_constants(parts: Parts, encoder: ExportedProgram) -> dict[str, int]:
    ((embeddings,),) = encoder.graph.output_node().args
    placeholder = {} if parts.image_id is None else {"get_image_token_id": parts.image_id}
    return {"get_image_tokens": int(embeddings.meta["val"].shape[1])} | placeholder


def _text_model(whole: PreTrainedModel) -> PreTrainedModel:
    with torch.device("meta"):
        text = AutoModelForCausalLM.from_config(whole.config.get_text_config())
    text.model = getattr(whole.base_model, "language_model", None) or whole.base_model.text_model
    text.set_output_embeddings(whole.get_output_embeddings())
    text.generation_config = whole.generation_config
    return text.eval()


def _exported(module: torch.nn.Module, inputs: tuple, shapes: tuple | None) -> ExportedProgram:
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(module.eval(), inputs, dynamic_shapes=shapes, strict=False)
        return torch.export.export(rewritten(program), inputs, dynamic_shapes=shapes, strict=False)
