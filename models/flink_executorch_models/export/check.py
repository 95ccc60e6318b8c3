"""Runs the exported file and eager PyTorch side by side: whole prompts, mixed steps and single tokens."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch

from flink_executorch_models.export.batched import BatchedModel
from flink_executorch_models.export.native_program import NativeProgram
from flink_executorch_models.export.reference_attention import KeysAndValues, Run


@dataclass(frozen=True)
class Step:
    """Tokens of sequences: `runs` are (sequence, number of tokens, first position), `rows` the wanted logits."""

    runs: list[tuple[int, int, int]]
    tokens: list[int]
    rows: list[int]


def steps(vocabulary: int, limit: int) -> list[Step]:
    """Two sequences: one alone, then both in one step, then a token of each."""
    first, second = min(20, limit - 4), min(11, limit - 4)
    ids = torch.randint(vocabulary, (first + second + 5,), generator=torch.Generator().manual_seed(0)).tolist()
    return [
        Step([(0, first, 0)], ids[:first], [0, first - 1]),
        Step([(1, second, 0), (0, 3, first)], ids[first : first + second + 3], [second - 1, second + 2]),
        Step([(0, 1, first + 3), (1, 1, second)], ids[-2:], [0, 1]),
    ]


def eager_logits(batched: BatchedModel, wanted: list[Step]) -> list[torch.Tensor]:
    pages, answers = KeysAndValues(), []
    for step in wanted:
        positions = [position + i for _, count, position in step.runs for i in range(count)]
        with torch.no_grad(), pages.step(*(Run(*run) for run in step.runs)):
            answers.append(batched(torch.tensor(step.tokens), torch.tensor(positions), torch.tensor(step.rows)))
    return answers


def program_logits(program: Path, wanted: list[Step], natives: Path | None) -> list[torch.Tensor]:
    """In a process of its own: the exporter has ExecuTorch's Python bindings loaded."""
    with tempfile.TemporaryDirectory() as work:
        request, answer = Path(work, "steps.json"), Path(work, "logits.pt")
        request.write_text(json.dumps([str(program), [vars(step) for step in wanted], str(natives) if natives else None]))
        subprocess.run([sys.executable, "-m", __name__, str(request), str(answer)], check=True)
        return torch.load(answer)


def largest_difference(left: list[torch.Tensor], right: list[torch.Tensor]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(left, right, strict=True))


def _answer(request: Path, answer: Path) -> None:
    program, wanted, natives = json.loads(request.read_text())
    native = NativeProgram(Path(program), sequences=2, positions=64, folder=natives and Path(natives))
    torch.save([native.step([tuple(run) for run in step["runs"]], step["tokens"], step["rows"]) for step in wanted], answer)


if __name__ == "__main__":
    _answer(Path(sys.argv[1]), Path(sys.argv[2]))
