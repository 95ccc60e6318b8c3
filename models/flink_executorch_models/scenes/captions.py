"""Says what a scene shows, in one of several ways. Every group is named, with its count, color and size."""

import random

from flink_executorch_models.scenes.scene import Group, Scene
from flink_executorch_models.scenes.vocabulary import (
    BACK,
    INVERSES,
    PLURALS,
    RELATION_PHRASES,
    SETTINGS,
    SIZE_WORDS,
    phrases_of,
)

_NUMBERS = {2: "two", 3: "three", 4: "four"}
_SIDES = ("left of", "right of")
_USUAL = 0.75  # how often the first of several words or phrases of one meaning is taken


def caption(scene: Scene, source: random.Random) -> str:
    words = _Words(scene, source)
    sentences = _WAYS[len(scene.groups)](words)
    text = ". ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
    return f"{text}."


class _Words:
    """The scene's groups, relations and setting in words chosen by lot."""

    def __init__(self, scene: Scene, source: random.Random):
        self.scene, self.source = scene, source
        self.setting = self.one_of(phrases_of(SETTINGS, {"weather": scene.weather, "time": scene.time}))

    def one_of(self, choices: list[str]) -> str:
        usual = len(choices) == 1 or self.source.random() < _USUAL
        return choices[0] if usual else self.source.choice(choices[1:])

    def group(self, index: int) -> str:
        group = self.scene.groups[index]
        size = "" if group.size == "medium" else self.one_of(phrases_of(SIZE_WORDS, group.size)) + " "
        rest = f"{size}{group.colour} {_noun(group)}"
        if group.count > 1:
            return f"{_NUMBERS[group.count]} {rest}"
        return f"an {rest}" if rest[0] in "aeiou" else f"a {rest}"

    def again(self, index: int) -> str:
        return f"the {_noun(self.scene.groups[index])}"

    def relation(self, name: str) -> str:
        return self.one_of(phrases_of(RELATION_PHRASES, name))

    def be(self, index: int) -> str:
        return "are" if self.scene.groups[index].count > 1 else "is"

    def back(self, index: int) -> str:
        return BACK[1] if self.scene.groups[index].count > 1 else BACK[0]


def _noun(group: Group) -> str:
    return PLURALS[group.kind] if group.count > 1 else group.kind


def _of_one(words: _Words) -> list[str]:
    group, setting = words.group(0), words.setting
    return [words.one_of([f"{group} {setting}", f"{setting}, {group}", f"there {words.be(0)} {group} {setting}"])]


def _of_two(words: _Words) -> list[str]:
    ((subject, relation, other),) = words.scene.relations
    if relation in INVERSES and words.source.random() < 0.25:
        subject, relation, other = other, INVERSES[relation], subject
    one, two, setting = words.group(subject), words.group(other), words.setting
    how, be = words.relation(relation), words.be(subject)
    ways = [
        f"{one} {how} {two} {setting}",
        f"{setting}, {one} {be} {how} {two}",
        f"there {be} {one} {how} {two} {setting}",
        f"{how} {two} {be} {one} {setting}",
        f"{two} with {one} {how} {words.back(other)} {setting}",
    ]
    return [words.one_of(ways)]


def _of_three(words: _Words) -> list[str]:
    """A pair and its neighbor, or three side by side, in the order from left to right."""
    close = [held for held in words.scene.relations if held[1] not in _SIDES]
    if not close:
        row = f"from left to right, {words.group(0)}, {words.group(1)} and {words.group(2)}"
        middle = f"{words.group(1)} {words.relation('right of')} {words.group(0)} and {words.relation('left of')} {words.group(2)}"
        return [words.one_of([f"{row} {words.setting}", f"{middle} {words.setting}", f"{words.setting}, {row}"])]
    ((subject, relation, other),) = close
    (third,) = {0, 1, 2} - {subject, other}
    side = "left of" if subject < third else "right of"
    one, two, three, setting = words.group(subject), words.group(other), words.group(third), words.setting
    how, beside, be = words.relation(relation), words.relation(side), words.be(subject)
    ways = [
        [f"{one} {how} {two} and {beside} {three} {setting}"],
        [f"{setting}, {one} {be} {how} {two} and {beside} {three}"],
        [f"{one} {how} {two} {setting}", f"{words.again(other)} {words.be(other)} {beside} {three}"],
        [f"{one} {how} {two} {setting}", f"{words.relation(INVERSES[side])} {words.again(other)} {words.be(third)} {three}"],
    ]
    return ways[0] if words.source.random() < _USUAL else words.source.choice(ways[1:])


_WAYS = {1: _of_one, 2: _of_two, 3: _of_three}
