"""Batched programs of models for text and images: `token_embedding`, `text_decoder` and `vision_encoder`."""

import warnings
from dataclasses import dataclass

import torch
from torch.export import Dim, ExportedProgram
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, PreTrainedModel

from flink_executorch_models.export import attention
from flink_executorch_models.export.batched import TextDecoder, TokenEmbedding
from flink_executorch_models.export.families import check_family, prepare
from flink_executorch_models.export.gelu import spell_out_gelu
from flink_executorch_models.export.lower import Lowered, lowered
from flink_executorch_models.export.metadata import Limits, constants, special_ids
from flink_executorch_models.export.quantize import quantize, quantize_linear
from flink_executorch_models.export.rewrite import rewritten
from flink_executorch_models.export.vision import check_vision_family, vision_encoder


@dataclass(frozen=True)
class Parts:
    """A model for text and images, taken apart.

    :param text: the text model with its output layer, as a model of its own
    :param encoder: pixels f32 [N, 3, H, W] -> embeddings f32 [N, P, hidden]
    :param side: height and width of the encoder's images
    :param image_id: the token that stands for an image in the model's prompts, None if it has none
    """

    text: PreTrainedModel
    encoder: torch.nn.Module
    side: int
    image_id: int | None


def load_parts(source: str) -> Parts:
    """The text model has the operator as its attention, the encoder the library's plain one."""
    config = AutoConfig.from_pretrained(source)
    check_vision_family(config)
    check_family(config.get_text_config())
    kinds = {"": "eager", "text_config": attention.NAME, "vision_config": "eager"}
    whole = AutoModelForImageTextToText.from_pretrained(source, dtype="auto", attn_implementation=kinds).eval()
    image_id = getattr(whole.config, "image_token_id", None) or getattr(whole.config, "image_token_index", None)
    return Parts(_text_model(whole), vision_encoder(whole), whole.config.vision_config.image_size, image_id)


def convert_parts(
    parts: Parts, linear: str, embedding: str, vision: str, limits: Limits, max_images: int, template: str | None
) -> Lowered:
    """Changes the parts in place."""
    prepare(parts.text, limits.context)
    quantize(parts.text, linear, embedding)
    spell_out_gelu(parts.encoder)
    quantize_linear(parts.encoder, vision)
    decoder = _exported_decoder(parts.text, limits)
    encoder = _exported_encoder(parts, max_images)
    programs = {
        "token_embedding": _exported_embedding(parts.text, limits),
        "text_decoder": decoder,
        "vision_encoder": encoder,
    }
    images = {"get_image_tokens": int(encoder.graph.output_node().args[0][0].meta["val"].shape[1])}
    if parts.image_id is not None:
        images["get_image_token_id"] = parts.image_id
    facts = constants(decoder, parts.text, limits, special_ids(parts.text), template)
    return lowered(programs, facts | images)


def _text_model(whole: PreTrainedModel) -> PreTrainedModel:
    config = whole.config.get_text_config()
    with torch.device("meta"):
        text = AutoModelForCausalLM.from_config(config)
    text.model = whole.base_model.get_decoder()
    text.set_output_embeddings(whole.get_output_embeddings())
    text.generation_config = whole.generation_config
    return text.eval()


def _exported_embedding(text: PreTrainedModel, limits: Limits) -> ExportedProgram:
    tokens = Dim("tokens", min=1, max=limits.step_tokens)
    return _exported(TokenEmbedding(text), (torch.arange(5),), ({0: tokens},))


def _exported_decoder(text: PreTrainedModel, limits: Limits) -> ExportedProgram:
    tokens = Dim("tokens", min=1, max=limits.step_tokens)
    rows = Dim("rows", min=1, max=limits.step_rows)
    inputs = (torch.zeros(5, text.config.hidden_size), torch.arange(5), torch.tensor([3, 1, 4]))
    return _exported(TextDecoder(text), inputs, ({0: tokens}, {0: tokens}, {0: rows}))


def _exported_encoder(parts: Parts, max_images: int) -> ExportedProgram:
    images = Dim("images", min=1, max=max_images) if max_images > 1 else None
    pixels = torch.zeros(min(max_images, 2), 3, parts.side, parts.side)
    return _exported(parts.encoder, (pixels,), None if images is None else ({0: images},))


def _exported(module: torch.nn.Module, inputs: tuple, shapes: tuple | None) -> ExportedProgram:
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(module.eval(), inputs, dynamic_shapes=shapes, strict=False)
        return torch.export.export(rewritten(program), inputs, dynamic_shapes=shapes, strict=False)
