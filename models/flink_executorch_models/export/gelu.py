"""GELU by tanh, in operators that mean the same to every backend.

XNNPACK's partitioner takes `gelu(approximate="tanh")` for the exact GELU: results differ in the third decimal.
"""

import math

import torch
from transformers.activations import ACT2FN

_NATIVE = type(ACT2FN["gelu_pytorch_tanh"])


class TanhGelu(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))
        return 0.5 * x * (1.0 + torch.tanh(inner))


def spell_out_gelu(model: torch.nn.Module) -> None:
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is _NATIVE:
                setattr(parent, name, TanhGelu())
