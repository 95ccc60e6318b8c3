"""Replaces words that the decoder is told in training, so that it goes by the picture and not by what was said so far.

No training scene shows a held-out thing, in its color and relation. A decoder that may trust the words before soon knows by
heart that they are never followed by that relation, and would say something else against what it sees.
"""

import numpy as np
from tokenizers import Tokenizer

from flink_executorch_models.scenes.vocabulary import COLOURS, KINDS, PLURALS

SHARE = 0.25
_SAME = [COLOURS, KINDS, list(PLURALS.values())]


class Mishearing:
    def __init__(self, words: Tokenizer):
        self._like: dict[int, list[int]] = {}  # the words that may be heard for one
        for like in _SAME:
            ids = [words.encode(word).ids[0] for word in like]
            self._like |= dict.fromkeys(ids, ids)

    def heard(self, ids: list[int], source: np.random.Generator) -> list[int]:
        """Ids of a caption, of which a share of the kinds and colors are others."""
        return [
            like[source.integers(len(like))] if (like := self._like.get(word)) and source.random() < SHARE else word
            for word in ids
        ]
