"""The prompts of a case, the same whenever it is measured: texts whose number of tokens is known.

A case has many workloads of the same lengths and other words, so that no round finds its prompts in a cache.
"""

import json
import random
from functools import cache
from pathlib import Path

import builds
from cases import Case

SEED = 20_240_917


def write(case: Case, number: int, tokenizer: Path, file: Path) -> dict:
    """Writes one prompt a line: `prompt`, `promptTokens`, `newTokens`. Returns the sums of tokens, nothing where the model
    decides them; there a prompt is the path of an image."""
    if case.kind == "captions":
        images = sorted((builds.drawn_scenes(case.records, number) / "images").iterdir())
        _write(file, [{"prompt": str(image), "promptTokens": 0, "newTokens": case.generated} for image in images])
        return {}
    words = _words(tokenizer)
    lengths = _lengths(case, random.Random(SEED))
    generator = random.Random(SEED + 1 + number)
    common = [generator.choice(words) for _ in range(case.shared)]
    lines = []
    for prompt, generated in lengths:
        own = [generator.choice(words) for _ in range(prompt - len(common))]
        lines.append({"prompt": "".join(common + own), "promptTokens": prompt, "newTokens": generated})
    _write(file, lines)
    return {key: sum(line[key] for line in lines) for key in ("promptTokens", "newTokens")}


def _write(file: Path, lines: list[dict]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def _lengths(case: Case, generator: random.Random) -> list[tuple[int, int]]:
    if case.kind != "mix":
        return [(case.prompt, case.generated)] * case.records
    # Lengths of requests have long tails: most are short, a few ten times as long.
    return [(_long_tailed(generator, 128, 1024), _long_tailed(generator, 48, 512)) for _ in range(case.records)]


def _long_tailed(generator: random.Random, median: int, most: int) -> int:
    return max(4, min(most, round(median * generator.lognormvariate(0, 0.9))))


def longest(case: Case) -> int:
    """Tokens of the longest sequence."""
    return 1024 + 512 if case.kind == "mix" else case.prompt + case.generated


@cache
def _words(tokenizer: Path) -> list[str]:
    """Tokens that are a whole word behind a space: joined, each is one token again."""
    vocabulary = json.loads(tokenizer.read_text())["model"]["vocab"]
    return [" " + token[1:] for token in vocabulary if len(token) > 3 and token[0] == "Ġ" and token[1:].isascii()]
