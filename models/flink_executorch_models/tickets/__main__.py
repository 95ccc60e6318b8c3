"""Runs steps of the recipe: `python -m flink_executorch_models.tickets [STEP ...]`, all of them in order by default."""

import argparse
import json
from itertools import islice
from pathlib import Path

from tokenizers import Tokenizer

from flink_executorch_models.official_runner import write_lines
from flink_executorch_models.tickets import corpus, tokenizer
from flink_executorch_models.tickets.evaluate import evaluate, write_goldens
from flink_executorch_models.tickets.export import export, export_batched
from flink_executorch_models.tickets.train import Schedule, Shape, train

CONTEXT = 256
HELD_OUT_SEED, TOKENIZER_SEED = 2026, 7
REQUIRED_EXACT_MATCH = 0.97


class Recipe:
    """The steps, over a build folder (checkpoint, figures) and the sample folder (what is committed)."""

    def __init__(self, build: Path, sample: Path, schedule: Schedule, held_out: int, goldens: int):
        self.build, self.sample = build, sample
        self._schedule, self._held_out, self._goldens = schedule, held_out, goldens
        for folder in (build, sample):
            folder.mkdir(parents=True, exist_ok=True)

    def corpus(self) -> None:
        chosen = islice(corpus.tickets(HELD_OUT_SEED, held_out=True), self._held_out)
        entries = [
            {
                "id": f"T-{number:04}",
                "message": ticket.message,
                "expected": ticket.expected,
                "expectedJson": ticket.expected_json,
            }
            for number, ticket in enumerate(chosen, start=1)
        ]
        write_lines(self.sample / "tickets.jsonl", entries)
        (self.sample / "prompt-template.txt").write_text(corpus.PROMPT_TEMPLATE, encoding="utf-8")

    def tokenizer(self) -> None:
        tokenizer.save(tokenizer.trained(vocabulary=2048, seed=TOKENIZER_SEED, sample=40_000), self.sample)

    def train(self) -> None:
        vocabulary = Tokenizer.from_file(str(self.sample / "tokenizer.json"))
        self._record(train(self._shape(), self._schedule, vocabulary, CONTEXT, self.build))

    def export(self) -> None:
        export(self.build, CONTEXT, self.sample / "model.pte")

    def export_batched(self) -> None:
        standard, batched = self.sample / "model.pte", self.sample / "model-batched.pte"
        export_batched(standard, self._shape(), CONTEXT, self.build / "hugging-face", batched)

    def evaluate(self) -> None:
        figures = evaluate(self.sample)
        self._record(figures)
        print(json.dumps(figures, indent=2))
        if figures["exact_match"] < REQUIRED_EXACT_MATCH:
            raise SystemExit(f"exact match {figures['exact_match']} is below {REQUIRED_EXACT_MATCH}: train longer")

    def goldens(self) -> None:
        write_goldens(self.sample, self._goldens)

    def _shape(self) -> Shape:
        vocabulary = Tokenizer.from_file(str(self.sample / "tokenizer.json"))
        return Shape(vocab_size=vocabulary.get_vocab_size())

    def _record(self, figures: dict) -> None:
        file = self.build / "figures.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps(known | figures, indent=2) + "\n")


STEPS = ["corpus", "tokenizer", "train", "export", "export-batched", "evaluate", "goldens"]


def main(arguments: list[str] | None = None) -> None:
    models = Path(__file__).parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--build", type=Path, default=models / "target" / "tickets", help="checkpoint and figures")
    parser.add_argument(
        "--sample", type=Path, default=models.parent / "sample-data" / "tickets", help="what is committed"
    )
    parser.add_argument("--training-steps", type=int, default=Schedule.steps)
    parser.add_argument("--held-out", type=int, default=500, help="how many held-out tickets to write")
    parser.add_argument("--goldens", type=int, default=50, help="for how many of them to record golden tokens")
    options = parser.parse_args(arguments)
    unknown = [step for step in options.steps if step not in STEPS]
    if unknown:
        parser.error(f"unknown steps {unknown}, known are {STEPS}")
    schedule = Schedule(steps=options.training_steps)
    recipe = Recipe(options.build.resolve(), options.sample.resolve(), schedule, options.held_out, options.goldens)
    for step in options.steps or STEPS:
        print(f"== {step}", flush=True)
        getattr(recipe, step.replace("-", "_"))()


if __name__ == "__main__":
    main()
