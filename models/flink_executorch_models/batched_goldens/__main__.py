"""Writes programs and goldens: `python -m flink_executorch_models.batched_goldens sample-data/batched [NAME ...]`."""

import argparse
import json
import tempfile
from pathlib import Path

from flink_executorch_models.batched_goldens.oracle import Answer, answers, quantized_answers, random_model
from flink_executorch_models.batched_goldens.tiny_models import CONTEXT, MODELS, TinyModel
from flink_executorch_models.conformance.tokenizer import ascii_tokenizer
from flink_executorch_models.export.batched import BatchedModel
from flink_executorch_models.export.exporter import Options, convert, load
from flink_executorch_models.export.metadata import Limits

LIMITS = Limits(step_tokens=128, step_rows=16, context=CONTEXT)
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


def _golden(name: str, answer: Answer) -> dict:
    logits = [{"token": at, "values": [round(x, 5) for x in answer.logits[at].tolist()]} for at in LOGITS_AT]
    return {
        "id": name,
        "prompt": answer.prompt,
        "promptTokens": answer.prompt_tokens,
        "tokens": answer.tokens,
        "smallestMargin": round(answer.margin(), 5),
        "logits": logits,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="sample-data/batched")
    parser.add_argument("names", nargs="*", help="only these models")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    file = arguments.folder / "goldens.json"
    known = {line["name"]: line for line in json.loads(file.read_text())} if file.exists() else {}
    for tiny in MODELS:
        if not arguments.names or tiny.name in arguments.names:
            known[tiny.name] = write(tiny, arguments.folder)
            lines = [json.dumps(known[tiny.name]) for tiny in MODELS if tiny.name in known]
            file.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    ascii_tokenizer().save(str(arguments.folder / "tokenizer.json"))


if __name__ == "__main__":
    main()
