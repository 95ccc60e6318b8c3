"""Writes a Hugging Face folder with random weights: random_model.py SHAPE FOLDER. Runs in the peers' environment."""

import json
import random
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText

from shapes import CAPTIONER, CAPTIONER_CONFIG, SHAPES

SEED = 17
BOS, EOS, IMAGE = "<|bos|>", "<|eos|>", "<image>"


def tokenizer(size: int, special: list[str]) -> Tokenizer:
    """Byte-level BPE whose tokens are the ASCII characters, and words behind a space or beginnings of one: each is one
    merge longer than another, so a word of the vocabulary is always exactly one token. No token is a part of a
    character, which ExecuTorch's Python runner cannot hand over."""
    alphabet = [
        pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(chr(code))[0][0] for code in range(128)
    ]
    vocabulary = {token: token_id for token_id, token in enumerate([*special, *alphabet])}
    space = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(" ")[0][0]
    letters, merges = "abcdefghijklmnopqrstuvwxyz", []
    generator, beginnings = random.Random(SEED), [space]
    while len(vocabulary) < size:
        beginning, letter = generator.choice(beginnings), generator.choice(letters)
        if len(beginning) <= 10 and beginning + letter not in vocabulary:
            vocabulary[beginning + letter] = len(vocabulary)
            merges.append((beginning, letter))
            beginnings.append(beginning + letter)
    result = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    result.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    result.decoder = decoders.ByteLevel()
    result.add_special_tokens(special)
    return result


def main(shape: str, folder: Path) -> None:
    torch.manual_seed(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    config = AutoConfig.for_model(**(CAPTIONER_CONFIG if shape == CAPTIONER else SHAPES[shape]), dtype="float32")
    kind = AutoModelForImageTextToText if shape == CAPTIONER else AutoModelForCausalLM
    model, text = kind.from_config(config), config.get_text_config()
    with torch.no_grad():
        model.get_output_embeddings().weight[text.eos_token_id] = 0  # never the likeliest: nothing ends early
    model.save_pretrained(folder)
    special = [BOS, EOS, IMAGE] if shape == CAPTIONER else [BOS, EOS]
    tokenizer(text.vocab_size, special).save(str(folder / "tokenizer.json"))
    names = {"bos_token": BOS, "eos_token": EOS, "pad_token": EOS}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    settings["model_input_names"] = ["input_ids", "attention_mask"]
    (folder / "tokenizer_config.json").write_text(json.dumps(names | settings, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
