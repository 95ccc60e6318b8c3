"""Writes the golden files of the LLM operators: `python -m flink_executorch_models.kernel_goldens FOLDER [OPERATOR ...]`.

One program a case, the expected outputs from plain PyTorch in double precision, and `cases.json`. The official operator
is run as a witness only: a case on which it disagrees with the reference stops the run.
"""

import argparse
import json
from pathlib import Path

import torch

from flink_executorch_models.delta_rule_cases import DeltaRuleCase, delta_rule_cases
from flink_executorch_models.hadamard_cases import HadamardCase, hadamard_cases
from flink_executorch_models.kernel_cases import Case, float_cases
from flink_executorch_models.linear_cases import LinearCase, linear_cases
from flink_executorch_models.programs import exported, lowered, run_officially, write_floats
from flink_executorch_models.quantized_cases import quantized_cases

AnyCase = Case | DeltaRuleCase | HadamardCase | LinearCase


def all_cases() -> list[AnyCase]:
    return [*float_cases(), *quantized_cases(), *delta_rule_cases(), *hadamard_cases(), *linear_cases()]


def write_case(case: AnyCase, folder: Path) -> dict:
    """Writes one case's program and expected outputs; returns its entry in `cases.json`."""
    inputs = case.inputs()
    expected = case.expected(inputs)
    module, arguments = case.module(), tuple(inputs.values())
    program = lowered(exported(module, arguments)).buffer
    ours = isinstance(case, LinearCase)  # the official runtime does not have it, so eager PyTorch is the witness
    _check_witness(case, expected, [module(*arguments)] if ours else run_officially(program, arguments))

    (folder / f"{case.name}.pte").write_bytes(program)
    outputs = []
    for place, tensor in enumerate(expected):
        file = f"{case.name}.{place}.f32"
        write_floats(folder / file, tensor)
        outputs.append({"sizes": list(tensor.shape), "file": file, "tolerance": case.tolerance_of(place)})
    return {
        "name": case.name,
        "operator": f"{'llm' if ours else 'llama'}::{case.operator}",
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


def _check_witness(case: AnyCase, expected: list, actual: list) -> None:
    for place, (wanted, got) in enumerate(zip(expected, actual, strict=True)):
        error = (wanted.double() - got.double()).abs().max().item()
        limit = case.tolerance_of(place)
        if not error <= limit:
            raise SystemExit(f"{case.name}: output {place} of the official operator is off by {error}, allowed {limit}")


def write_goldens(folder: Path, cases: list[AnyCase], operators: list[str]) -> None:
    """Writes all cases; with operators, only theirs, and `cases.json` keeps what it says about the others."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "cases.json"
    kept = {entry["name"]: entry for entry in json.loads(manifest.read_text())} if operators else {}
    entries = [
        kept[case.name] if operators and case.operator not in operators else write_case(case, folder) for case in cases
    ]
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    manifest.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="native/src/test/resources/kernels")
    parser.add_argument("operators", nargs="*", help="only these, as custom_sdpa; default: all")
    arguments = parser.parse_args()
    write_goldens(arguments.folder, all_cases(), arguments.operators)
