"""The cases of attention over an int8 query and cache, with a zero point and a scale for every vector."""

from dataclasses import dataclass

import torch

from flink_executorch_models.attention_reference import attention
from flink_executorch_models.kernel_cases import Case
from flink_executorch_models.kernel_modules import NO_DROPOUT
from flink_executorch_models.seeded import seeded


def as_int8(values: torch.Tensor) -> torch.Tensor:
    """From seeded values in [-1, 1) to all of int8, without rounding that could differ."""
    return (values * 128).to(torch.int8)


def as_scale(values: torch.Tensor) -> torch.Tensor:
    """From seeded values to 1/256 ... 3/256, exactly."""
    return values / 256 + 1 / 128


class QuantizedSdpa(torch.nn.Module):
    """query [B, S, H, D], key and value [B, C, KVH, D], and zero point and scale of each, [..., 1]; start_pos i64 [1],
    perhaps mask f32 [S, C] -> [B, S, H, D]. All come as floats. Heads first: [B, H, S, D] everywhere.
    """

    def __init__(self, causal: bool, heads_first: bool):
        super().__init__()
        self.causal, self.heads_first = causal, heads_first

    def forward(
        self, query, key, value, query_zero, query_scale, key_zero, key_scale, value_zero, value_scale, at, mask=None
    ):
        length = 2 if self.heads_first else 1
        start = at[0].item()
        torch._check(start >= 0)
        torch._check(start + query.shape[length] <= key.shape[length])
        tensors = (as_int8(tensor) for tensor in (query, key, value))
        pairs = ((query_zero, query_scale), (key_zero, key_scale), (value_zero, value_scale))
        scaling = (each for zero, scale in pairs for each in (as_int8(zero), as_scale(scale)))
        return torch.ops.llama.custom_quantized_sdpa(
            *tensors, start, mask, NO_DROPOUT, self.causal, None, *scaling, self.heads_first
        )


@dataclass(frozen=True)
class QuantizedCase(Case):
    heads_first: bool = False

    @property
    def name(self) -> str:
        return super().name + ("-heads-first" if self.heads_first else "")

    def module(self) -> torch.nn.Module:
        return QuantizedSdpa(self.causal, self.heads_first)

    def inputs(self) -> dict[str, torch.Tensor]:
        lengths = {"query": (self.length, self.heads), "key": (self.cache, self.kv_heads)}
        lengths["value"] = lengths["key"]
        sizes = {name: self._sizes(*lengths[name], self.head_size) for name in lengths}
        for name in lengths:
            sizes[f"{name}_zero"] = sizes[f"{name}_scale"] = self._sizes(*lengths[name], 1)
        named = {name: seeded(shape, place) for place, (name, shape) in enumerate(sizes.items(), start=1)}
        named["start_pos"] = torch.tensor([self.start])
        if self.mask != "none":
            named["mask"] = seeded([self.length, self.cache], len(named) + 1) if self.mask == "bias" else self._window()
        return named

    def expected(self, inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        query, key, value = (self._meaning(inputs, name) for name in ("query", "key", "value"))
        result = attention(query, key, value, self.start, inputs.get("mask"), self.causal)
        return [result.transpose(1, 2) if self.heads_first else result]

    def _meaning(self, inputs: dict[str, torch.Tensor], name: str) -> torch.Tensor:
        """What the bytes stand for, [B, S, H, D]."""
        zero, scale = as_int8(inputs[f"{name}_zero"]).double(), as_scale(inputs[f"{name}_scale"]).double()
        meaning = (as_int8(inputs[name]).double() - zero) * scale
        return meaning.transpose(1, 2) if self.heads_first else meaning

    def _sizes(self, length: int, heads: int, size: int) -> list[int]:
        return [self.batch, heads, length, size] if self.heads_first else [self.batch, length, heads, size]


def quantized_cases() -> list[QuantizedCase]:
    op = "custom_quantized_sdpa"
    causal = [
        QuantizedCase(op, length, start, heads=heads, kv_heads=kv_heads, head_size=size, causal=True)
        for heads, kv_heads, size in ((4, 4, 32), (4, 2, 64), (2, 1, 96))
        for length, start in ((1, 0), (1, 31), (5, 7), (17, 0))
    ]
    other = [
        QuantizedCase(op, 5, 7, batch=2, heads=4, kv_heads=2, head_size=32, causal=True),
        QuantizedCase(op, 5, 7, kv_heads=2, head_size=32),
        QuantizedCase(op, 5, 0, kv_heads=2, head_size=32, mask="bias"),
        QuantizedCase(op, 5, 27, kv_heads=2, head_size=32, mask="window"),
        QuantizedCase(op, 1, 199, heads=4, kv_heads=2, head_size=32, cache=200, causal=True),
        QuantizedCase(op, 5, 7, batch=2, heads=4, kv_heads=2, head_size=32, causal=True, heads_first=True),
        QuantizedCase(op, 1, 31, kv_heads=2, head_size=64, causal=True, heads_first=True),
    ]
    return [*causal, *other]
