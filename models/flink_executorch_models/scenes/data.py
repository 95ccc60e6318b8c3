"""Pictures of scenes with their captions and what stands where, drawn once and kept as arrays."""

import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from flink_executorch_models.scenes.captions import caption
from flink_executorch_models.scenes.compose import scene
from flink_executorch_models.scenes.draw import drawn
from flink_executorch_models.scenes.scene import HEIGHT, Scene
from flink_executorch_models.scenes.vocabulary import COLOURS, KINDS

NOTHING = 0  # label of a patch without a thing
_BLOCK = 500


@dataclass(frozen=True)
class Pictures:
    """:param pixels: uint8 [N, side, side, 3]
    :param kinds: uint8 [N, patches], of the thing in the middle of each patch, 0 for none, else 1 + its number
    :param colours: as kinds
    :param captions: several for each picture
    """

    pixels: np.ndarray
    kinds: np.ndarray
    colours: np.ndarray
    captions: list[list[str]]


def pictures(seed: int, count: int, side: int, patch: int, ways: int = 4, workers: int = 2) -> Pictures:
    """Pictures of the training scenes from 0 on. Equal arguments give equal pictures, whatever the workers."""
    blocks = [(seed, start, min(count, start + _BLOCK), side, patch, ways) for start in range(0, count, _BLOCK)]
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(_block, blocks))
    pixels, kinds, colours = (np.concatenate([part[place] for part in parts]) for place in range(3))
    return Pictures(pixels, kinds, colours, [said for part in parts for said in part[3]])


def _block(arguments: tuple) -> tuple:
    seed, start, end, side, patch, ways = arguments
    pixels, kinds, colours, said = [], [], [], []
    for number in range(start, end):
        made, source = scene(seed, number, held_out=False), random.Random((seed << 32) + number)
        pixels.append(np.asarray(drawn(made, side, side)))
        kind, colour = labels(made, side // patch)
        kinds.append(kind)
        colours.append(colour)
        said.append([caption(made, source) for _ in range(ways)])
    return np.stack(pixels), np.stack(kinds), np.stack(colours), said


def labels(made: Scene, across: int) -> tuple[np.ndarray, np.ndarray]:
    """Kind and color at the middle of each of across x across patches, row by row."""
    kinds, colours = (np.full((across, across), NOTHING, np.uint8) for _ in range(2))
    middles = (np.arange(across) + 0.5) / across
    xs, ys = middles * made.width, middles * HEIGHT
    for group in made.groups:  # what is drawn later hides what was drawn before
        for box in group.boxes:
            inside = np.outer(
                (ys >= box.top) & (ys <= box.top + box.height), (xs >= box.left) & (xs <= box.left + box.width)
            )
            kinds[inside] = 1 + KINDS.index(group.kind)
            colours[inside] = 1 + COLOURS.index(group.colour)
    return kinds.reshape(-1), colours.reshape(-1)
