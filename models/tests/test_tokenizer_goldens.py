"""The committed texts, vocabularies and ids; the packages of `requirements-tokenizers.txt` make them again."""

import json
import subprocess
from pathlib import Path

import pytest

from flink_executorch_models.tokenizer_goldens.texts import SEED, texts, well_formed

MODELS = Path(__file__).parents[1]
COMMITTED = MODELS.parent / "runner" / "src" / "test" / "resources" / "tokenizers"
FORMATS = sorted(folder.name for folder in COMMITTED.iterdir() if folder.is_dir())


def lines(file: Path) -> list:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def test_committed_texts_are_the_generated_ones():
    joined_halves = [json.loads(json.dumps(text)) for text in texts(SEED)]
    assert lines(COMMITTED / "texts.jsonl") == joined_halves


def test_half_a_character_becomes_one_replacement():
    assert well_formed("a\ud83d\ud83d\ude00\ude00") == "a\ufffd\U0001f600\ufffd"


@pytest.mark.parametrize("name", FORMATS)
def test_every_text_has_a_golden(name):
    assert len(lines(COMMITTED / name / "goldens.jsonl")) == len(lines(COMMITTED / "texts.jsonl")) > 1000


def test_committed_files_are_small():
    assert sum(file.stat().st_size for file in COMMITTED.rglob("*")) < 6_000_000


def test_goldens_are_made_again_as_committed(tmp_path):
    environment = MODELS / "target" / "tokenizer-venv"
    subprocess.run([MODELS / "environment", environment, MODELS / "requirements-tokenizers.txt"], check=True)
    command = [environment / "bin" / "python", "-m", "flink_executorch_models.tokenizer_goldens", tmp_path]
    subprocess.run(command, check=True, cwd=MODELS)
    for file in (file for file in COMMITTED.rglob("*") if file.is_file()):
        assert (tmp_path / file.relative_to(COMMITTED)).read_bytes() == file.read_bytes(), file
