"""The captioner's vocabulary: every word and punctuation mark that captions are made of."""

import random
from collections import Counter

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

from flink_executorch_models.scenes.captions import caption
from flink_executorch_models.scenes.compose import scene

UNKNOWN, EOS, IMAGE = "<unk>", "</s>", "<image>"
EOS_ID, IMAGE_ID = 1, 2


def trained(seed: int, sample: int) -> Tokenizer:
    """A token a word, the space before it included; an image has a token of its own, a prompt's only one."""
    splits = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Split(Regex("[,.]"), behavior="isolated")]
    )
    source, words = random.Random(seed), Counter()
    for number in range(sample):
        text = caption(scene(seed, number, held_out=bool(number % 2)), source)
        words.update(word for word, _ in splits.pre_tokenize_str(text))
    vocabulary = [UNKNOWN, EOS, IMAGE, *sorted(words)]
    made = Tokenizer(models.WordLevel({word: token for token, word in enumerate(vocabulary)}, unk_token=UNKNOWN))
    made.pre_tokenizer, made.decoder = splits, decoders.Metaspace()
    made.add_special_tokens([UNKNOWN, EOS, IMAGE])
    return made
