"""Rotary embedding by table: the cosines and sines of all positions, as the model's own module computes them.

So they are looked up once a step, not computed; and a scaling that depends on the longest sequence so far, which would let
the sequences of a step change each other, is decided once: by the context length of the program.
"""

import torch


class RotaryTable(torch.nn.Module):
    def __init__(self, rotary: torch.nn.Module, context: int):
        super().__init__()
        positions = torch.arange(context).unsqueeze(0)
        with torch.no_grad():
            cosines, sines = rotary(torch.zeros(1, dtype=torch.float32), positions)
        self.register_buffer("cosines", cosines[0].float().contiguous(), persistent=False)
        self.register_buffer("sines", sines[0].float().contiguous(), persistent=False)

    def forward(self, x: torch.Tensor, position_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """position_ids [1, T] -> cosines and sines, each [1, T, D]"""
        positions = position_ids.flatten()
        return self.cosines.index_select(0, positions).unsqueeze(0), self.sines.index_select(0, positions).unsqueeze(0)


def use_tables(model: torch.nn.Module, context: int) -> None:
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if hasattr(child, "rope_type"):
                _check(child, context)
                setattr(parent, name, RotaryTable(child, context))


def _check(rotary: torch.nn.Module, context: int) -> None:
    trained = rotary.config.max_position_embeddings
    if "dynamic" in rotary.rope_type and context > trained:
        raise ValueError(
            f"Dynamic rotary scaling depends on the longest sequence so far beyond {trained} positions: "
            f"export with --context {trained} or less, got {context}."
        )
