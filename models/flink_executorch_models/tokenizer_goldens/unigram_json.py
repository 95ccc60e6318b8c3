"""A `tokenizer.json` with Unigram, as T5 and XLM-R have it, with the normalization rules of a SentencePiece model."""

import base64
import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from flink_executorch_models.tokenizer_goldens import bpe_json, sentence_piece

SPECIAL = ["<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>"]
UNSPELLABLE = "\U0010fffd-not-in-any-text-\U0010fffd"


def metaspace_unigram(folder: Path, training: list[str]):
    model = sentence_piece.trained(training, "unigram", "nmt_nfkc")
    pieces = [(piece.piece, piece.score) for piece in model.pieces if piece.piece not in SPECIAL]
    vocabulary = [(token, 0.0) for token in SPECIAL] + pieces
    tokenizer = _tokenizer(vocabulary, model)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    reference = bpe_json.saved(tokenizer, folder)

    # The library's own switch still finds special tokens in the vocabulary, so that their spelling becomes them.
    hidden = _tokenizer(
        [(f"{UNSPELLABLE}{token}" if token in SPECIAL else token, score) for token, score in vocabulary], model
    )
    special = {tokenizer.token_to_id(token) for token in SPECIAL}

    def ordinary_without_special(text: str):
        ids, ordinary, decoded = reference(text)
        plain = hidden.encode(text, add_special_tokens=False).ids
        assert plain == ordinary or special & set(ordinary)
        return ids, plain, decoded

    return ordinary_without_special


def _tokenizer(vocabulary: list[tuple[str, float]], model) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=SPECIAL.index("<unk>")))
    rules = {
        "type": "Precompiled",
        "precompiled_charsmap": base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode(),
    }
    state = json.loads(tokenizer.to_str()) | {"normalizer": rules}
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer
