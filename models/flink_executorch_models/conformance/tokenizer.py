"""The tokenizer of every conformance model: each piece of text it emits belongs to one id only."""

from itertools import islice

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from flink_executorch_models.tickets import tokenizer as tickets_tokenizer
from flink_executorch_models.tickets.corpus import tickets

VOCABULARY = 320
SEED = 17


def ascii_tokenizer() -> Tokenizer:
    """Byte-level BPE over ASCII only: no token is a part of a character, so no two tokens have the same text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    printable = [chr(code) for code in range(ord("!"), ord("~") + 1)]
    space, newline = (pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)[0][0] for text in " \n")
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[tickets_tokenizer.BOS, tickets_tokenizer.EOS],
        initial_alphabet=[*printable, space, newline],
        show_progress=False,
    )
    tokenizer.train_from_iterator((ticket.prompt for ticket in islice(tickets(SEED, False), 2000)), trainer)
    return tokenizer
