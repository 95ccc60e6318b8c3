"""The cases on floats: with and without grouped heads, early and late positions, causal, masked, neither."""

from dataclasses import dataclass

import torch

from flink_executorch_models.attention_reference import attention, updated, updated_at
from flink_executorch_models.kernel_modules import CustomSdpa, SdpaWithKvCache, UpdateCache
from flink_executorch_models.seeded import seeded

DTYPES = {"float": torch.float32, "half": torch.float16, "bfloat16": torch.bfloat16}
TOLERANCES = {"float": 1e-5, "half": 2e-3, "bfloat16": 1.6e-2}
MASKS = ("none", "bias", "window")


@dataclass(frozen=True)
class Case:
    """One call of one operator; see the README beside the golden files for the meaning of the fields."""

    operator: str
    length: int
    start: int
    batch: int = 1
    heads: int = 4
    kv_heads: int = 4
    head_size: int = 64
    cache: int = 32
    causal: bool = False
    mask: str = "none"
    scale: float | None = None
    dtype: str = "float"

    @property
    def name(self) -> str:
        attends = "causal" if self.causal else {"none": "full"}.get(self.mask, self.mask)
        heads = f"b{self.batch}-h{self.heads}-{self.kv_heads}-d{self.head_size}"
        positions = f"q{self.length}-at{self.start}-of{self.cache}"
        extras = [] if self.operator.startswith("update") else [attends]
        extras += [f"scale{self.scale}"] if self.scale else []
        extras += [self.dtype] if self.dtype != "float" else []
        return "-".join([self.operator, heads, positions, *extras])

    def tolerance_of(self, output: int) -> float:
        """Caches come second, and are copied to the bit."""
        return 0.0 if output > 0 or self.operator.startswith("update") else TOLERANCES[self.dtype]

    def module(self) -> torch.nn.Module:
        if self.operator == "custom_sdpa":
            return CustomSdpa(self.causal, self.scale, DTYPES[self.dtype])
        return SdpaWithKvCache(self.causal, self.scale) if self.operator == "sdpa_with_kv_cache" else UpdateCache()

    def inputs(self) -> dict[str, torch.Tensor]:
        """Named inputs in the order of the program's parameters; a float input is `seeded` with its place from 1 on."""
        cached = [self.batch, self.cache, self.kv_heads, self.head_size]
        new = [self.batch, self.length, self.kv_heads, self.head_size]
        query = [self.batch, self.length, self.heads, self.head_size]
        sizes = {
            "custom_sdpa": {"query": query, "key": cached, "value": cached},
            "sdpa_with_kv_cache": {
                "query": query,
                "key": new,
                "value": new,
                "key_cache": cached,
                "value_cache": cached,
            },
        }.get(self.operator, {"value": new, "cache": cached})
        named = {name: seeded(shape, place) for place, (name, shape) in enumerate(sizes.items(), start=1)}
        named["start_pos"] = torch.tensor([self.start])
        if self.operator == "update_cache_with_indices":
            # Scattered, and never twice the same position: 7 and the cache size have no common divisor.
            steps = torch.arange(self.batch * self.length).reshape(self.batch, self.length)
            named["indices"] = (steps * 7 + self.start) % self.cache
        if self.mask == "bias":
            named["mask"] = seeded([self.length, self.cache], len(named) + 1)
        if self.mask == "window":
            named["mask"] = self._window()
        return named

    def expected(self, inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        if self.operator == "update_cache":
            return [updated(inputs["cache"], inputs["value"], self.start)]
        if self.operator == "update_cache_with_indices":
            return [updated_at(inputs["cache"], inputs["value"], inputs["indices"])]
        query, key, value = (inputs[name].to(DTYPES[self.dtype]) for name in ("query", "key", "value"))
        caches = []
        if self.operator == "sdpa_with_kv_cache":
            caches = [updated(inputs["key_cache"], key, self.start), updated(inputs["value_cache"], value, self.start)]
            key, value = caches
        return [attention(query, key, value, self.start, inputs.get("mask"), self.causal, self.scale), *caches]

    def _window(self) -> torch.Tensor:
        """Lets a query see its own position and the seven before it, as a ring cache's mask does."""
        back = torch.arange(self.start, self.start + self.length)[:, None] - torch.arange(self.cache)[None]
        return torch.zeros(self.length, self.cache).masked_fill((back < 0) | (back > 7), float("-inf"))


def float_cases() -> list[Case]:
    return [*_custom_sdpa(), *_sdpa_with_kv_cache(), *_updates()]


def _custom_sdpa() -> list[Case]:
    op = "custom_sdpa"
    groupings = [
        Case(op, length, start, heads=heads, kv_heads=kv_heads, head_size=32, causal=True)
        for heads, kv_heads in ((4, 4), (8, 2), (8, 1))
        for length, start in ((1, 0), (1, 20), (5, 0), (5, 7))
    ]
    head_sizes = [
        Case(op, length, start, heads=4, kv_heads=2, head_size=size, causal=True)
        for size in (32, 64, 96, 128, 256)
        for length, start in ((17, 0), (1, 31))
    ]
    long = [
        Case(op, 64, 0, heads=4, kv_heads=1, head_size=32, cache=64, causal=True),
        Case(op, 64, 40, heads=2, kv_heads=2, head_size=64, cache=128, causal=True),
        Case(op, 1, 699, heads=8, kv_heads=2, head_size=64, cache=700, causal=True),
        Case(op, 17, 600, heads=2, kv_heads=1, head_size=32, cache=640, causal=True),
    ]
    masked = [
        Case(op, length, start, heads=8, kv_heads=2, head_size=32, mask=mask)
        for mask in ("bias", "window")
        for length, start in ((1, 0), (5, 0), (5, 27), (17, 15))
    ]
    other = [
        Case(op, 5, 0, kv_heads=2, head_size=32),
        Case(op, 5, 7, kv_heads=2, head_size=32),
        Case(op, 1, 31, kv_heads=1, head_size=96),
        Case(op, 5, 7, kv_heads=2, head_size=32, causal=True, scale=0.25),
        Case(op, 5, 0, kv_heads=2, head_size=32, mask="bias", scale=1.5),
        Case(op, 5, 7, batch=2, heads=8, kv_heads=2, head_size=32, causal=True),
        Case(op, 1, 7, batch=2, kv_heads=4, head_size=96, mask="bias"),
    ]
    reduced = [
        Case(op, length, start, heads=8, kv_heads=2, head_size=64, causal=True, dtype=dtype)
        for dtype in ("half", "bfloat16")
        for length, start in ((5, 7), (1, 20))
    ]
    return [*groupings, *head_sizes, *long, *masked, *other, *reduced]


def _sdpa_with_kv_cache() -> list[Case]:
    op = "sdpa_with_kv_cache"
    return [
        Case(op, 1, 0, head_size=32, causal=True),
        Case(op, 5, 0, heads=8, kv_heads=2, head_size=32, causal=True),
        Case(op, 5, 7, heads=8, kv_heads=1, head_size=32, causal=True),
        Case(op, 17, 3, heads=4, kv_heads=2, head_size=64, causal=True),
        Case(op, 1, 31, heads=4, kv_heads=2, head_size=96, causal=True),
        Case(op, 64, 0, heads=4, kv_heads=1, head_size=32, cache=64, causal=True),
        Case(op, 5, 27, heads=4, kv_heads=2, head_size=32, mask="bias"),
        Case(op, 5, 7, heads=4, kv_heads=2, head_size=32),
        Case(op, 5, 7, heads=4, kv_heads=2, head_size=32, causal=True, scale=0.25),
        Case(op, 5, 7, batch=2, heads=4, kv_heads=2, head_size=32, causal=True),
    ]


def _updates() -> list[Case]:
    shapes = [
        dict(length=1, start=0, head_size=32),
        dict(length=1, start=31, head_size=64),
        dict(length=5, start=7, head_size=96, kv_heads=2),
        dict(length=17, start=15, head_size=32, kv_heads=1),
        dict(length=5, start=3, batch=2, kv_heads=2, head_size=32),
    ]
    return [Case(op, **shape) for op in ("update_cache", "update_cache_with_indices") for shape in shapes]
