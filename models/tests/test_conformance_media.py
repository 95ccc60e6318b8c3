"""The committed multimodal artifacts against the official runner."""

import json
from pathlib import Path

import pytest
from executorch.extension.llm.runner import MultimodalRunner

from flink_executorch_models.conformance_media import inputs
from flink_executorch_models.official_runner import OfficialRunner, read_lines

CONFORMANCE = Path(__file__).parents[2] / "sample-data" / "conformance"
ENTRIES = json.loads((CONFORMANCE / "media.json").read_text(encoding="utf-8"))
RUNNING = [entry["name"] for entry in ENTRIES if (entry["status"], entry["runner"]) == ("runs", "MultimodalRunner")]


@pytest.mark.parametrize("name", RUNNING)
def test_official_runner_gives_the_goldens(name):
    folder = CONFORMANCE / name
    runner = OfficialRunner(folder / "model.pte", folder / "tokenizer.json", runner=MultimodalRunner)
    for golden in read_lines(folder / "goldens.jsonl")[::5]:
        turns = golden.get("turns", [golden])
        prompts = [[inputs.official(inputs.read(entry, folder)) for entry in turn["inputs"]] for turn in turns]
        given = runner.converse([(prompt, len(turn["tokens"])) for prompt, turn in zip(prompts, turns, strict=True)])
        assert given == [turn["tokens"] for turn in turns], golden["id"]


def test_every_artifact_is_listed_or_its_error_is():
    for entry in ENTRIES:
        assert (entry["folder"] is None) == (entry["status"] == "exporter fails")
        assert (entry["error"] is None) == (entry["status"] == "runs")


def test_artifacts_are_small():
    folders = [CONFORMANCE / entry["folder"] for entry in ENTRIES if entry["folder"]]
    assert sum(file.stat().st_size for folder in folders for file in folder.iterdir()) < 12_000_000
