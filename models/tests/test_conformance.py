"""The committed conformance programs against the official runner, where that is their oracle."""

import json

import pytest

from flink_executorch_models.conformance.goldens import OFFICIAL, open_runner
from flink_executorch_models.conformance.page import CONFORMANCE, PAGE, rows
from flink_executorch_models.official_runner import read_lines

LINES = json.loads((CONFORMANCE / "text.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [line["name"] for line in LINES if line["status"] == "runs"])
def test_program_gives_its_first_and_last_golden(name):
    folder = CONFORMANCE / name
    goldens = [golden for golden in read_lines(folder / "goldens.jsonl") if golden["oracle"] == OFFICIAL]
    if not goldens:
        return  # every golden is the program's own: the Java suite runs those
    for golden in (goldens[0], goldens[-1]):
        runner = open_runner(folder)
        turns = golden.get("turns", [golden])
        tokens = runner.converse([(turn["prompt"], turn["maxNewTokens"]) for turn in turns])
        assert tokens == [turn["tokens"] for turn in turns]


def test_a_line_says_either_where_the_program_is_or_why_there_is_none():
    for line in LINES:
        assert (line["folder"] is None) == (line["error"] is not None) == (line["status"] == "exporter fails")


def test_page_lists_what_the_manifests_list():
    page = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in page if line.startswith("| ")][1:] == rows()


def test_text_half_is_small():
    folders = [CONFORMANCE / line["folder"] for line in LINES if line["folder"]]
    assert sum(file.stat().st_size for folder in folders for file in folder.iterdir()) < 15_000_000
