"""Writes the character classes that tiktoken's regular expressions know, asked of tiktoken itself:
`python -m flink_executorch_models.tokenizer_goldens.unicode_classes FILE`.

A line is a general category, or Han for that script, and its ranges in hexadecimal, both ends in them.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import tiktoken

CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
CHARACTERS = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)


def members(name: str) -> list[int]:
    """Characters between two that match are dropped by an encoding whose pattern is the class alone."""
    bytes_alone = {bytes([byte]): byte for byte in range(256)}
    encoding = tiktoken.Encoding(name, pat_str=rf"\p{{{name}}}", mergeable_ranks=bytes_alone, special_tokens={})
    return [ord(character) for character in encoding.decode(encoding.encode_ordinary(CHARACTERS))]


def ranges(points: list[int]) -> str:
    starts = [points[0]] + [right for left, right in pairwise(points) if right != left + 1]
    ends = [left for left, right in pairwise(points) if right != left + 1] + [points[-1]]
    both = zip(starts, ends, strict=True)
    return " ".join(f"{start:x}" if start == end else f"{start:x}-{end:x}" for start, end in both)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    lines = [f"{name} {ranges(members(name))}\n" for name in [*CATEGORIES, "Han"]]
    parser.parse_args().file.write_text("".join(lines))
