"""Trains the captioner on pictures and captions drawn for it."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import LlavaForConditionalGeneration

from flink_executorch_models.scenes.data import Pictures
from flink_executorch_models.scenes.model import caption_logits, config, seen
from flink_executorch_models.scenes.tokenizer import EOS_ID
from flink_executorch_models.scenes.vocabulary import COLOURS, KINDS
from flink_executorch_models.training import IGNORED, padded, share_of_peak

_SAVED_EVERY = 200


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn; the rate falls along a cosine after the warm-up.

    :param guided: part of the steps in which the encoder is also told what stands at each patch
    """

    steps: int = 8000
    batch: int = 48
    peak_rate: float = 1e-3
    warm_up: int = 300
    guided: float = 0.7
    seed: int = 1


def train(pictures: Pictures, schedule: Schedule, tokenizer: Tokenizer, folder: Path) -> LlavaForConditionalGeneration:
    """On 2 threads. Goes on from `state.pt` of the folder, which is written again and again."""
    torch.manual_seed(schedule.seed)
    torch.set_num_threads(2)
    model = LlavaForConditionalGeneration(config(tokenizer.get_vocab_size()))
    width = model.config.vision_config.hidden_size
    heads = torch.nn.Linear(width, 2 + len(KINDS) + len(COLOURS))
    parameters = [*model.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=schedule.peak_rate, betas=(0.9, 0.98), weight_decay=0.05)
    done, state = 0, folder / "state.pt"
    if state.exists():
        saved = torch.load(state, weights_only=True)
        done = saved["step"]
        model.load_state_dict(saved["model"])
        heads.load_state_dict(saved["heads"])
        optimizer.load_state_dict(saved["optimizer"])
    captions = [[[*tokenizer.encode(text).ids, EOS_ID] for text in said] for said in pictures.captions]
    model.train()
    started, losses = time.monotonic(), []
    for step in range(done, schedule.steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.peak_rate * share_of_peak(step, schedule.steps, schedule.warm_up)
        chosen = np.random.default_rng((schedule.seed, step)).integers(0, len(captions), schedule.batch)
        loss = _loss(model, heads, pictures, captions, chosen, step, schedule)
        optimizer.zero_grad(set_to_none=True)
        loss[0].backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        losses.append([part.item() for part in loss[1:]])
        if (step + 1) % _SAVED_EVERY == 0 or step + 1 == schedule.steps:
            recent = np.mean(losses[-100:], axis=0)
            minutes = (time.monotonic() - started) / 60
            print(f"step {step + 1}, words {recent[0]:.4f}, patches {recent[1]:.4f}, {minutes:.1f} min", flush=True)
            parts = {"model": model, "heads": heads, "optimizer": optimizer}
            torch.save({"step": step + 1} | {name: part.state_dict() for name, part in parts.items()}, state)
    return model.eval()


def normalized(pixels: np.ndarray) -> torch.Tensor:
    """[N, side, side, 3] of bytes as the encoder takes them, from -1 to 1."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1


def _loss(model, heads, pictures, captions, chosen, step, schedule) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What to lessen; and of it the part of the words and that of the patches."""
    said = [captions[picture][(step + picture) % len(captions[picture])] for picture in chosen]
    ids, targets = padded([(wanted[:-1], wanted) for wanted in said], EOS_ID)
    with torch.autocast("cpu", torch.bfloat16):
        patches = seen(model, normalized(pictures.pixels[chosen]))
        logits = caption_logits(model, patches, ids)
        guesses = heads(patches).float()
    words = cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
    kinds, colours = guesses.split([1 + len(KINDS), 1 + len(COLOURS)], -1)
    told = sum(
        cross_entropy(guess.flatten(0, 1), torch.from_numpy(truth[chosen]).long().flatten())
        for guess, truth in ((kinds, pictures.kinds), (colours, pictures.colours))
    )
    return words + (told if step < schedule.guided * schedule.steps else 0 * told), words, told
