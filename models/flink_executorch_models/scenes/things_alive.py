"""How animals and plants are drawn."""

from flink_executorch_models.scenes.pen import Pen
from flink_executorch_models.scenes.things_built import SKIN, WHEEL, WOOD

LEAF, WHITE, PALE = (70, 165, 60), (250, 250, 250), (240, 225, 200)


def tree(pen: Pen) -> None:
    paint = pen.paint
    pen.block(0.4, 0.6, 0.6, 1.0, WOOD)
    pen.oval(0.0, 0.28, 0.56, 0.7, paint.body)
    pen.oval(0.44, 0.28, 1.0, 0.7, paint.body)
    pen.oval(0.16, 0.0, 0.84, 0.5, paint.body)
    pen.oval(0.2, 0.26, 0.8, 0.62, paint.body, edge=False)
    for x, y in ((0.3, 0.2), (0.6, 0.36), (0.24, 0.48), (0.72, 0.54)):
        pen.oval(x, y, x + 0.1, y + 0.06, paint.light, edge=False)


def flower(pen: Pen) -> None:
    paint = pen.paint
    pen.line([(0.5, 0.5), (0.5, 1.0)], 0.1, LEAF)
    pen.shape([(0.5, 0.9), (0.94, 0.68), (0.8, 0.92)], LEAF, edge=False)
    pen.shape([(0.5, 0.96), (0.06, 0.74), (0.2, 0.97)], LEAF, edge=False)
    for x, y in ((0.5, 0.14), (0.8, 0.28), (0.7, 0.5), (0.3, 0.5), (0.2, 0.28)):
        pen.oval(x - 0.23, y - 0.14, x + 0.23, y + 0.14, paint.body)
    pen.oval(0.33, 0.23, 0.67, 0.44, (255, 205, 60))


def mushroom(pen: Pen) -> None:
    paint = pen.paint
    pen.shape([(0.36, 0.45), (0.64, 0.45), (0.72, 1.0), (0.28, 1.0)], PALE)
    cap = [(0.0, 0.54), (0.06, 0.3), (0.22, 0.1), (0.5, 0.0), (0.78, 0.1), (0.94, 0.3), (1.0, 0.54)]
    pen.shape(cap, paint.body)
    for x, y, r in ((0.28, 0.28, 0.08), (0.56, 0.16, 0.08), (0.72, 0.38, 0.08)):
        pen.oval(x - r, y - r, x + r, y + r, WHITE if sum(paint.body) < 650 else (205, 205, 210), edge=False)


def cat(pen: Pen) -> None:
    paint = pen.paint
    pen.line([(0.72, 0.92), (0.95, 0.86), (0.96, 0.6), (0.88, 0.54)], 0.1, paint.edge)
    pen.line([(0.72, 0.92), (0.94, 0.86), (0.95, 0.6)], 0.07, paint.body)
    pen.oval(0.16, 0.44, 0.8, 1.0, paint.body)
    pen.shape([(0.1, 0.24), (0.12, 0.0), (0.36, 0.14)], paint.body)
    pen.shape([(0.82, 0.24), (0.8, 0.0), (0.56, 0.14)], paint.body)
    pen.oval(0.08, 0.1, 0.84, 0.58, paint.body)
    for left in (0.24, 0.56):
        pen.oval(left, 0.26, left + 0.13, 0.38, (210, 230, 90), edge=False)
        pen.oval(left + 0.04, 0.28, left + 0.09, 0.37, WHEEL, edge=False)
    pen.shape([(0.41, 0.42), (0.51, 0.42), (0.46, 0.48)], (240, 130, 140), edge=False)


def rabbit(pen: Pen) -> None:
    paint = pen.paint
    for left in (0.16, 0.54):
        pen.oval(left, 0.0, left + 0.28, 0.46, paint.body)
        pen.oval(left + 0.09, 0.07, left + 0.19, 0.38, (250, 180, 190), edge=False)
    pen.oval(0.08, 0.58, 0.92, 1.0, paint.body)
    pen.oval(0.1, 0.34, 0.9, 0.72, paint.body)
    pen.oval(0.32, 0.76, 0.68, 0.99, PALE, edge=False)
    for left in (0.26, 0.62):
        pen.oval(left, 0.46, left + 0.13, 0.54, WHEEL, edge=False)
    pen.oval(0.42, 0.56, 0.58, 0.63, (240, 120, 140), edge=False)


def fish(pen: Pen) -> None:
    paint = pen.paint
    pen.shape([(0.3, 0.5), (0.0, 0.06), (0.08, 0.5), (0.0, 0.94)], paint.dark)
    pen.shape([(0.4, 0.2), (0.56, 0.0), (0.7, 0.2)], paint.dark)
    pen.oval(0.18, 0.12, 1.0, 0.88, paint.body)
    pen.oval(0.74, 0.3, 0.88, 0.52, WHITE, edge=False)
    pen.oval(0.8, 0.36, 0.87, 0.48, WHEEL, edge=False)
    pen.line([(0.62, 0.24), (0.56, 0.5), (0.62, 0.76)], 0.04, paint.edge)


def bird(pen: Pen) -> None:
    paint = pen.paint
    pen.shape([(0.2, 0.56), (0.0, 0.44), (0.02, 0.74)], paint.dark)
    pen.oval(0.12, 0.42, 0.8, 0.86, paint.body)
    pen.oval(0.62, 0.24, 0.92, 0.62, paint.body)
    pen.shape([(0.9, 0.38), (1.0, 0.45), (0.9, 0.5)], (255, 160, 30), edge=False)
    pen.shape([(0.3, 0.6), (0.14, 0.0), (0.36, 0.08), (0.62, 0.58)], paint.dark)
    pen.oval(0.76, 0.34, 0.83, 0.43, WHITE, edge=False)
    pen.line([(0.4, 0.86), (0.38, 1.0)], 0.05, (255, 160, 30))
    pen.line([(0.52, 0.86), (0.52, 1.0)], 0.05, (255, 160, 30))


def butterfly(pen: Pen) -> None:
    paint = pen.paint
    for side in (0, 1):
        x = (lambda value: value) if side == 0 else (lambda value: 1 - value)
        pen.shape([(x(0.48), 0.5), (x(0.3), 0.06), (x(0.08), 0.0), (x(0.0), 0.22), (x(0.1), 0.5)], paint.body)
        pen.shape([(x(0.48), 0.5), (x(0.14), 0.54), (x(0.1), 0.84), (x(0.28), 1.0), (x(0.42), 0.86)], paint.dark)
        left, right = sorted((x(0.1), x(0.26)))
        pen.oval(left, 0.14, right, 0.36, paint.light, edge=False)
    pen.oval(0.44, 0.16, 0.56, 0.9, WHEEL, edge=False)
    pen.line([(0.32, 0.0), (0.5, 0.22), (0.68, 0.0)], 0.03, WHEEL)


def snail(pen: Pen) -> None:
    paint = pen.paint
    pen.shape([(0.0, 1.0), (0.1, 0.8), (0.7, 0.78), (0.76, 0.36), (0.96, 0.36), (0.96, 0.8), (0.86, 1.0)], SKIN)
    pen.line([(0.82, 0.38), (0.76, 0.1)], 0.04, WOOD)
    pen.line([(0.92, 0.38), (0.96, 0.1)], 0.04, WOOD)
    pen.oval(0.06, 0.0, 0.74, 0.9, paint.body)
    pen.ring(0.18, 0.16, 0.62, 0.74, 0.05, paint.edge)
    pen.ring(0.32, 0.32, 0.54, 0.6, 0.05, paint.edge)
