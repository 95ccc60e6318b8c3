"""Runs steps of the recipe: `python -m flink_executorch_models.scenes [STEP ...]`, all of them in order by default."""

import argparse
import json
from functools import cached_property, partial
from pathlib import Path

from tokenizers import Tokenizer
from transformers import LlavaForConditionalGeneration

from flink_executorch_models.export.exporter import Options, export_model
from flink_executorch_models.export.metadata import Limits
from flink_executorch_models.scenes import data, samples, standard, tokenizer
from flink_executorch_models.scenes.evaluate import StandardProgram, eager_captions, evaluate
from flink_executorch_models.scenes.model import CONTEXT, PATCH, SIDE
from flink_executorch_models.scenes.train import Schedule, train

TRAINING_SEED, TOKENIZER_SEED = 1, 7
REQUIRED = {"perfect": 0.85, "things_named": 0.95}
_STEP_TOKENS, _STEP_ROWS = 1024, 128
_PREPROCESSOR = {
    "image_processor_type": "ViTImageProcessor",
    "do_resize": True,
    "size": {"height": SIDE, "width": SIDE},
    "resample": 3,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}


class Recipe:
    """The steps, over a build folder (checkpoint, figures) and the sample folder (what is committed)."""

    def __init__(self, build: Path, sample: Path, pictures: int, schedule: Schedule, held_out: int, drawn: int):
        self.build, self.sample = build, sample
        self._pictures, self._schedule, self._held_out, self._drawn = pictures, schedule, held_out, drawn
        for folder in (build, sample):
            folder.mkdir(parents=True, exist_ok=True)

    def tokenizer(self) -> None:
        tokenizer.trained(TOKENIZER_SEED, sample=20_000).save(str(self.sample / "tokenizer.json"))
        (self.sample / "preprocessor_config.json").write_text(json.dumps(_PREPROCESSOR, indent=2) + "\n")

    def train(self) -> None:
        pictures = data.pictures(TRAINING_SEED, self._pictures, SIDE, PATCH)
        print(f"{self._pictures} pictures drawn", flush=True)
        train(pictures, self._schedule, self._words, self.build).save_pretrained(self._trained)

    def export(self) -> None:
        """Linear layers of both programs are 8da8w, by row."""
        standard.export(self._trained, self.sample / "model.pte")

    def export_batched(self) -> None:
        limits = Limits(_STEP_TOKENS, _STEP_ROWS, CONTEXT)
        export_model(str(self._trained), self.sample / "model-batched.pte", Options("8da8w", "fp32", limits))

    def samples(self) -> None:
        samples.draw(self.sample, self._drawn)

    def evaluate(self) -> None:
        model = LlavaForConditionalGeneration.from_pretrained(self._trained).eval()
        figures = {
            "weights": sum(each.numel() for each in model.parameters()),
            "eager": evaluate(partial(eager_captions, model, self._words), self._held_out),
            "program": evaluate(StandardProgram(self.sample / "model.pte", self._words).captions, self._held_out),
        }
        (self.build / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
        print(json.dumps(figures, indent=2))
        for name, least in REQUIRED.items():
            if figures["program"][name] < least:
                raise SystemExit(f"{name} is {figures['program'][name]}, below {least}: train longer")

    @cached_property
    def _words(self) -> Tokenizer:
        return Tokenizer.from_file(str(self.sample / "tokenizer.json"))

    @property
    def _trained(self) -> Path:
        return self.build / "hugging-face"


STEPS = ["tokenizer", "train", "export", "export-batched", "samples", "evaluate"]


def main(arguments: list[str] | None = None) -> None:
    models = Path(__file__).parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--build", type=Path, default=models / "target" / "scenes", help="checkpoint and figures")
    parser.add_argument(
        "--sample", type=Path, default=models.parent / "sample-data" / "scenes", help="what is committed"
    )
    parser.add_argument("--pictures", type=int, help="how many to train on, by default so many that each is seen once")
    parser.add_argument("--training-steps", type=int, default=Schedule.steps)
    parser.add_argument("--held-out", type=int, default=1000, help="how many scenes to measure on")
    parser.add_argument("--samples", type=int, default=60, help="how many images to draw")
    options = parser.parse_args(arguments)
    unknown = [step for step in options.steps if step not in STEPS]
    if unknown:
        parser.error(f"unknown steps {unknown}, known are {STEPS}")
    schedule = Schedule(steps=options.training_steps)
    build, sample = options.build.resolve(), options.sample.resolve()
    recipe = Recipe(build, sample, options.pictures or schedule.pictures, schedule, options.held_out, options.samples)
    for step in options.steps or STEPS:
        print(f"== {step}", flush=True)
        getattr(recipe, step.replace("-", "_"))()


if __name__ == "__main__":
    main()
