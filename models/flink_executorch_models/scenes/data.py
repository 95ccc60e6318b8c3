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
    :param captions: one for each picture
    """

    pixels: np.ndarray
    labels: np.ndarray
    captions: list[str]


def pictures(seed: int, count: int, side: int, patch: int, workers: int = 2) -> Pictures:
    """Pictures of the training scenes from 0 on. Equal arguments give equal pictures, whatever the workers."""
    starts = range(0, count, _BLOCK)
    blocks = [(seed, start, min(count, start + _BLOCK), side, patch) for start in starts]
    made = Pictures(
        np.empty((count, side, side, 3), np.uint8), np.empty((count, (side // patch) ** 2, len(CLASSES)), np.uint8), []
    )
    with ProcessPoolExecutor(workers) as pool:
        for start, (pixels, told, said) in zip(starts, pool.map(_block, blocks), strict=True):
            made.pixels[start : start + len(said)] = pixels
            made.labels[start : start + len(said)] = told
            made.captions.extend(said)
    return made


def _block(arguments: tuple) -> tuple:
    seed, start, end, side, patch = arguments
    pixels, told, said = [], [], []
    for number in range(start, end):
        made, source = scene(seed, number, held_out=False), random.Random((seed << 32) + number)
        pixels.append(np.asarray(drawn(made, side, side)))
        told.append(labels(made, side // patch))
        said.append(caption(made, source))
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
