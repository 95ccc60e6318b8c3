"""The cases of linear layers with packed weights, against torchao's own layer."""

from dataclasses import dataclass

import torch
from torchao.quantization.quant_api import quantize_

from flink_executorch_models.export.packed_linear import CONFIGS, PackedLinear
from flink_executorch_models.seeded import seeded


@dataclass(frozen=True)
class LinearCase:
    """One call on rows [..., inputs]. The official runtime does not have the operator."""

    bits: int
    sizes: tuple[int, ...]
    features: int
    bias: bool = True
    start: None = None

    @property
    def operator(self) -> str:
        return f"linear_8da{self.bits}w"

    @property
    def name(self) -> str:
        return f"{self.operator}-{'x'.join(map(str, self.sizes))}-to{self.features}{'' if self.bias else '-no-bias'}"

    def tolerance_of(self, output: int) -> float:
        return 2e-5

    def layer(self) -> torch.nn.Linear:
        layer = torch.nn.Linear(self.sizes[-1], self.features, bias=self.bias)
        for place, parameter in enumerate(layer.parameters(), start=2):
            parameter.data = seeded(list(parameter.shape), place) / 8
        return layer.requires_grad_(False)

    def module(self) -> torch.nn.Module:
        return PackedLinear(self.layer(), self.bits)

    def inputs(self) -> dict[str, torch.Tensor]:
        return {"rows": seeded(list(self.sizes), 1)}

    def expected(self, inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        layer = self.layer()
        quantize_(layer, CONFIGS[self.bits])
        layer.weight.scale = layer.weight.scale.float()
        return [layer(inputs["rows"])]


def linear_cases() -> list[LinearCase]:
    return [
        LinearCase(bits, sizes, features, bias)
        for bits in (4, 8)
        for sizes, features, bias in (((64,), 40, True), ((5, 96), 33, False), ((1, 67, 128), 64, True))
    ]
