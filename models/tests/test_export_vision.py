import json
from functools import cache
from pathlib import Path

import pytest
import torch
from executorch.extension.pybindings.portable_lib import _load_for_executorch, _load_for_executorch_from_buffer
from executorch.kernels import quantized  # noqa: F401  registers the kernels of quantized embeddings
from transformers import AutoConfig, AutoModelForImageTextToText, Qwen2VLConfig

from flink_executorch_models.batched_goldens.media_models import IMAGE_ID, MAX_IMAGES, MEDIA_MODELS
from flink_executorch_models.batched_goldens.media_oracle import random_media_model
from flink_executorch_models.export.batched import TextDecoder, TokenEmbedding
from flink_executorch_models.export.exporter import Options, load_parts
from flink_executorch_models.export.families import NotExportable, prepare
from flink_executorch_models.export.lower import lowered
from flink_executorch_models.export.metadata import Limits
from flink_executorch_models.export.multimodal import exported_encoder
from flink_executorch_models.export.quantize import quantize_linear
from flink_executorch_models.export.reference_attention import KeysAndValues, Run
from flink_executorch_models.export.vision import VISION_FAMILIES, check_vision_family
from flink_executorch_models.seeded import seeded

FOLDER = Path(__file__).resolve().parents[2] / "sample-data" / "batched"
LIMITS = Limits(step_tokens=128, step_rows=16, context=256)
each_model = pytest.mark.parametrize("tiny", MEDIA_MODELS, ids=lambda tiny: tiny.name)


@cache
def goldens(name: str) -> dict:
    return next(model for model in json.loads((FOLDER / "media.json").read_text()) if model["name"] == name)


def pixels(side: int, count: int) -> torch.Tensor:
    return torch.stack([seeded([3, side, side], seed) for seed in range(1, count + 1)])


def encode(program, images: torch.Tensor) -> torch.Tensor:
    return program.run_method("vision_encoder", (images.contiguous(),))[0].clone()


def check_each_image_by_itself(program, images: torch.Tensor) -> torch.Tensor:
    together = encode(program, images)
    for at in range(len(images)):
        assert torch.equal(encode(program, images[at : at + 1])[0], together[at])
    for count in range(2, len(images)):
        assert torch.equal(encode(program, images.flip(0)[:count]), together.flip(0)[:count])
    return together


def test_every_family_has_goldens():
    assert {tiny.config.model_type for tiny in MEDIA_MODELS} == set(VISION_FAMILIES)


@each_model
def test_program_encodes_each_image_as_the_library_does_whatever_the_others_are(tiny, tmp_path):
    program = _load_for_executorch(str(FOLDER / f"{tiny.name}.pte"))
    images = pixels(tiny.config.vision_config.image_size, MAX_IMAGES)
    found = check_each_image_by_itself(program, images)
    random_media_model(tiny, tmp_path)
    model = AutoModelForImageTextToText.from_pretrained(tmp_path, attn_implementation="eager").eval()
    tiled = tiny.config.model_type in ("idefics3", "smolvlm")
    with torch.no_grad():
        wanted = model.model.get_image_features(pixel_values=images.unsqueeze(0) if tiled else images)
    torch.testing.assert_close(found, torch.stack(tuple(wanted)), atol=5e-5, rtol=5e-5)
    assert program.run_method("get_image_tokens")[0] == found.shape[1]
    assert program.run_method("get_image_token_id")[0] == IMAGE_ID


@each_model
def test_parts_generate_what_the_library_does(tiny, tmp_path):
    random_media_model(tiny, tmp_path)
    parts, _ = load_parts(str(tmp_path), Options("fp32", "fp32", LIMITS))
    prepare(parts.text, LIMITS.context)
    decoder, embedding = TextDecoder(parts.text).eval(), TokenEmbedding(parts.text).eval()
    golden = goldens(tiny.name)["goldens"][-1]
    with torch.no_grad():
        prompt = torch.cat([_embedded(parts, embedding, part) for part in golden["inputs"]])
        following = embedding(torch.tensor(golden["tokens"][:-1]))
        inputs = torch.cat([prompt, following])
        rows = torch.arange(len(prompt) - 1, len(inputs))
        with KeysAndValues().step(Run(0, len(inputs), 0)):
            logits = decoder(inputs, torch.arange(len(inputs)), rows)
    assert logits.argmax(-1).tolist() == golden["tokens"]


def _embedded(parts, embedding, part: dict) -> torch.Tensor:
    if "tokens" in part:
        return embedding(torch.tensor(part["tokens"]))
    return parts.encoder(seeded([3, parts.side, parts.side], part["image"]).unsqueeze(0))[0]


def test_quantized_encoder_takes_each_image_by_itself(tmp_path):
    random_media_model(MEDIA_MODELS[1], tmp_path)
    parts, options = load_parts(str(tmp_path), Options("8da4w", "4w", LIMITS))
    quantize_linear(parts.encoder, options.vision, packed=False)  # Python's runtime has no kernels of ours
    encoder = lowered({"vision_encoder": exported_encoder(parts, 3)}, {}, packed=False)
    program = _load_for_executorch_from_buffer(encoder.buffer)
    exact = _load_for_executorch(str(FOLDER / f"{MEDIA_MODELS[1].name}.pte"))
    found = check_each_image_by_itself(program, pixels(parts.side, 3))
    wanted = encode(exact, pixels(parts.side, 3))
    assert 0 < (found - wanted).norm() / wanted.norm() < 0.05


def test_positions_of_three_numbers_are_refused():
    with pytest.raises(NotExportable, match="time, height and width"):
        check_vision_family(Qwen2VLConfig())
    with pytest.raises(NotExportable, match="Known types: gemma3, idefics3, llava, smolvlm"):
        check_vision_family(AutoConfig.for_model("paligemma"))
