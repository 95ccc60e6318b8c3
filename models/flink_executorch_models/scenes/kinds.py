"""What every kind of thing can be part of: how wide and high it is, and what it can stand on, under, behind and above."""

# Width and height, of which the larger is the thing's size.
SHAPES = {
    "house": (1.0, 0.95),
    "tent": (1.0, 0.75),
    "tree": (0.72, 1.0),
    "flower": (0.6, 1.0),
    "mushroom": (0.85, 0.9),
    "car": (1.0, 0.56),
    "bus": (1.0, 0.62),
    "bicycle": (1.0, 0.66),
    "boat": (0.95, 0.95),
    "rocket": (0.52, 1.0),
    "balloon": (0.62, 1.0),
    "kite": (0.75, 1.0),
    "umbrella": (1.0, 1.0),
    "cat": (0.8, 0.95),
    "rabbit": (0.62, 1.0),
    "fish": (1.0, 0.62),
    "bird": (1.0, 0.72),
    "butterfly": (1.0, 0.82),
    "snail": (1.0, 0.7),
    "lamp": (0.66, 1.0),
    "cup": (0.9, 0.75),
    "bottle": (0.42, 1.0),
    "apple": (0.88, 0.98),
    "ball": (0.92, 0.92),
    "book": (1.0, 0.7),
    "clock": (0.9, 0.98),
    "table": (1.0, 0.72),
    "chair": (0.6, 1.0),
}
LENGTHS = {"small": 20.0, "medium": 28.0, "large": 40.0}

FLYING = {"balloon", "kite", "bird", "butterfly"}
# What carries others: how far down the things on it stand, and the part of its width that they may take.
CARRIERS = {"table": (0.02, 0.96), "bus": (0.02, 0.9), "car": (0.04, 0.5), "chair": (0.5, 0.8)}
CARRIED = ["cat", "rabbit", "fish", "snail", "lamp", "cup", "bottle", "apple", "ball", "book", "clock"]
# What others can be under: the parts of its width and height that are free, all of it on the ground.
COVERS = {"table": (0.72, 0.8), "chair": (0.86, 0.48), "umbrella": (0.92, 0.6)}
COVERED = ["cat", "rabbit", "fish", "snail", "flower", "mushroom", "cup", "bottle", "apple", "ball", "book", "clock"]
TALL = ["house", "tent", "tree", "bus", "boat", "rocket"]
IN_FRONT = sorted(set(SHAPES) - FLYING - set(TALL) - {"umbrella"})
