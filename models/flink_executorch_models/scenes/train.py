"""Trains the captioner on pictures and captions drawn for it."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import LlavaForConditionalGeneration

from flink_executorch_models.scenes.data import CLASSES, Pictures
from flink_executorch_models.scenes.mishearing import Mishearing
from flink_executorch_models.scenes.model import caption_logits, config, seen
from flink_executorch_models.scenes.tokenizer import EOS_ID
from flink_executorch_models.training import IGNORED, padded, share_of_peak

_SAVED_EVERY = 200


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn; the rate falls along a cosine after the warm-up.

    :param looking: part of the steps in which only the encoder learns, from what stands at each patch: a step takes half the
        time, and there is nothing yet to be said
    :param guided: part of the steps after which the encoder is not told any more what stands at each patch
    """

    steps: int = 7000
    batch: int = 48
    peak_rate: float = 2e-3
    warm_up: int = 200
    looking: float = 0.3
    guided: float = 0.8
    seed: int = 1

    @property
    def pictures(self) -> int:
        """So many that each is seen once."""
        return self.steps * self.batch

    @property
    def first_words(self) -> int:
        """The first step in which the decoder learns too."""
        return int(self.looking * self.steps)


def train(pictures: Pictures, schedule: Schedule, tokenizer: Tokenizer, folder: Path) -> LlavaForConditionalGeneration:
    """On 2 threads. Goes on from `state.pt` of the folder, which is written again and again."""
    torch.manual_seed(schedule.seed)
    torch.set_num_threads(2)
    model = LlavaForConditionalGeneration(config(tokenizer.get_vocab_size()))
    width = model.config.vision_config.hidden_size
    heads = torch.nn.Linear(width, sum(CLASSES))
    parameters = [*model.parameters(), *heads.parameters()]
    optimizers = _optimizers(model, heads, schedule)
    done, state = 0, folder / "state.pt"
    if state.exists():
        saved = torch.load(state, weights_only=True)
        done = saved["step"]
        model.load_state_dict(saved["model"])
        heads.load_state_dict(saved["heads"])
        for optimizer, kept in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
    captions = [[*tokenizer.encode(text).ids, EOS_ID] for text in pictures.captions]
    mishearing = Mishearing(tokenizer)
    model.train()
    started, losses = time.monotonic(), []
    for step in range(done, schedule.steps):
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = _rate(step, schedule)
        chosen = np.arange(step * schedule.batch, (step + 1) * schedule.batch) % len(captions)
        source = np.random.default_rng((schedule.seed, step))
        said = [(mishearing.heard(captions[picture][:-1], source), captions[picture]) for picture in chosen]
        loss = _loss(model, heads, pictures, said, chosen, step, schedule)
        for parameter in parameters:
            parameter.grad = None
        loss[0].backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        losses.append([part.item() for part in loss[1:]])
        if (step + 1) % _SAVED_EVERY == 0 or step + 1 == schedule.steps:
            recent = np.mean(losses[-100:], axis=0)
            minutes = (time.monotonic() - started) / 60
            print(f"step {step + 1}, words {recent[0]:.4f}, patches {recent[1]:.4f}, {minutes:.1f} min", flush=True)
            parts = {"model": model.state_dict(), "heads": heads.state_dict()}
            kept = [optimizer.state_dict() for optimizer in optimizers]
            torch.save({"step": step + 1, "optimizers": kept} | parts, state)
    return model.eval()


def _optimizers(model: torch.nn.Module, heads: torch.nn.Module, schedule: Schedule) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, which then learn in far fewer steps, AdamW for all else."""
    inside = [weight for name, weight in model.named_parameters() if ".layers." in name and weight.dim() == 2]
    held = {id(weight) for weight in inside}
    others = [weight for part in (model, heads) for weight in part.parameters() if id(weight) not in held]
    return [
        torch.optim.Muon(inside, lr=schedule.peak_rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=schedule.peak_rate, betas=(0.9, 0.98), weight_decay=0.05),
    ]


def _rate(step: int, schedule: Schedule) -> float:
    """Each of the two parts begins with a warm-up."""
    talking = step - schedule.first_words
    warmth = min(1.0, (talking + 1) / schedule.warm_up) if talking >= 0 else 1.0
    return schedule.peak_rate * share_of_peak(step, schedule.steps, schedule.warm_up) * warmth


def normalized(pixels: np.ndarray) -> torch.Tensor:
    """[N, side, side, 3] of bytes as the encoder takes them, from -1 to 1."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1


def _loss(model, heads, pictures, said, chosen, step, schedule) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What to lessen; and of it the part of the words and that of the patches.

    :param said: of each chosen picture the words that the decoder is told, and those that it should say
    """
    with torch.autocast("cpu", torch.bfloat16):
        patches = seen(model, normalized(pictures.pixels[chosen]))
        guesses = heads(patches).float()
    truth = torch.from_numpy(pictures.labels[chosen]).long().unbind(-1)
    told = sum(
        cross_entropy(guess.flatten(0, 1), wanted.flatten())
        for guess, wanted in zip(guesses.split(CLASSES, -1), truth, strict=True)
    )
    if step < schedule.first_words:
        return told, torch.zeros(()), told
    ids, targets = padded(said, EOS_ID)
    with torch.autocast("cpu", torch.bfloat16):
        logits = caption_logits(model, patches, ids)
    words = cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
    return words + (told if step < schedule.guided * schedule.steps else 0 * told), words, told
