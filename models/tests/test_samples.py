"""The committed artifacts against the official runner."""

import json
from pathlib import Path

import pytest

from flink_executorch_models.official_runner import OfficialRunner, read_lines
from flink_executorch_models.tickets.corpus import PROMPT_TEMPLATE
from flink_executorch_models.tickets.evaluate import MAX_NEW_TOKENS

SAMPLES = Path(__file__).parents[2] / "sample-data"
TICKETS = SAMPLES / "tickets"
OPTIMUM = SAMPLES / "conformance" / "optimum-llama"


@pytest.fixture(scope="module")
def tickets_runner():
    return OfficialRunner(TICKETS / "model.pte", TICKETS / "tokenizer.json")


@pytest.mark.parametrize("golden", read_lines(TICKETS / "goldens.jsonl")[:5], ids=lambda golden: golden["id"])
def test_sample_model_gives_its_goldens(tickets_runner, golden):
    assert tickets_runner.golden(golden["id"], golden["prompt"], MAX_NEW_TOKENS) == golden


def test_sample_model_answers_held_out_tickets(tickets_runner):
    tickets = read_lines(TICKETS / "tickets.jsonl")[:100]
    prompts = [PROMPT_TEMPLATE.replace("{{message}}", ticket["message"]) for ticket in tickets]
    texts = [tickets_runner.golden("", prompt, MAX_NEW_TOKENS)["text"] for prompt in prompts]
    right = sum(text == ticket["expectedJson"] for text, ticket in zip(texts, tickets, strict=True))
    assert right >= 97


@pytest.mark.parametrize("golden", read_lines(OPTIMUM / "goldens.jsonl"), ids=lambda golden: golden["id"])
def test_conformance_artifact_gives_its_goldens(golden):
    runner = OfficialRunner(OPTIMUM / "model.pte", OPTIMUM / "tokenizer.json")
    assert runner.generate(golden["prompt"], len(golden["tokens"])) == golden["tokens"]


def test_sample_tickets_are_held_out_and_complete():
    tickets = read_lines(TICKETS / "tickets.jsonl")
    assert len({ticket["id"] for ticket in tickets}) == 500
    for ticket in tickets:
        assert json.loads(ticket["expectedJson"]) == ticket["expected"]
    template = (TICKETS / "prompt-template.txt").read_text(encoding="utf-8")
    assert template == PROMPT_TEMPLATE


def test_sample_model_is_small():
    assert sum((TICKETS / name).stat().st_size for name in ("model.pte", "tokenizer.json")) < 8_000_000
