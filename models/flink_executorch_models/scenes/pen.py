"""Draws shapes in the unit square of a box: a thing looks the same at every size."""

from dataclasses import dataclass

from PIL import ImageDraw

from flink_executorch_models.scenes.scene import Box

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Paint:
    """The colours of one thing.

    :param edge: of outlines, which keep a thing apart from a ground of its own colour
    :param light: a lighter body, :param dark: a darker one
    """

    body: Colour
    edge: Colour
    light: Colour
    dark: Colour


class Pen:
    """:param scale: pixels of a unit, across and down"""

    def __init__(self, canvas: ImageDraw.ImageDraw, scale: tuple[float, float], box: Box, mirrored: bool, paint: Paint):
        self._canvas, self.paint = canvas, paint
        self._left, self._top = box.left * scale[0], box.top * scale[1]
        self._across, self._down = box.width * scale[0], box.height * scale[1]
        if mirrored:
            self._left, self._across = self._left + self._across, -self._across
        self._line = max(1, round(0.8 * scale[1]))

    def shape(self, points: list[tuple[float, float]], fill: Colour, edge: bool = True) -> None:
        at = [self._at(x, y) for x, y in points]
        self._canvas.polygon(at, fill)
        if edge:
            self._canvas.line([*at, at[0]], self.paint.edge, self._line, joint="curve" if self._line > 4 else None)

    def oval(self, left: float, top: float, right: float, bottom: float, fill: Colour, edge: bool = True) -> None:
        self._canvas.ellipse(self._corners(left, top, right, bottom), fill, self.paint.edge if edge else None, self._line)

    def block(self, left: float, top: float, right: float, bottom: float, fill: Colour, edge: bool = True) -> None:
        corners = self._corners(left, top, right, bottom)
        self._canvas.rectangle(corners, fill, self.paint.edge if edge else None, self._line)

    def ring(self, left: float, top: float, right: float, bottom: float, width: float, fill: Colour) -> None:
        """An oval's outline; `width` is a part of the box's width."""
        self._canvas.ellipse(self._corners(left, top, right, bottom), None, fill, self._thick(width))

    def line(self, points: list[tuple[float, float]], width: float, fill: Colour) -> None:
        self._canvas.line([self._at(x, y) for x, y in points], fill, self._thick(width), joint="curve")

    def _thick(self, width: float) -> int:
        return max(1, round(width * abs(self._across)))

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return self._left + x * self._across, self._top + y * self._down

    def _corners(self, left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
        (x0, y0), (x1, y1) = self._at(left, top), self._at(right, bottom)
        return [(min(x0, x1), y0), (max(x0, x1), y1)]
