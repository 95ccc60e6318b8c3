"""Paged attention in plain PyTorch: the definition, for eager runs. Slow, in float32, keys and values in a dict."""

from contextlib import contextmanager
from dataclasses import dataclass, field

import torch


@dataclass(frozen=True)
class Run:
    """Consecutive tokens of one sequence within a step: `tokens` of them, from `position` on."""

    sequence: int
    tokens: int
    position: int


@dataclass
class KeysAndValues:
    """What the sequences of one model have appended so far, by layer and sequence: each [HK, positions, D]."""

    layers: dict[tuple[int, int], tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)

    @contextmanager
    def step(self, *runs: Run):
        """Within the context every call of the operator is a layer of this step."""
        global _current
        if _current is not None:
            raise ValueError("a step is running already: steps do not nest")
        _current = (self, runs)
        try:
            yield
        finally:
            _current = None

    def append(self, layer: int, run: Run, key: torch.Tensor, value: torch.Tensor) -> None:
        place = (layer, run.sequence)
        if run.position:
            old_key, old_value = (old[:, : run.position] for old in self.layers[place])
            key, value = torch.cat((old_key, key), 1), torch.cat((old_value, value), 1)
        self.layers[place] = (key, value)


_current: tuple[KeysAndValues, tuple[Run, ...]] | None = None


def paged_attention(query, key, value, layer, scale, window, softcap, sinks=None):
    if _current is None:
        raise ValueError("paged attention outside of a step: use KeysAndValues.step")
    pages, runs = _current
    if sum(run.tokens for run in runs) != query.shape[2]:
        raise ValueError(f"a step of {query.shape[2]} tokens with runs {runs}")
    sizes = [run.tokens for run in runs]
    parts = [part.split(sizes, dim=1) for part in (query[0], key[0], value[0])]
    for run, new_key, new_value in zip(runs, parts[1], parts[2], strict=True):
        pages.append(layer, run, new_key, new_value)
    answers = [
        _attend(part, *pages.layers[layer, run.sequence], run.position, scale, window, softcap, sinks)
        for run, part in zip(runs, parts[0], strict=True)
    ]
    return torch.cat(answers, 1).transpose(0, 1).unsqueeze(0).contiguous()


def _attend(query, key, value, position, scale, window, softcap, sinks):
    """query [H, T, D], key and value [HK, positions, D] -> [H, T, D]"""
    groups = query.shape[0] // key.shape[0]
    key, value = key.repeat_interleave(groups, 0), value.repeat_interleave(groups, 0)
    scores = query @ key.transpose(1, 2) * scale
    if softcap > 0:
        scores = softcap * torch.tanh(scores / softcap)
    distance = torch.arange(position, position + query.shape[1]).unsqueeze(1) - torch.arange(key.shape[1])
    hidden = (distance < 0) | (distance >= window) if window > 0 else distance < 0
    scores = scores.masked_fill(hidden, float("-inf"))
    if sinks is None:
        return scores.softmax(-1) @ value
    with_sink = torch.cat((scores, sinks.reshape(-1, 1, 1).expand(-1, scores.shape[1], 1)), -1)
    return with_sink.softmax(-1)[..., :-1] @ value
