"""What a scene is made of, and the record of it that captions are held against."""

from dataclasses import dataclass

from flink_executorch_models.scenes.vocabulary import INVERSES

HEIGHT = 96.0  # of every scene, in the units of boxes; its width follows from its aspect


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Group:
    """Things of one kind, colour and size; no other group of its scene has that kind."""

    kind: str
    colour: str
    size: str
    boxes: tuple[Box, ...]
    mirrored: bool
    shade: float  # brightness of the colour, about 1

    @property
    def count(self) -> int:
        return len(self.boxes)

    @property
    def middle(self) -> tuple[float, float]:
        across = [box.left + box.width / 2 for box in self.boxes]
        down = [box.top + box.height / 2 for box in self.boxes]
        return sum(across) / self.count, sum(down) / self.count


@dataclass(frozen=True)
class Scene:
    """:param groups: in the order in which they are drawn
    :param relations: (subject, relation, object) by index of group: all that hold, of two inverse ones either
    :param look: seeds everything of the picture that is not said here
    """

    aspect: float
    horizon: float
    weather: str
    time: str
    groups: tuple[Group, ...]
    relations: tuple[tuple[int, str, int], ...]
    look: int

    @property
    def width(self) -> float:
        return HEIGHT * self.aspect

    def triples(self) -> set[tuple[str, str, str]]:
        """(kind, colour, relation) of every group that stands in a relation, as its subject."""
        found = set()
        for subject, relation, other in self.relations:
            found.add((self.groups[subject].kind, self.groups[subject].colour, relation))
            if relation in INVERSES:
                found.add((self.groups[other].kind, self.groups[other].colour, INVERSES[relation]))
        return found

    def truth(self) -> dict:
        """The record: positions are the middles of groups, as parts of the picture's width and height."""
        return {
            "objects": [
                {
                    "kind": group.kind,
                    "colour": group.colour,
                    "size": group.size,
                    "count": group.count,
                    "x": round(group.middle[0] / self.width, 3),
                    "y": round(group.middle[1] / HEIGHT, 3),
                }
                for group in self.groups
            ],
            "relations": [
                {"subject": self.groups[subject].kind, "relation": relation, "object": self.groups[other].kind}
                for subject, relation, other in self.relations
            ],
            "weather": self.weather,
            "time": self.time,
        }
