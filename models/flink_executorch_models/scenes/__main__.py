"""Trains the captioner and measures it: `python -m flink_executorch_models.scenes`."""

import argparse
import json
from pathlib import Path

from flink_executorch_models.scenes import data, tokenizer
from flink_executorch_models.scenes.evaluate import evaluate
from flink_executorch_models.scenes.model import PATCH, SIDE
from flink_executorch_models.scenes.train import Schedule, train

TRAINING_SEED, TOKENIZER_SEED = 1, 7


def main(arguments: list[str] | None = None) -> None:
    models = Path(__file__).parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=models / "target" / "scenes", help="checkpoint and figures")
    parser.add_argument("--pictures", type=int, default=120_000, help="how many to train on")
    parser.add_argument("--training-steps", type=int, default=Schedule.steps)
    parser.add_argument("--held-out", type=int, default=1000, help="how many scenes to measure on")
    options = parser.parse_args(arguments)
    options.build.mkdir(parents=True, exist_ok=True)
    words = tokenizer.trained(TOKENIZER_SEED, sample=20_000)
    words.save(str(options.build / "tokenizer.json"))
    pictures = data.pictures(TRAINING_SEED, options.pictures, SIDE, PATCH)
    print(f"{options.pictures} pictures drawn", flush=True)
    model = train(pictures, Schedule(steps=options.training_steps), words, options.build)
    model.save_pretrained(options.build / "hugging-face")
    figures = evaluate(model, words, options.held_out)
    (options.build / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
