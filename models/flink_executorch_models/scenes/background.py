"""Sky, ground and weather. Rain and snow fall behind the things of a scene."""

import random

from PIL import ImageDraw

from flink_executorch_models.scenes.pen import Colour
from flink_executorch_models.scenes.scene import HEIGHT, Scene

# By weather and time: the sky at the top and at the horizon.
_SKIES = {
    ("clear", "day"): ((112, 186, 244), (186, 222, 248)),
    ("cloudy", "day"): ((158, 168, 180), (196, 202, 208)),
    ("rainy", "day"): ((124, 136, 150), (160, 170, 180)),
    ("snowy", "day"): ((176, 188, 206), (214, 222, 232)),
    ("clear", "night"): ((12, 16, 52), (34, 42, 92)),
    ("cloudy", "night"): ((30, 32, 42), (54, 56, 66)),
    ("rainy", "night"): ((22, 26, 40), (42, 48, 64)),
    ("snowy", "night"): ((38, 44, 74), (70, 78, 110)),
}
_GROUNDS = [(138, 196, 104), (222, 204, 152), (168, 168, 172)]  # grass, sand, stone
_SNOW = (232, 238, 246)
_BANDS = 5


def draw_background(canvas: ImageDraw.ImageDraw, scene: Scene, scale: tuple[float, float], source: random.Random) -> None:
    across, down = scale
    night = scene.time == "night"
    top, low = _SKIES[scene.weather, scene.time]
    band = scene.horizon / _BANDS
    for number in range(_BANDS):
        colour = _between(top, low, number / (_BANDS - 1))
        canvas.rectangle([0, number * band * down, scene.width * across, (number + 1) * band * down], colour)
    ground = _SNOW if scene.weather == "snowy" else source.choice(_GROUNDS)
    near = _between(ground, (20, 24, 40), 0.55) if night else ground
    middle = scene.horizon + (HEIGHT - scene.horizon) * 0.4
    canvas.rectangle([0, scene.horizon * down, scene.width * across, HEIGHT * down], near)
    canvas.rectangle([0, scene.horizon * down, scene.width * across, middle * down], _between(near, low, 0.25))
    _Sky(canvas, scene, scale, source).draw()


class _Sky:
    def __init__(self, canvas: ImageDraw.ImageDraw, scene: Scene, scale: tuple[float, float], source: random.Random):
        self._canvas, self._scene, self._source = canvas, scene, source
        self._across, self._down = scale
        self._night = scene.time == "night"

    def draw(self) -> None:
        getattr(self, f"_{self._scene.weather}")()

    def _clear(self) -> None:
        corner = self._source.choice([5, self._scene.width - 17])
        if not self._night:
            self._dot(corner - 2, -3, 18, (255, 238, 150))
            self._dot(corner, -1, 14, (255, 222, 70))
            return
        for _ in range(26):
            self._dot(self._somewhere(), self._source.uniform(1, self._scene.horizon - 3), 1.1, (236, 236, 214))
        self._dot(corner, 2, 12, (240, 238, 208))
        self._dot(corner + 4, 1, 11, _SKIES["clear", "night"][0])

    def _cloudy(self) -> None:
        for number in range(4):
            left = self._scene.width * (number / 4) + self._source.uniform(-4, 4)
            self._cloud(left, self._source.uniform(0, 12), (74, 76, 88) if self._night else (236, 238, 242))

    def _rainy(self) -> None:
        for number in range(4):
            left = self._scene.width * (number / 4) + self._source.uniform(-4, 4)
            self._cloud(left, self._source.uniform(-4, 4), (58, 62, 76) if self._night else (96, 106, 120))
        colour = (110, 130, 176) if self._night else (84, 122, 190)
        for _ in range(70):
            x, y = self._somewhere(), self._source.uniform(6, HEIGHT - 4)
            line = [x * self._across, y * self._down, (x - 2) * self._across, (y + 6) * self._down]
            self._canvas.line(line, colour, max(1, round(0.7 * self._down)))

    def _snowy(self) -> None:
        for _ in range(80):
            size = self._source.uniform(1.4, 2.6)
            colour = (214, 220, 236) if self._night else (255, 255, 255)
            self._dot(self._somewhere(), self._source.uniform(0, HEIGHT), size, colour)

    def _cloud(self, left: float, top: float, colour: Colour) -> None:
        for x, y, width, height in ((0, 4, 22, 7), (4, 0, 10, 9), (11, 2, 9, 8)):
            corners = [left + x, top + y, left + x + width, top + y + height]
            self._canvas.ellipse([value * scale for value, scale in zip(corners, (self._across, self._down) * 2)], colour)

    def _dot(self, left: float, top: float, size: float, colour: Colour) -> None:
        x, y = left * self._across, top * self._down
        self._canvas.ellipse([x, y, x + size * self._across, y + size * self._down], colour)

    def _somewhere(self) -> float:
        return self._source.uniform(0, self._scene.width)


def _between(one: Colour, two: Colour, share: float) -> Colour:
    red, green, blue = (int(a + (b - a) * share) for a, b in zip(one, two, strict=True))
    return red, green, blue
