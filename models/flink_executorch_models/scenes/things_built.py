"""How houses, vehicles and what flies without wings are drawn."""

from flink_executorch_models.scenes.pen import Pen

GLASS, METAL, WHEEL, WOOD, SKIN = (190, 225, 245), (130, 130, 138), (45, 45, 50), (140, 95, 55), (250, 215, 160)


def house(pen: Pen) -> None:
    paint = pen.paint
    pen.block(0.78, 0.02, 0.9, 0.3, METAL)
    pen.block(0.1, 0.42, 0.9, 1.0, paint.body)
    pen.shape([(0.0, 0.45), (0.5, 0.0), (1.0, 0.45)], paint.dark)
    pen.block(0.2, 0.54, 0.4, 0.74, GLASS)
    pen.block(0.56, 0.58, 0.78, 1.0, WOOD)


def tent(pen: Pen) -> None:
    paint = pen.paint
    pen.shape([(0.0, 1.0), (0.5, 0.02), (1.0, 1.0)], paint.body)
    pen.shape([(0.34, 1.0), (0.5, 0.3), (0.66, 1.0)], WHEEL, edge=False)
    pen.line([(0.5, 0.0), (0.5, 0.3)], 0.03, paint.edge)


def car(pen: Pen) -> None:
    paint = pen.paint
    pen.shape([(0.22, 0.42), (0.34, 0.03), (0.7, 0.03), (0.84, 0.42)], paint.body)
    pen.shape([(0.31, 0.4), (0.38, 0.13), (0.5, 0.13), (0.5, 0.4)], GLASS, edge=False)
    pen.shape([(0.55, 0.4), (0.55, 0.13), (0.67, 0.13), (0.75, 0.4)], GLASS, edge=False)
    pen.block(0.0, 0.4, 1.0, 0.8, paint.body)
    for left in (0.12, 0.64):
        pen.oval(left, 0.58, left + 0.24, 1.0, WHEEL)
        pen.oval(left + 0.08, 0.72, left + 0.16, 0.86, METAL, edge=False)
    pen.block(0.92, 0.48, 1.0, 0.6, (255, 240, 150), edge=False)


def bus(pen: Pen) -> None:
    paint = pen.paint
    pen.block(0.0, 0.02, 1.0, 0.86, paint.body)
    for left in (0.06, 0.29, 0.52):
        pen.block(left, 0.14, left + 0.18, 0.46, GLASS)
    pen.block(0.76, 0.14, 0.94, 0.84, GLASS)
    pen.block(0.0, 0.58, 0.74, 0.66, paint.light, edge=False)
    for left in (0.12, 0.56):
        pen.oval(left, 0.72, left + 0.17, 1.0, WHEEL)


def bicycle(pen: Pen) -> None:
    paint = pen.paint
    for left in (0.0, 0.56):
        pen.ring(left, 0.36, left + 0.44, 1.0, 0.05, WHEEL)
    frame = [(0.22, 0.68), (0.36, 0.32), (0.7, 0.3), (0.48, 0.7), (0.22, 0.68)]
    pen.line(frame, 0.1, paint.edge)
    pen.line([(0.36, 0.32), (0.48, 0.7)], 0.1, paint.edge)
    pen.line([(0.78, 0.68), (0.68, 0.12), (0.84, 0.08)], 0.1, paint.edge)
    pen.line([(0.34, 0.3), (0.31, 0.18)], 0.07, paint.edge)
    pen.line(frame, 0.07, paint.body)
    pen.line([(0.36, 0.32), (0.48, 0.7)], 0.07, paint.body)
    pen.line([(0.78, 0.68), (0.68, 0.12), (0.84, 0.08)], 0.07, paint.body)
    pen.line([(0.2, 0.16), (0.44, 0.16)], 0.08, WHEEL)


def boat(pen: Pen) -> None:
    paint = pen.paint
    pen.line([(0.5, 0.02), (0.5, 0.7)], 0.05, WOOD)
    pen.shape([(0.55, 0.04), (0.55, 0.58), (0.97, 0.58)], (250, 250, 245))
    pen.shape([(0.45, 0.16), (0.45, 0.58), (0.12, 0.58)], (235, 235, 228))
    pen.shape([(0.0, 0.64), (1.0, 0.64), (0.82, 0.94), (0.18, 0.94)], paint.body)
    pen.shape([(0.03, 0.67), (0.97, 0.67), (0.94, 0.73), (0.06, 0.73)], paint.light, edge=False)
    pen.block(0.0, 0.92, 1.0, 1.0, (70, 150, 215), edge=False)


def rocket(pen: Pen) -> None:
    paint = pen.paint
    pen.shape([(0.36, 0.84), (0.64, 0.84), (0.5, 1.0)], (255, 150, 30), edge=False)
    pen.shape([(0.0, 0.88), (0.3, 0.5), (0.3, 0.84)], paint.dark)
    pen.shape([(1.0, 0.88), (0.7, 0.5), (0.7, 0.84)], paint.dark)
    pen.shape([(0.5, 0.0), (0.72, 0.2), (0.78, 0.45), (0.72, 0.86), (0.28, 0.86), (0.22, 0.45), (0.28, 0.2)], paint.body)
    pen.oval(0.34, 0.3, 0.66, 0.48, GLASS)


def balloon(pen: Pen) -> None:
    paint = pen.paint
    pen.line([(0.5, 0.68), (0.44, 0.8), (0.56, 0.9), (0.5, 1.0)], 0.05, paint.edge)
    pen.oval(0.0, 0.0, 1.0, 0.66, paint.body)
    pen.shape([(0.4, 0.72), (0.5, 0.63), (0.6, 0.72)], paint.body)
    pen.oval(0.2, 0.1, 0.42, 0.26, paint.light, edge=False)


def kite(pen: Pen) -> None:
    paint = pen.paint
    pen.line([(0.5, 0.68), (0.36, 0.76), (0.62, 0.85), (0.42, 0.93), (0.54, 1.0)], 0.05, paint.edge)
    for x, y in ((0.36, 0.76), (0.62, 0.85)):
        pen.shape([(x - 0.13, y - 0.04), (x + 0.13, y + 0.04), (x + 0.13, y - 0.04), (x - 0.13, y + 0.04)], paint.dark)
    pen.shape([(0.5, 0.0), (0.98, 0.28), (0.5, 0.7), (0.02, 0.28)], paint.body)
    pen.line([(0.5, 0.02), (0.5, 0.68)], 0.05, paint.light)
    pen.line([(0.06, 0.28), (0.94, 0.28)], 0.05, paint.light)


def umbrella(pen: Pen) -> None:
    paint = pen.paint
    pen.line([(0.5, 0.1), (0.5, 0.99)], 0.05, WOOD)
    dome = [(0.0, 0.38), (0.06, 0.24), (0.2, 0.1), (0.36, 0.03), (0.5, 0.0), (0.64, 0.03), (0.8, 0.1), (0.94, 0.24)]
    pen.shape([*dome, (1.0, 0.38), (0.84, 0.32), (0.67, 0.38), (0.5, 0.32), (0.33, 0.38), (0.16, 0.32)], paint.body)
    pen.line([(0.5, 0.02), (0.34, 0.36)], 0.03, paint.light)
    pen.line([(0.5, 0.02), (0.66, 0.36)], 0.03, paint.light)
