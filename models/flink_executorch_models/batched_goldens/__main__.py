"""Writes programs and goldens: `python -m flink_executorch_models.batched_goldens sample-data/batched [NAME ...]`."""

import argparse
import json
import tempfile
from pathlib import Path

from flink_executorch_models.batched_goldens.media_models import MAX_IMAGES, MEDIA_MODELS, TinyMediaModel
from flink_executorch_models.batched_goldens.media_oracle import MediaAnswer, media_answers, random_media_model
from flink_executorch_models.batched_goldens.oracle import Answer, answers, quantized_answers, random_model
from flink_executorch_models.batched_goldens.tiny_models import CONTEXT, MODELS, TinyModel
from flink_executorch_models.conformance.tokenizer import ascii_tokenizer
from flink_executorch_models.export.batched import BatchedModel
from flink_executorch_models.export.exporter import Options, convert, convert_parts, load, load_parts
from flink_executorch_models.export.metadata import Limits

LIMITS = Limits(step_tokens=128, step_rows=64, context=CONTEXT)
# New tokens whose logits are in the file: the first, one in the middle, the last.
LOGITS_AT = (0, 31, 63)


def write(tiny: TinyModel, folder: Path) -> dict:
    with tempfile.TemporaryDirectory() as work:
        random_model(tiny, work)
        found = answers(work)
        model, options = load(work, Options(tiny.linear, tiny.embedding, LIMITS))
        program = convert(model, options, None)
        if tiny.linear != "fp32":
            found = quantized_answers(BatchedModel(model), found)
    (folder / f"{tiny.name}.pte").write_bytes(program.buffer)
    print(f"{tiny.name}: {len(program.buffer)} bytes, margins {[round(answer.margin(), 4) for answer in found]}")
    return {
        "name": tiny.name,
        "family": tiny.family,
        "about": tiny.about,
        "linear": tiny.linear,
        "embedding": tiny.embedding,
        "oracle": "transformers generate" if tiny.linear == "fp32" else "quantized eager PyTorch",
        "goldens": [_golden(f"{tiny.name}-{number}", answer) for number, answer in enumerate(found, start=1)],
    }


def write_media(tiny: TinyMediaModel, folder: Path) -> dict:
    with tempfile.TemporaryDirectory() as work:
        random_media_model(tiny, work)
        found = media_answers(work)
        parts, options = load_parts(work, Options("fp32", "fp32", LIMITS, vision="fp32", images=MAX_IMAGES))
        program = convert_parts(parts, options, None)
    (folder / f"{tiny.name}.pte").write_bytes(program.buffer)
    print(f"{tiny.name}: {len(program.buffer)} bytes, margins {[round(answer.margin(), 4) for answer in found]}")
    return {
        "name": tiny.name,
        "family": tiny.family,
        "about": tiny.about,
        "linear": "fp32",
        "embedding": "fp32",
        "oracle": "transformers generate",
        "imageSize": parts.side,
        "goldens": [_golden(f"{tiny.name}-{number}", answer) for number, answer in enumerate(found, start=1)],
    }


def _golden(name: str, answer: Answer | MediaAnswer) -> dict:
    if isinstance(answer, MediaAnswer):
        prompt, logits_at = {"inputs": answer.inputs}, LOGITS_AT[:1]
    else:
        prompt, logits_at = {"prompt": answer.prompt, "promptTokens": answer.prompt_tokens}, LOGITS_AT
    logits = [{"token": at, "values": [round(x, 5) for x in answer.logits[at].tolist()]} for at in logits_at]
    return {
        "id": name,
        **prompt,
        "tokens": answer.tokens,
        "smallestMargin": round(answer.margin(), 5),
        "logits": logits,
    }


def _update(file: Path, models: list, write, names: list[str]) -> None:
    known = {line["name"]: line for line in json.loads(file.read_text())} if file.exists() else {}
    for tiny in models:
        if not names or tiny.name in names:
            known[tiny.name] = write(tiny, file.parent)
            lines = [json.dumps(known[tiny.name]) for tiny in models if tiny.name in known]
            file.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="sample-data/batched")
    parser.add_argument("names", nargs="*", help="only these models")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    _update(arguments.folder / "goldens.json", MODELS, write, arguments.names)
    _update(arguments.folder / "media.json", MEDIA_MODELS, write_media, arguments.names)
    ascii_tokenizer().save(str(arguments.folder / "tokenizer.json"))


if __name__ == "__main__":
    main()
