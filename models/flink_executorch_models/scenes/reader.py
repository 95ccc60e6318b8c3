"""Reads a caption by the rules of `vocabulary.json`, and holds what it says against the truth of a scene."""

import re
from dataclasses import dataclass, field

from flink_executorch_models.scenes.vocabulary import (
    BACK,
    COLOURS,
    COUNT_WORDS,
    INVERSES,
    KINDS,
    PLURALS,
    RELATION_PHRASES,
    ROW,
    SETTINGS,
    SIZE_WORDS,
)

_SETTINGS = {tuple(phrase.split()): meaning for phrase, meaning in SETTINGS.items()}
# What a phrase is, and what it means; a singular that is its own plural stands for both.
_PHRASES = {
    tuple(phrase.split()): (what, meaning)
    for what, phrases in (
        ("row", {phrase: None for phrase in ROW}),
        ("relation", RELATION_PHRASES),
        ("kind", {plural: kind for kind, plural in PLURALS.items()} | {kind: kind for kind in KINDS}),
        ("colour", {colour: colour for colour in COLOURS}),
        ("size", SIZE_WORDS),
        ("count", COUNT_WORDS),
    )
    for phrase, meaning in phrases.items()
}
_LONGEST = max(len(phrase) for phrase in [*_PHRASES, *_SETTINGS])


@dataclass
class Caption:
    """What a caption says. `things` holds for each kind what is said of it: colour, size, count."""

    things: dict[str, dict] = field(default_factory=dict)
    relations: list[tuple[str, str, str]] = field(default_factory=list)
    weather: str | None = None
    time: str | None = None


@dataclass(frozen=True)
class Score:
    """A caption against the truth. `right` of `stated` single facts are right; a thing that is not named counts as stated and
    wrong.

    :param named: each thing of the scene is named, and no other
    :param colours: all colors are said and right; so for counts, sizes and relations
    :param relations: all said relations hold, and there are enough of them to tie all things together
    """

    named: bool
    colours: bool
    counts: bool
    sizes: bool
    relations: bool
    setting: bool
    things: int
    things_named: int
    right: int
    stated: int

    @property
    def perfect(self) -> bool:
        return self.named and self.colours and self.counts and self.relations


def read(text: str) -> Caption:
    caption = Caption()
    for sentence in re.split(r"[.;]", text.lower()):
        words = _without_settings(re.findall(r"[a-z]+", sentence), caption)
        _Sentence(caption).read(words)
    for thing in caption.things.values():
        thing.setdefault("size", "medium")
    return caption


def score(caption: Caption, truth: dict) -> Score:
    wanted = {thing["kind"]: thing for thing in truth["objects"]}
    told = caption.things
    found = [kind for kind in wanted if kind in told]

    def right(what: str) -> int:
        return sum(told[kind].get(what) == wanted[kind][what] for kind in found)

    holding = {(held["subject"], held["relation"], held["object"]) for held in truth["relations"]}
    holding |= {(other, INVERSES[relation], subject) for subject, relation, other in holding if relation in INVERSES}
    relations = sum(told_relation in holding for told_relation in caption.relations)
    setting = (caption.weather == truth["weather"]) + (caption.time == truth["time"])
    facts = sum(len(thing) for thing in told.values())
    return Score(
        named=set(told) == set(wanted),
        colours=right("colour") == len(wanted),
        counts=right("count") == len(wanted),
        sizes=right("size") == len(wanted),
        relations=len(wanted) - 1 <= len(caption.relations) == relations,
        setting=setting == 2,
        things=len(wanted),
        things_named=len(found),
        right=len(found) + sum(right(what) for what in ("colour", "size", "count")) + relations + setting,
        stated=len(told) + facts + len(caption.relations) + 2 + len(wanted) - len(found),
    )


def _without_settings(words: list[str], caption: Caption) -> list[str]:
    left, at = [], 0
    while at < len(words):
        length = _longest(_SETTINGS, words, at)
        if length:
            setting = _SETTINGS[tuple(words[at : at + length])]
            caption.weather, caption.time = setting["weather"], setting["time"]
            at += length
        else:
            left.append(words[at])
            at += 1
    return left


def _longest(phrases: dict, words: list[str], at: int) -> int:
    """How many words the longest phrase has that stands here, 0 if none does."""
    return next((length for length in range(_LONGEST, 0, -1) if tuple(words[at : at + length]) in phrases), 0)


class _Sentence:
    def __init__(self, caption: Caption):
        self._caption = caption
        self._mentions: list[str] = []
        self._said: dict = {}  # of the thing to come
        self._open: str | None = None  # a relation whose object is to come
        self._first: str | None = None  # a relation that came before any mention
        self._row = False

    def read(self, words: list[str]) -> None:
        at = 0
        while at < len(words):
            length = _longest(_PHRASES, words, at)
            what, meaning = _PHRASES.get(tuple(words[at : at + length]), (None, None))
            at += max(1, length)
            if what == "row":
                self._row = True
            elif what == "relation":
                self._relation(meaning, at < len(words) and words[at] in BACK)
            elif what == "kind":
                self._mention(meaning)
            elif what:
                self._said[what] = meaning

    def _relation(self, relation: str, back: bool) -> None:
        if not self._mentions:
            self._first = relation
        elif back:
            self._add(self._mentions[-1], relation, self._mentions[0])
        else:
            self._open = relation

    def _mention(self, kind: str) -> None:
        thing = self._caption.things.setdefault(kind, {})
        for what, meaning in self._said.items():
            thing.setdefault(what, meaning)
        if self._row and self._mentions:
            self._add(self._mentions[-1], "left of", kind)
        if self._open:
            self._add(self._mentions[0], self._open, kind)
        if self._first and len(self._mentions) == 1:
            self._add(kind, self._first, self._mentions[0])
        self._mentions.append(kind)
        self._said, self._open = {}, None

    def _add(self, subject: str, relation: str, other: str) -> None:
        self._caption.relations.append((subject, relation, other))
