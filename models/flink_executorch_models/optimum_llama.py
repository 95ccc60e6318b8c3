"""A randomly initialized Llama that optimum-executorch exports, and its golden tokens: see `export-optimum-llama`.

Random weights make near ties likely, and a near tie is no basis for comparing two attention kernels. So out of many
prompts those are kept whose best token is ahead of the second best by a wide margin at every step. The tokens must also
be the same when the whole sequence goes in at once: that already differs from one by one in the order of its sums.
"""

import argparse
from itertools import islice
from pathlib import Path

import torch
from executorch.extension.pybindings.portable_lib import _load_for_executorch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

from flink_executorch_models.official_runner import OfficialRunner, write_lines
from flink_executorch_models.tickets import tokenizer as tickets_tokenizer
from flink_executorch_models.tickets.corpus import tickets

VOCABULARY = 320
CONTEXT = 128
SEED = 17
MAX_NEW_TOKENS = 48
PROMPTS, CANDIDATES = 12, 2000


def write_checkpoint(folder: Path) -> None:
    """Writes what `optimum-cli export executorch --model` reads, and a tokenizer whose pieces tell their ids."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=CONTEXT,
        initializer_range=0.15,
        bos_token_id=tickets_tokenizer.BOS_ID,
        eos_token_id=tickets_tokenizer.EOS_ID,
        tie_word_embeddings=False,
    )
    LlamaForCausalLM(config).eval().save_pretrained(folder)
    tickets_tokenizer.save(_ascii_tokenizer(), folder)


def _ascii_tokenizer() -> Tokenizer:
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


def write_goldens(folder: Path) -> None:
    """Reads `model.pte` and `tokenizer.json` of the folder and writes `goldens.jsonl`."""
    runner = OfficialRunner(folder / "model.pte", folder / "tokenizer.json")
    program = _load_for_executorch(str(folder / "model.pte"))
    candidates = []
    for ticket in islice(tickets(SEED, True), CANDIDATES):
        prompt = ticket.message[: 20 + len(candidates) % 60]
        tokens, margin = _greedy(program, runner.tokenizer.encode(prompt).ids)
        if tickets_tokenizer.EOS_ID not in tokens and len(set(tokens)) >= MAX_NEW_TOKENS // 4:
            candidates.append((margin, prompt, tokens))
    candidates = [kept for kept in sorted(candidates, reverse=True) if _holds_at_once(runner, program, *kept[1:])]
    goldens = []
    for number, (margin, prompt, tokens) in enumerate(candidates[:PROMPTS], start=1):
        golden = runner.golden(f"L-{number:02}", prompt, MAX_NEW_TOKENS)
        if golden["tokens"] != tokens:
            raise SystemExit(f"{golden['id']}: the runner's tokens are not those of the program called directly")
        goldens.append(golden | {"smallestMargin": round(margin, 4)})
    write_lines(folder / "goldens.jsonl", goldens)
    print(f"{len(candidates)} candidates, margins {[golden['smallestMargin'] for golden in goldens]}")


def _holds_at_once(runner: OfficialRunner, program, prompt: str, tokens: list[int]) -> bool:
    ids = runner.tokenizer.encode(prompt).ids + tokens[:-1]
    logits = program.run_method("forward", (torch.tensor([ids]), torch.arange(len(ids))))[0]
    return logits[0].argmax(dim=-1)[-len(tokens) :].tolist() == tokens


def _greedy(program, prompt: list[int]) -> tuple[list[int], float]:
    """Returns the greedy tokens and by how much the best logit led the second best where it led least."""
    position, step, tokens, margin = 0, prompt, [], float("inf")
    for _ in range(MAX_NEW_TOKENS):
        positions = torch.arange(position, position + len(step))
        logits = program.run_method("forward", (torch.tensor([step]), positions))[0].reshape(-1, VOCABULARY)[-1]
        best, second = logits.topk(2).values.tolist()
        margin = min(margin, best - second)
        position += len(step)
        step = [int(logits.argmax())]
        tokens += step
    return tokens, margin


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["checkpoint", "goldens"])
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    {"checkpoint": write_checkpoint, "goldens": write_goldens}[arguments.step](arguments.folder)
