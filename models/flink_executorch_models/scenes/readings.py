"""Writes captions, the truth they are held against, and what the reader makes of both, for readers in other languages:

python -m flink_executorch_models.scenes.readings FILE
"""

import json
import random
import sys
from pathlib import Path

from flink_executorch_models.scenes.captions import caption
from flink_executorch_models.scenes.compose import scene
from flink_executorch_models.scenes.reader import read, score

_SEED, _COUNT = 11, 120
_BY_HAND = [
    "",
    "nothing that is known",
    "a small small red, blue house and the houses",
    "From left to right, two fish, a cat and a cat. It is on top of it",
    "Underneath three big lamps are a tree; behind it a bus in the rain at night under the stars",
]


def main() -> None:
    source = random.Random(_SEED)
    scenes = [scene(_SEED, number, held_out=number % 2 == 1) for number in range(_COUNT)]
    texts = [caption(one, source) for one in scenes] + _BY_HAND
    lines = []
    for number, text in enumerate(texts):
        # Every third caption is held against another scene.
        truth = scenes[(number + (number % 3 == 0)) % _COUNT].truth()
        found = score(read(text), truth)
        reading = {"right": found.right, "stated": found.stated, "named": found.things_named, "things": found.things}
        lines.append(json.dumps({"caption": text, "truth": truth, "score": reading}, separators=(",", ":")))
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
