"""Writes the golden files of the LLM operators: `python -m flink_executorch_models.kernel_goldens FOLDER`.

One program a case, the expected outputs from plain PyTorch in double precision, and `cases.json`. The official operator
is run as a witness only: a case on which it disagrees with the reference stops the run.
"""

import argparse
import json
from pathlib import Path

import torch

from flink_executorch_models.kernel_cases import Case, all_cases
from flink_executorch_models.programs import exported, lowered, run_officially, write_floats


def write_case(case: Case, folder: Path) -> dict:
    """Writes one case's program and expected outputs; returns its entry in `cases.json`."""
    inputs = case.inputs()
    expected = case.expected(inputs)
    program = lowered(exported(case.module(), tuple(inputs.values()))).buffer
    _check_witness(case, expected, run_officially(program, tuple(inputs.values())))

    (folder / f"{case.name}.pte").write_bytes(program)
    outputs = []
    for place, tensor in enumerate(expected):
        file = f"{case.name}.{place}.f32"
        write_floats(folder / file, tensor)
        outputs.append({"sizes": list(tensor.shape), "file": file, "tolerance": case.tolerance if place == 0 else 0.0})
    return {
        "name": case.name,
        "operator": f"llama::{case.operator}",
        "program": f"{case.name}.pte",
        "start_pos": case.start,
        "inputs": [_described(place, *named) for place, named in enumerate(inputs.items(), start=1)],
        "outputs": outputs,
    }


def _described(place: int, name: str, tensor: torch.Tensor) -> dict:
    entry = {"name": name, "dtype": "long" if tensor.dtype == torch.int64 else "float", "sizes": list(tensor.shape)}
    if tensor.dtype == torch.int64:
        return entry | {"values": tensor.flatten().tolist()}
    if torch.isinf(tensor).any():
        visible = [[row.nonzero().min().item(), row.nonzero().max().item()] for row in ~torch.isinf(tensor)]
        return entry | {"visible": visible}
    return entry | {"seed": place}


def _check_witness(case: Case, expected: list, actual: list) -> None:
    for place, (wanted, got) in enumerate(zip(expected, actual, strict=True)):
        error = (wanted.double() - got.double()).abs().max().item()
        limit = case.tolerance if place == 0 else 0.0
        if not error <= limit:
            raise SystemExit(f"{case.name}: output {place} of the official operator is off by {error}, allowed {limit}")


def write_goldens(folder: Path, cases: list[Case]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    entries = [write_case(case, folder) for case in cases]
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    (folder / "cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="native/src/test/resources/kernels")
    write_goldens(parser.parse_args().folder, all_cases())
