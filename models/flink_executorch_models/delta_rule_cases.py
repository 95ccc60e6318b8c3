"""The cases of the gated delta rule: one decay a token or one a channel, single tokens and sequences, shared states."""

import math
from dataclasses import dataclass

import torch
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers torch.ops.llama

from flink_executorch_models.seeded import seeded


def near_one(values: torch.Tensor) -> torch.Tensor:
    """From seeded values in [-1, 1) to factors in [7/8, 1), exactly."""
    return values / 16 + 15 / 16


def short(vectors: torch.Tensor) -> torch.Tensor:
    """Divides by a power of two, so that vectors of seeded values are at most about one long."""
    return vectors / 2 ** math.ceil(math.log2(vectors.shape[-1]) / 2)


class GatedDeltaRule(torch.nn.Module):
    """query [B, H, T, K], key [B, S, T, K], value [B, S, T, V], decay [B, S, T] or like key, beta [B, S, T],
    state [B, S, K, V] -> [B, H, T, V], state.
    """

    def __init__(self, operator: str):
        super().__init__()
        self.operator = getattr(torch.ops.llama, operator)

    def forward(self, query, key, value, decay, beta, state):
        return self.operator(short(query), short(key), value, near_one(decay), near_one(beta), state)


@dataclass(frozen=True)
class DeltaRuleCase:
    """One call; the README beside the golden files describes the programs."""

    length: int
    heads: int = 4
    state_heads: int = 4
    key_size: int = 32
    value_size: int = 32
    batch: int = 1
    channelwise: bool = False
    operator: str = "gated_delta_rule"
    start: None = None

    @property
    def name(self) -> str:
        shape = f"b{self.batch}-h{self.heads}-{self.state_heads}-k{self.key_size}-v{self.value_size}-t{self.length}"
        return f"{self.operator}-{shape}" + ("-channelwise" if self.channelwise else "")

    def tolerance_of(self, output: int) -> float:
        return 1e-5

    def module(self) -> torch.nn.Module:
        return GatedDeltaRule(self.operator)

    def inputs(self) -> dict[str, torch.Tensor]:
        tokens = [self.batch, self.state_heads, self.length]
        sizes = {
            "query": [self.batch, self.heads, self.length, self.key_size],
            "key": [*tokens, self.key_size],
            "value": [*tokens, self.value_size],
            "decay": [*tokens, self.key_size] if self.channelwise else tokens,
            "beta": tokens,
            "state": [self.batch, self.state_heads, self.key_size, self.value_size],
        }
        return {name: seeded(shape, place) for place, (name, shape) in enumerate(sizes.items(), start=1)}

    def expected(self, inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        """The recurrence, token by token in double precision."""
        query, key, value, decay, beta, state = (tensor.double() for tensor in inputs.values())
        query, key, decay, beta = short(query), short(key), near_one(decay), near_one(beta)
        decay = decay if self.channelwise else decay[..., None].expand_as(key)
        query = query.reshape(self.batch, self.state_heads, -1, self.length, self.key_size)
        outputs = []
        for token in range(self.length):
            state = state * decay[:, :, token, :, None]
            remembered = torch.einsum("bskv,bsk->bsv", state, key[:, :, token])
            correction = beta[:, :, token, None] * (value[:, :, token] - remembered)
            state = state + torch.einsum("bsk,bsv->bskv", key[:, :, token], correction)
            outputs.append(torch.einsum("bskv,bsgk->bsgv", state, query[:, :, :, token]))
        return [torch.stack(outputs, dim=3).reshape(self.batch, self.heads, self.length, self.value_size), state]


def delta_rule_cases() -> list[DeltaRuleCase]:
    decays = [DeltaRuleCase(length, channelwise=decay) for decay in (False, True) for length in (1, 5, 70)]
    return [
        *decays,
        DeltaRuleCase(1, state_heads=2, key_size=64, value_size=64),
        DeltaRuleCase(17, state_heads=2, key_size=64, value_size=64, batch=2),
        DeltaRuleCase(17, state_heads=1, key_size=96, value_size=45, channelwise=True),
        DeltaRuleCase(5, heads=2, state_heads=2, key_size=5, value_size=7, batch=2),
        DeltaRuleCase(5, heads=2, state_heads=2, key_size=128, value_size=128),
        DeltaRuleCase(5, channelwise=True, operator="channelwise_gated_delta_rule"),
    ]
