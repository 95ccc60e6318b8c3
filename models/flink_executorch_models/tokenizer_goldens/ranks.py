"""A tiktoken file with Llama 3's pattern and special tokens, and a `tekken.json`."""

import base64
import json
from pathlib import Path

import tiktoken
from mistral_common.tokens.tokenizers.tekken import Tekkenizer
from pytorch_tokenizers import TiktokenTokenizer
from pytorch_tokenizers.constants import CL100K_PAT_STR
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

TEKKEN_PATTERN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEKKEN_SPECIAL = 1000


def tiktoken_file(folder: Path, training: list[str]):
    file = folder / "tokenizer.model"
    lines = [
        f"{base64.b64encode(token).decode()} {rank}" for rank, token in enumerate(_tokens(training, CL100K_PAT_STR))
    ]
    file.write_text("\n".join(lines) + "\n")
    tokenizer = TiktokenTokenizer(str(file))

    def reference(text: str):
        ids = tokenizer.encode(text, bos=False, eos=False, allowed_special="all")
        return ids, tokenizer.model.encode_ordinary(text), tokenizer.decode(ids)

    return reference


def tekken_file(folder: Path, training: list[str]):
    file = folder / "tekken.json"
    tokens = _tokens(training, TEKKEN_PATTERN)
    special = [dict(token) for token in Tekkenizer.DEPRECATED_SPECIAL_TOKENS]
    state = {
        "config": {
            "pattern": TEKKEN_PATTERN,
            "num_vocab_tokens": len(tokens),
            "default_vocab_size": len(tokens) + TEKKEN_SPECIAL - 50,
            "default_num_special_tokens": TEKKEN_SPECIAL,
            "version": "v7",
        },
        "vocab": [
            {"rank": rank, "token_bytes": base64.b64encode(token).decode(), "token_str": _text(token)}
            for rank, token in enumerate(tokens)
        ],
        "special_tokens": special,
        "version": 1,
        "type": "Tekken",
    }
    file.write_text(json.dumps(state, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    official = Tekkenizer.from_file(file)
    # Mistral's own class never reads special tokens from text; ExecuTorch's does, and so do we when asked to.
    filler = [f"<SPECIAL_{rank}>" for rank in range(len(special), TEKKEN_SPECIAL)]
    with_special = tiktoken.Encoding(
        name="tekken",
        pat_str=TEKKEN_PATTERN,
        mergeable_ranks={token: rank + TEKKEN_SPECIAL for rank, token in enumerate(tokens[:-50])},
        special_tokens={token: rank for rank, token in enumerate([entry["token_str"] for entry in special] + filler)},
    )

    def reference(text: str):
        ids = with_special.encode(text, allowed_special="all")
        ordinary = official.encode(text, bos=False, eos=False)
        assert ordinary == with_special.encode_ordinary(text)
        return ids, ordinary, with_special.decode(ids)

    return reference


def _tokens(training: list[str], pattern: str) -> list[bytes]:
    """Bytes first, then what training finds, in the order of merging."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        training, trainers.BpeTrainer(vocab_size=1500, initial_alphabet=alphabet, show_progress=False)
    )
    characters = dict(zip(map(_character, range(256)), range(256), strict=True))
    assert set(characters) == set(alphabet)
    by_id = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    found = [bytes(characters[character] for character in piece) for piece, _ in by_id]
    return [bytes([byte]) for byte in range(256)] + [token for token in found if len(token) > 1]


def _character(byte: int) -> str:
    """Printable Latin-1 bytes are their own characters; the others follow from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    if byte in printable:
        return chr(byte)
    return chr(0x100 + [other for other in range(256) if other not in printable].index(byte))


def _text(token: bytes) -> str | None:
    try:
        return token.decode()
    except UnicodeDecodeError:
        return None
