"""Writes the vocabularies and golden files: `python -m flink_executorch_models.tokenizer_goldens FOLDER [FORMAT ...]`.

`texts.jsonl` has one JSON string a line. Each format's folder has what a user would give to `Tokenizers.load`, and
`goldens.jsonl` with one object a line, for the text of the same line: `ids`; `ordinary`, the ids with spellings of
special tokens as plain text, where they differ; `decoded`, the reference library's text of `ids`, where it differs from
the text. Half a character stands for U+FFFD in the reference, because most of these libraries refuse it.
"""

import argparse
import json
import re
from pathlib import Path

from flink_executorch_models.tokenizer_goldens import bpe_json, llama2c, ranks, sentence_piece, unigram_json
from flink_executorch_models.tokenizer_goldens.texts import SEED, corpus, texts, well_formed

FORMATS = {
    "byte-level": bpe_json.byte_level,
    "byte-fallback": bpe_json.byte_fallback,
    "metaspace-unigram": unigram_json.metaspace_unigram,
    "tiktoken": ranks.tiktoken_file,
    "tekken": ranks.tekken_file,
    "sentencepiece-bpe": sentence_piece.bpe,
    "sentencepiece-unigram": sentence_piece.unigram,
    "llama2c": llama2c.tokenizer_bin,
}


def write(folder: Path, formats: list[str]) -> None:
    all_texts = texts(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "texts.jsonl", all_texts)
    training = list(corpus(SEED, 6000))
    for name in formats:
        place = folder / name
        place.mkdir(exist_ok=True)
        reference = FORMATS[name](place, training)
        _write_lines(place / "goldens.jsonl", [_golden(reference, text) for text in all_texts])


def _golden(reference, text: str) -> dict:
    ids, ordinary, decoded = reference(well_formed(text))
    golden = {"ids": ids}
    if ordinary != ids:
        golden["ordinary"] = ordinary
    if decoded != well_formed(text):
        golden["decoded"] = decoded
    return golden


def _write_lines(file: Path, values: list) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as lines:
        for value in values:
            line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            lines.write(
                re.sub("[\ud800-\udfff\x7f-\xa0\u2028\u2029\ufeff]", lambda c: f"\\u{ord(c[0]):04x}", line) + "\n"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="runner/src/test/resources/tokenizers")
    parser.add_argument("formats", nargs="*", help="all without any")
    arguments = parser.parse_args()
    write(arguments.folder, arguments.formats or list(FORMATS))
