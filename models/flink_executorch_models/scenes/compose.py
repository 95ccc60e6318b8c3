"""Random scenes from a seed, and the line between those a model may train on and those it is measured on."""

import random
import zlib
from dataclasses import replace

from flink_executorch_models.scenes.layout import Cluster, above, behind, carried, covered, single
from flink_executorch_models.scenes.scene import HEIGHT, Scene
from flink_executorch_models.scenes.vocabulary import KINDS, TIMES, WEATHERS

ASPECTS = [1.0, 4 / 3]
_HELD_OUT_SHARE = 8
_MARGIN, _GAP = 2.0, 5.0
# How many clusters stand side by side, which of them are pairs, and how often.
_PLANS = {("single",): 16, ("single", "single"): 22, ("pair",): 32, ("pair", "single"): 20, ("single",) * 3: 10}
_PAIRS = [carried, covered, behind, above]


def is_held_out(kind: str, colour: str, relation: str) -> bool:
    return zlib.crc32(f"{kind}|{colour}|{relation}".encode()) % _HELD_OUT_SHARE == 0


def scene(seed: int, number: int, held_out: bool) -> Scene:
    """The scene of this number. A held-out one shows at least one thing, in one colour and one relation, that no training
    scene shows; a thing alone in its picture has no relation, so pictures of one kind are for training only."""
    source = random.Random((seed << 32) + number)
    while True:
        made = _scene(source)
        if made and any(is_held_out(*triple) for triple in made.triples()) == held_out:
            return made


def _scene(source: random.Random) -> Scene | None:
    """None if what was drawn does not fit."""
    aspect, horizon = source.choice(ASPECTS), source.uniform(46, 56)
    plan = list(source.choices(list(_PLANS), _PLANS.values())[0])
    source.shuffle(plan)
    clusters, left = [], set(KINDS)
    for part in plan:
        make = single if part == "single" else source.choice(_PAIRS)
        cluster = make(source, left, horizon)
        if cluster is None:
            return None
        left -= {group.kind for group in cluster.groups}
        clusters.append(cluster)
    free = HEIGHT * aspect - 2 * _MARGIN - _GAP * (len(clusters) - 1) - sum(cluster.width for cluster in clusters)
    if free < 0:
        return None
    groups, relations = _placed(source, clusters, free)
    weather, time = source.choice(WEATHERS), source.choice(TIMES)
    return Scene(aspect, horizon, weather, time, groups, relations, source.getrandbits(32))


def _placed(source: random.Random, clusters: list[Cluster], free: float) -> tuple[tuple, tuple]:
    cuts = sorted(source.uniform(0, free) for _ in clusters)
    groups, relations, taken = [], [], _MARGIN
    for number, (cluster, cut) in enumerate(zip(clusters, cuts, strict=True)):
        moved = [
            replace(group, boxes=tuple(replace(box, left=box.left + taken + cut) for box in group.boxes))
            for group in cluster.groups
        ]
        first = len(groups)
        relations += [(left, "left of", first + own) for left in range(first) for own in range(len(moved))]
        if cluster.relation:
            subject, relation, other = cluster.relation
            relations.append((first + subject, relation, first + other))
        groups += moved
        taken += cluster.width + _GAP
    return tuple(groups), tuple(relations)


