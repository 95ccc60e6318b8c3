"""What the recipes that train a model have in common."""

import math

import torch
from torch.nn.utils.rnn import pad_sequence

IGNORED = -100  # a target that is not counted


def padded(samples: list[tuple[list[int], list[int]]], filler: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets of a batch, [batch, T] each: inputs with `filler` behind them, targets with `IGNORED`."""
    inputs, targets = ([torch.tensor(ids, dtype=torch.long) for ids in rows] for rows in zip(*samples, strict=True))
    return pad_sequence(inputs, True, filler), pad_sequence(targets, True, IGNORED)


def share_of_peak(step: int, steps: int, warm_up: int) -> float:
    """How much of the peak rate a step learns with: a straight rise, then a cosine down to 2 %."""
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress))
