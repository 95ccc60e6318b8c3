"""Measures the exported model on the held-out tickets, and records golden tokens, both with the official runner."""

from pathlib import Path

from flink_executorch_models.official_runner import OfficialRunner, read_lines, write_lines
from flink_executorch_models.tickets.corpus import PROMPT_TEMPLATE
from flink_executorch_models.tickets.tokenizer import EOS_ID

# The longest expected JSON takes 30 tokens and the end of sequence.
MAX_NEW_TOKENS = 64


def evaluate(sample: Path) -> dict:
    """Returns how many of `tickets.jsonl` the model answers with exactly the expected JSON, and which it misses."""
    runner = OfficialRunner(sample / "model.pte", sample / "tokenizer.json")
    tickets = read_lines(sample / "tickets.jsonl")
    missed = [ticket["id"] for ticket in tickets if not _is_exact(runner, ticket)]
    return {
        "held_out_tickets": len(tickets),
        "exact_match": round(1 - len(missed) / len(tickets), 4),
        "missed": missed,
        "model_bytes": (sample / "model.pte").stat().st_size,
        "tokenizer_bytes": (sample / "tokenizer.json").stat().st_size,
    }


def write_goldens(sample: Path, count: int) -> None:
    """Writes `goldens.jsonl`: what the official runner generates for the first `count` held-out tickets."""
    runner = OfficialRunner(sample / "model.pte", sample / "tokenizer.json")
    tickets = read_lines(sample / "tickets.jsonl")[:count]
    goldens = [runner.golden(ticket["id"], _prompt(ticket), MAX_NEW_TOKENS) for ticket in tickets]
    write_lines(sample / "goldens.jsonl", goldens)


def _is_exact(runner: OfficialRunner, ticket: dict) -> bool:
    *tokens, last = runner.generate(_prompt(ticket), MAX_NEW_TOKENS)
    return last == EOS_ID and runner.tokenizer.decode(tokens) == ticket["expectedJson"]


def _prompt(ticket: dict) -> str:
    return PROMPT_TEMPLATE.replace("{{message}}", ticket["message"])
