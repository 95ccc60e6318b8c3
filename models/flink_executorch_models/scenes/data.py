"""Pictures of scenes with their captions and what stands where, drawn once and kept as arrays."""

import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from flink_executorch_models.scenes.captions import caption
from flink_executorch_models.scenes.compose import scene
from flink_executorch_models.scenes.draw import drawn
from flink_executorch_models.scenes.scene import HEIGHT, Scene
from flink_executorch_models.scenes.vocabulary import COLOURS, KINDS, MOST, SIZES

NOTHING = 0  # label of a patch without a thing
CLASSES = [1 + len(KINDS), 1 + len(COLOURS), 1 + len(SIZES), 1 + MOST]  # how many labels of each sort there are
_BLOCK = 500


@dataclass(frozen=True)
class Pictures:
    """:param pixels: uint8 [N, side, side, 3]
    :param labels: uint8 [N, patches, 4], see `labels`
    :param captions: several for each picture
    """

    pixels: np.ndarray
    labels: np.ndarray
    captions: list[list[str]]


def pictures(seed: int, count: int, side: int, patch: int, ways: int = 4, workers: int = 2) -> Pictures:
    """Pictures of the training scenes from 0 on. Equal arguments give equal pictures, whatever the workers."""
    blocks = [(seed, start, min(count, start + _BLOCK), side, patch, ways) for start in range(0, count, _BLOCK)]
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(_block, blocks))
    pixels, told = (np.concatenate([part[place] for part in parts]) for place in range(2))
    return Pictures(pixels, told, [said for part in parts for said in part[2]])


def _block(arguments: tuple) -> tuple:
    seed, start, end, side, patch, ways = arguments
    pixels, told, said = [], [], []
    for number in range(start, end):
        made, source = scene(seed, number, held_out=False), random.Random((seed << 32) + number)
        pixels.append(np.asarray(drawn(made, side, side)))
        told.append(labels(made, side // patch))
        said.append([caption(made, source) for _ in range(ways)])
    return np.stack(pixels), np.stack(told), said


def labels(made: Scene, across: int) -> np.ndarray:
    """What stands in the middle of each of across x across patches, row by row, [patches, 4]: kind, color, size and count of
    its group, each `NOTHING` or 1 + its number."""
    told = np.full((across, across, len(CLASSES)), NOTHING, np.uint8)
    middles = (np.arange(across) + 0.5) / across
    xs, ys = middles * made.width, middles * HEIGHT
    for group in made.groups:  # what is drawn later hides what was drawn before
        numbers = KINDS.index(group.kind), COLOURS.index(group.colour), SIZES.index(group.size), group.count - 1
        for box in group.boxes:
            inside = np.outer(
                (ys >= box.top) & (ys <= box.top + box.height), (xs >= box.left) & (xs <= box.left + box.width)
            )
            told[inside] = [1 + number for number in numbers]
    return told.reshape(-1, len(CLASSES))
