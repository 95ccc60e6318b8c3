"""Makes one linear layer of several that take the same input: queries, keys and values; gate and up.

Every output is computed from the same weights as before. But the input is quantized once, and fewer layers wait for threads.
"""

import torch
from transformers import PreTrainedModel

_GROUPS = (("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj"))


class _Merged:
    """What the parts share. The first part computes all of them, the others take theirs; a model calls them in this order."""

    def __init__(self, sizes: list[int]):
        self.sizes = sizes
        self.input: torch.Tensor | None = None
        self.outputs: tuple[torch.Tensor, ...] = ()


class FirstPart(torch.nn.Module):
    def __init__(self, linear: torch.nn.Linear, merged: _Merged):
        super().__init__()
        self.linear = linear
        self.merged = merged

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.merged.input, outputs, start = x, self.linear(x), 0
        parts = []
        for size in self.merged.sizes:
            parts.append(outputs[..., start : start + size])
            start += size
        self.merged.outputs = tuple(parts)
        return parts[0]


class OtherPart(torch.nn.Module):
    def __init__(self, merged: _Merged, index: int):
        super().__init__()
        self.merged = merged
        self.index = index

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x is not self.merged.input:
            raise ValueError("merged linear layers of different inputs")
        return self.merged.outputs[self.index]


def merge_linears(model: PreTrainedModel) -> None:
    for parent in list(model.modules()):
        for names in _GROUPS:
            parts = [getattr(parent, name, None) for name in names]
            if all(isinstance(part, torch.nn.Linear) for part in parts) and len({part.bias is None for part in parts}) == 1:
                merged = _Merged([part.out_features for part in parts])
                setattr(parent, names[0], FirstPart(_concatenated(parts), merged))
                for index, name in enumerate(names[1:], start=1):
                    setattr(parent, name, OtherPart(merged, index))


def _concatenated(parts: list[torch.nn.Linear]) -> torch.nn.Linear:
    with torch.device("meta"):
        linear = torch.nn.Linear(parts[0].in_features, sum(part.out_features for part in parts))
    linear.weight = torch.nn.Parameter(torch.cat([part.weight.detach() for part in parts]), requires_grad=False)
    biases = [part.bias for part in parts]
    if biases[0] is None:
        linear.bias = None
    else:
        linear.bias = torch.nn.Parameter(torch.cat([bias.detach() for bias in biases]), requires_grad=False)
    return linear
