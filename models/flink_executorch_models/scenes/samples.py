"""Draws scenes into a folder, and says what each shows: `python -m flink_executorch_models.scenes.samples FOLDER`."""

import argparse
import random
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from flink_executorch_models.official_runner import write_lines
from flink_executorch_models.scenes.captions import caption
from flink_executorch_models.scenes.compose import scene
from flink_executorch_models.scenes.draw import drawn

SEED = 60
_HEIGHTS = (144, 192, 240, 300, 384)
_FORMATS = {"png": {}, "jpg": {"quality": 90}, "webp": {"quality": 85}}
_IN_FOLDER = 1000  # so that no folder holds too many files


def draw(folder: Path, count: int, seed: int = SEED, workers: int = 2) -> None:
    """Held-out scenes in several formats and sizes below `images`, and `truth.jsonl`. Equal arguments give equal files."""
    with ProcessPoolExecutor(workers) as pool:
        entries = list(pool.map(partial(_draw, folder, count > _IN_FOLDER, seed), range(count), chunksize=50))
    write_lines(folder / "truth.jsonl", entries)


def _draw(folder: Path, deep: bool, seed: int, number: int) -> dict:
    made, source = scene(seed, number, held_out=True), random.Random((seed << 32) + number)
    height = source.choice(_HEIGHTS)
    form = list(_FORMATS)[number % len(_FORMATS)]
    parent = f"images/{number // _IN_FOLDER:03}" if deep else "images"
    name = f"{parent}/scene-{number:05}.{form}" if deep else f"{parent}/scene-{number:02}.{form}"
    (folder / parent).mkdir(parents=True, exist_ok=True)
    picture = drawn(made, round(height * made.aspect), height)
    picture.save(folder / name, **_FORMATS[form])
    return {"image": name, "caption": caption(made, source)} | made.truth()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    draw(options.folder, options.count, options.seed)


if __name__ == "__main__":
    main()
