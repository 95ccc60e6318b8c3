"""How furniture and what stands on it is drawn."""

from flink_executorch_models.scenes.pen import Pen
from flink_executorch_models.scenes.things_alive import LEAF, WHITE
from flink_executorch_models.scenes.things_built import METAL, WHEEL, WOOD


def lamp(pen: Pen) -> None:
    paint = pen.paint
    pen.block(0.44, 0.4, 0.56, 0.94, METAL)
    pen.oval(0.16, 0.86, 0.84, 1.0, METAL)
    pen.shape([(0.28, 0.0), (0.72, 0.0), (1.0, 0.46), (0.0, 0.46)], paint.body)
    pen.oval(0.34, 0.42, 0.66, 0.56, (255, 245, 170), edge=False)


def cup(pen: Pen) -> None:
    paint = pen.paint
    pen.ring(0.6, 0.26, 1.0, 0.78, 0.13, paint.edge)
    pen.ring(0.63, 0.3, 0.97, 0.74, 0.08, paint.body)
    pen.shape([(0.0, 0.12), (0.78, 0.12), (0.68, 1.0), (0.1, 1.0)], paint.body)
    pen.oval(0.0, 0.0, 0.78, 0.24, paint.light)
    pen.oval(0.1, 0.06, 0.68, 0.19, (95, 60, 35), edge=False)


def bottle(pen: Pen) -> None:
    paint = pen.paint
    pen.block(0.34, 0.0, 0.66, 0.1, WOOD)
    pen.shape([(0.34, 0.09), (0.66, 0.09), (0.66, 0.3), (1.0, 0.46), (1.0, 1.0), (0.0, 1.0), (0.0, 0.46), (0.34, 0.3)], paint.body)
    pen.block(0.0, 0.58, 1.0, 0.84, (250, 245, 225), edge=False)


def apple(pen: Pen) -> None:
    paint = pen.paint
    pen.line([(0.5, 0.26), (0.54, 0.0)], 0.09, WOOD)
    pen.shape([(0.54, 0.14), (0.7, 0.0), (0.96, 0.06), (0.8, 0.2)], LEAF)
    pen.oval(0.0, 0.18, 0.62, 0.92, paint.body)
    pen.oval(0.38, 0.18, 1.0, 0.92, paint.body)
    pen.shape([(0.14, 0.8), (0.86, 0.8), (0.66, 1.0), (0.5, 0.95), (0.34, 1.0)], paint.body, edge=False)
    pen.oval(0.24, 0.26, 0.76, 0.88, paint.body, edge=False)
    pen.oval(0.14, 0.3, 0.3, 0.5, paint.light, edge=False)


def ball(pen: Pen) -> None:
    paint = pen.paint
    stripe = WHITE if sum(paint.body) < 650 else (200, 60, 60)
    pen.oval(0.0, 0.0, 1.0, 1.0, paint.body)
    pen.shape([(0.06, 0.4), (0.3, 0.46), (0.7, 0.46), (0.94, 0.4), (0.97, 0.58), (0.7, 0.66), (0.3, 0.66), (0.03, 0.58)], stripe)
    pen.oval(0.24, 0.12, 0.44, 0.28, paint.light, edge=False)


def book(pen: Pen) -> None:
    paint = pen.paint
    pen.shape([(0.0, 0.12), (0.5, 0.24), (1.0, 0.12), (1.0, 0.9), (0.5, 1.0), (0.0, 0.9)], paint.body)
    pen.shape([(0.1, 0.06), (0.5, 0.16), (0.5, 0.82), (0.1, 0.7)], (255, 252, 240))
    pen.shape([(0.9, 0.06), (0.5, 0.16), (0.5, 0.82), (0.9, 0.7)], (255, 252, 240))
    for y in (0.26, 0.42, 0.56):
        pen.line([(0.18, y), (0.42, y + 0.06)], 0.03, METAL)
        pen.line([(0.82, y), (0.58, y + 0.06)], 0.03, METAL)


def clock(pen: Pen) -> None:
    paint = pen.paint
    pen.line([(0.24, 0.84), (0.12, 1.0)], 0.1, METAL)
    pen.line([(0.76, 0.84), (0.88, 1.0)], 0.1, METAL)
    pen.oval(0.06, 0.0, 0.42, 0.3, paint.dark)
    pen.oval(0.58, 0.0, 0.94, 0.3, paint.dark)
    pen.oval(0.02, 0.08, 0.98, 0.96, paint.body)
    pen.oval(0.2, 0.25, 0.8, 0.8, WHITE)
    pen.line([(0.5, 0.32), (0.5, 0.54), (0.66, 0.62)], 0.06, WHEEL)


def table(pen: Pen) -> None:
    paint = pen.paint
    for left in (0.05, 0.86):
        pen.block(left, 0.16, left + 0.09, 1.0, paint.dark)
    pen.block(0.0, 0.0, 1.0, 0.2, paint.body)


def chair(pen: Pen) -> None:
    paint = pen.paint
    for left in (0.02, 0.84):
        pen.block(left, 0.56, left + 0.14, 1.0, paint.dark)
    pen.block(0.02, 0.0, 0.18, 0.56, paint.body)
    pen.block(0.02, 0.08, 0.3, 0.2, paint.body, edge=False)
    pen.block(0.0, 0.49, 1.0, 0.63, paint.body)
