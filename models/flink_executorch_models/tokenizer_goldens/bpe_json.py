"""Two `tokenizer.json` with BPE, as GPT and Llama 3 have it and as Llama 2 has it."""

import json
from pathlib import Path

from pytorch_tokenizers.constants import CL100K_PAT_STR
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
NOT_SPECIAL = ["<think>", "</think>"]


def byte_level(folder: Path, training: list[str]):
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CL100K_PAT_STR), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    _train(tokenizer, training, pre_tokenizers.ByteLevel.alphabet(), [])
    tokenizer.add_tokens(NOT_SPECIAL)
    return saved(tokenizer, folder)


def byte_fallback(folder: Path, training: list[str]):
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")  # for training alone
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    _train(tokenizer, training, [], [f"<0x{byte:02X}>" for byte in range(256)])
    state = json.loads(tokenizer.to_str())
    state["pre_tokenizer"] = None
    state["added_tokens"] = [token for token in state["added_tokens"] if token["content"] in SPECIAL]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    bos = ("<s>", tokenizer.token_to_id("<s>"))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[bos])
    return saved(tokenizer, folder)


def saved(tokenizer: Tokenizer, folder: Path):
    """Writes the files of a folder with a tokenizer; returns its reference."""
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=False) + "\n", encoding="utf-8")
    config = {"bos_token": "<s>", "eos_token": {"content": "</s>"}}
    (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
    return lambda text: _reference(tokenizer, text)


def _reference(tokenizer: Tokenizer, text: str):
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    if tokenizer.post_processor is not None:
        assert tokenizer.encode(text).ids == [tokenizer.token_to_id("<s>"), *ids]
    tokenizer.encode_special_tokens = True
    ordinary = tokenizer.encode(text, add_special_tokens=False).ids
    tokenizer.encode_special_tokens = False
    return ids, ordinary, tokenizer.decode(ids, skip_special_tokens=False)


def _train(tokenizer: Tokenizer, training: list[str], alphabet: list[str], pieces: list[str]) -> None:
    trainer = trainers.BpeTrainer(
        vocab_size=1400,
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL] + pieces,
        initial_alphabet=alphabet,
        limit_alphabet=500,
        show_progress=False,
    )
    tokenizer.train_from_iterator(training, trainer)
