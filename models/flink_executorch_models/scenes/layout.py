"""Clusters: a group by itself, or two groups one of which is on, under, behind or above the other.

A cluster's boxes start at 0 from the left. Whoever makes one returns None if what was drawn by lot does not fit.
"""

import random
from collections.abc import Collection
from dataclasses import dataclass

from flink_executorch_models.scenes.kinds import (
    CARRIED,
    CARRIERS,
    COVERED,
    COVERS,
    FLYING,
    IN_FRONT,
    LENGTHS,
    SHAPES,
    TALL,
)
from flink_executorch_models.scenes.scene import HEIGHT, Box, Group
from flink_executorch_models.scenes.vocabulary import COLOURS, KINDS, SIZES

_LOWEST = HEIGHT - 4
_SKY_TOP = 4.0


@dataclass(frozen=True)
class Cluster:
    """:param relation: (subject, relation, object) by index of group, None of a group alone"""

    groups: tuple[Group, ...]
    relation: tuple[int, str, int] | None = None

    @property
    def width(self) -> float:
        return max(box.left + box.width for group in self.groups for box in group.boxes)


@dataclass(frozen=True)
class _Model:
    """A thing to be put down somewhere: what it is, and its measures."""

    kind: str
    colour: str
    size: str
    width: float
    height: float
    mirrored: bool
    shade: float

    @property
    def step(self) -> float:
        return self.width * 1.08 + 1.5

    def row_width(self, count: int) -> float:
        return self.step * (count - 1) + self.width

    def row(self, count: int, left: float, base: float) -> tuple[Box, ...]:
        tops = base - self.height
        return tuple(Box(left + self.step * number, tops, self.width, self.height) for number in range(count))

    def group(self, boxes: tuple[Box, ...]) -> Group:
        return Group(self.kind, self.colour, self.size, boxes, self.mirrored, self.shade)


def _model(source: random.Random, kinds: Collection[str], left: Collection[str], sizes: list[str]) -> _Model:
    kind = source.choice([kind for kind in KINDS if kind in kinds and kind in left])
    size, (width, height) = source.choice(sizes), SHAPES[kind]
    length = LENGTHS[size] * source.uniform(0.94, 1.06)
    return _Model(
        kind,
        source.choice(COLOURS),
        size,
        width * length,
        height * length,
        source.random() < 0.5,
        source.uniform(0.92, 1.05),
    )


def single(source: random.Random, left: set[str], horizon: float) -> Cluster | None:
    model, count = _model(source, KINDS, left, SIZES), source.choice([1, 1, 1, 2, 2, 3, 4])
    back = count // 2 if count > 2 and source.random() < 0.5 else 0  # how many stand in a row behind
    front, lift = count - back, model.height * 1.06 + 1.5
    highest = _SKY_TOP + model.height + (lift if back else 0)
    if model.kind in FLYING:
        lowest = 56.0
    else:
        lowest, highest = _LOWEST, max(horizon + 9 + (lift * 0.6 if back else 0), highest)
    if highest > lowest:
        return None
    base = source.uniform(highest, lowest)
    boxes = model.row(front, 0, base)
    if back:
        boxes = model.row(back, (model.row_width(front) - model.row_width(back)) / 2, base - lift) + boxes
    return Cluster((model.group(boxes),))


def carried(source: random.Random, left: set[str], horizon: float) -> Cluster | None:
    """Things on a table, a chair, a car or a bus."""
    carrier = _model(source, CARRIERS, left, ["medium", "large", "large"])
    thing = _model(source, CARRIED, left - {carrier.kind}, ["small", "small", "medium"])
    down, wide = CARRIERS[carrier.kind]
    count = _most(source, thing, carrier.width * wide)
    if not count or LENGTHS[thing.size] >= LENGTHS[carrier.size]:
        return None
    base = source.uniform(max(horizon + 14, carrier.height + thing.height + _SKY_TOP), _LOWEST)
    top = base - carrier.height * (1 - down)
    boxes = thing.row(count, (carrier.width - thing.row_width(count)) / 2, top)
    return Cluster((carrier.group(carrier.row(1, 0, base)), thing.group(boxes)), (1, "on", 0))


def covered(source: random.Random, left: set[str], horizon: float) -> Cluster | None:
    """Things under a table, a chair or an umbrella."""
    cover, thing = _model(source, COVERS, left, ["large"]), _model(source, COVERED, left, ["small"])
    wide, high = COVERS[cover.kind]
    count = _most(source, thing, cover.width * wide, most=2)
    if not count or thing.height > cover.height * high:
        return None
    base = source.uniform(max(horizon + 12, cover.height + _SKY_TOP), _LOWEST)
    boxes = thing.row(count, (cover.width - thing.row_width(count)) / 2, base)
    return Cluster((cover.group(cover.row(1, 0, base)), thing.group(boxes)), (1, "under", 0))


def behind(source: random.Random, left: set[str], horizon: float) -> Cluster | None:
    """A house, a tree or the like, partly hidden by things in front of it."""
    tall = _model(source, TALL, left, ["medium", "large", "large"])
    thing = _model(source, IN_FRONT, left, ["small", "small", "medium"])
    count = _most(source, thing, tall.width * 1.1, most=2)
    step = source.uniform(6, 9)  # the thing stands nearer by so much
    if not count or thing.height - step > tall.height * 0.4:
        return None
    base = source.uniform(max(horizon + 14, tall.height + _SKY_TOP + step), _LOWEST)
    slack = tall.width - thing.row_width(count)
    start = slack * source.uniform(0.1, 0.9) if slack > 0 else slack / 2
    shift = max(0.0, -start)
    groups = (tall.group(tall.row(1, shift, base - step)), thing.group(thing.row(count, start + shift, base)))
    return Cluster(groups, (0, "behind", 1))


def above(source: random.Random, left: set[str], horizon: float) -> Cluster | None:
    """Birds, butterflies, balloons or kites in the air above things on the ground."""
    flyer = _model(source, FLYING, left, ["small", "small", "medium"])
    thing = _model(source, set(KINDS) - FLYING, left, SIZES)
    count, flyers = source.choice([1, 1, 2]), source.choice([1, 1, 2, 3])
    base = source.uniform(max(horizon + 12, 72), _LOWEST)
    highest, lowest = _SKY_TOP + flyer.height, base - thing.height - 3
    wide, air = thing.row_width(count), flyer.row_width(flyers)
    if highest > lowest or max(wide, air) > 60:
        return None
    start = (wide - air) / 2 + source.uniform(-3, 3)
    shift = max(0.0, -start)
    flown = flyer.group(flyer.row(flyers, start + shift, source.uniform(highest, min(lowest, 56))))
    return Cluster((thing.group(thing.row(count, shift, base)), flown), (1, "above", 0))


def _most(source: random.Random, thing: _Model, width: float, most: int = 3) -> int:
    """A number of things that fit side by side, rather a small one; 0 if none fits."""
    fit = [count for count in range(1, most + 1) if thing.row_width(count) <= width]
    return source.choice(fit[:1] + fit) if fit else 0
