"""Draws a scene at any size: twice as large as wanted, then down, which smooths every edge."""

import random

from PIL import Image, ImageDraw

from flink_executorch_models.scenes import things_alive, things_built, things_inside
from flink_executorch_models.scenes.background import draw_background
from flink_executorch_models.scenes.pen import Colour, Paint, Pen
from flink_executorch_models.scenes.scene import HEIGHT, Group, Scene
from flink_executorch_models.scenes.vocabulary import KINDS

PALETTE = {
    "red": (214, 36, 40),
    "orange": (250, 130, 10),
    "yellow": (252, 216, 40),
    "green": (30, 140, 55),
    "blue": (36, 84, 220),
    "purple": (126, 44, 176),
    "pink": (255, 142, 196),
    "brown": (120, 72, 36),
    "white": (248, 248, 248),
    "black": (36, 36, 40),
}
_OVERSAMPLING = 2
_NIGHT = 0.84  # how much of a color is left
_DRAWN_BY = {kind: getattr(part, kind) for part in (things_alive, things_built, things_inside) for kind in KINDS if hasattr(part, kind)}


def drawn(scene: Scene, width: int, height: int) -> Image.Image:
    """The picture, RGB. Where width to height is not the scene's aspect, everything is stretched."""
    large = (width * _OVERSAMPLING, height * _OVERSAMPLING)
    scale = (large[0] / scene.width, large[1] / HEIGHT)
    image = Image.new("RGB", large)
    canvas, source = ImageDraw.Draw(image), random.Random(scene.look)
    draw_background(canvas, scene, scale, source)
    for group in scene.groups:
        paint = _paint(group, scene.time)
        for box in group.boxes:
            _DRAWN_BY[group.kind](Pen(canvas, scale, box, group.mirrored, paint))
    return image.resize((width, height), Image.Resampling.BOX)


def _paint(group: Group, time: str) -> Paint:
    shade = group.shade * (_NIGHT if time == "night" else 1.0)
    body = _times(PALETTE[group.colour], shade)
    if group.colour == "black":
        return Paint(body, (128, 128, 134), _mixed(body, (255, 255, 255), 0.3), _times(body, 0.7))
    edge = (96, 96, 108) if group.colour == "white" else _times(body, 0.5)
    return Paint(body, edge, _mixed(body, (255, 255, 255), 0.35), _times(body, 0.82))


def _times(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, int(part * factor)) for part in colour)
    return red, green, blue


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (int(one * (1 - share) + two * share) for one, two in zip(colour, other, strict=True))
    return red, green, blue
