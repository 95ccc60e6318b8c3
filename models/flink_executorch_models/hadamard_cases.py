"""The cases of the Hadamard transform: powers of two, and 28 times one."""

from dataclasses import dataclass

import torch
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers torch.ops.llama

from flink_executorch_models.seeded import seeded

# A Hadamard matrix of order 28 by Williamson's construction: signed blocks of circulant matrices of order 7.
FIRST_ROWS = ("+------", "--++++-", "-+-++-+", "-++--++")
BLOCKS = (("+0", "-1", "-2", "-3"), ("+1", "+0", "+3", "-2"), ("+2", "-3", "+0", "+1"), ("+3", "+2", "-1", "+0"))


def hadamard28() -> torch.Tensor:
    def circulant(row: str) -> torch.Tensor:
        signs = torch.tensor([1.0 if sign == "+" else -1.0 for sign in row], dtype=torch.float64)
        return torch.stack([signs.roll(shift) for shift in range(len(row))])

    def block(text: str) -> torch.Tensor:
        return circulant(FIRST_ROWS[int(text[1])]) * (1 if text[0] == "+" else -1)

    return torch.cat([torch.cat([block(text) for text in row], dim=1) for row in BLOCKS])


def hadamard(size: int) -> torch.Tensor:
    """The matrix for a power of two, divided by the root of its size."""
    matrix = torch.ones(1, 1, dtype=torch.float64)
    while matrix.shape[0] < size:
        matrix = torch.cat([torch.cat([matrix, matrix], dim=1), torch.cat([matrix, -matrix], dim=1)]) / 2**0.5
    return matrix


class HadamardTransform(torch.nn.Module):
    def forward(self, vectors):
        return torch.ops.llama.fast_hadamard_transform(vectors)


@dataclass(frozen=True)
class HadamardCase:
    """One call on vectors [..., size]."""

    sizes: tuple[int, ...]
    operator: str = "fast_hadamard_transform"
    start: None = None

    @property
    def name(self) -> str:
        return f"{self.operator}-{'x'.join(map(str, self.sizes))}"

    def tolerance_of(self, output: int) -> float:
        return 1e-5

    def module(self) -> torch.nn.Module:
        return HadamardTransform()

    def inputs(self) -> dict[str, torch.Tensor]:
        return {"vectors": seeded(list(self.sizes), 1)}

    def expected(self, inputs: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        size = self.sizes[-1]
        matrix = hadamard(size) if size % 28 else torch.kron(hadamard28(), hadamard(size // 28))
        return [inputs["vectors"].double() @ matrix.T]


def hadamard_cases() -> list[HadamardCase]:
    return [HadamardCase(sizes) for sizes in ((2, 3, 64), (1, 5, 128), (4, 1024), (2, 28), (1, 3, 1792))]
