import json
from pathlib import Path

import pytest
import torch

from flink_executorch_models.kernel_goldens import all_cases, write_case
from flink_executorch_models.program_fixtures import write_fixtures
from flink_executorch_models.seeded import seeded

RESOURCES = Path(__file__).parents[2] / "native" / "src" / "test" / "resources"
COMMITTED = {entry["name"]: entry for entry in json.loads((RESOURCES / "kernels" / "cases.json").read_text())}
ONE_PER_OPERATOR = {case.operator: case for case in all_cases()}


def test_committed_cases_are_the_listed_ones():
    assert list(COMMITTED) == [case.name for case in all_cases()]
    wanted = {entry["program"] for entry in COMMITTED.values()} | {"cases.json"}
    wanted |= {output["file"] for entry in COMMITTED.values() for output in entry["outputs"]}
    assert {file.name for file in (RESOURCES / "kernels").iterdir()} == wanted


@pytest.mark.parametrize("case", ONE_PER_OPERATOR.values(), ids=ONE_PER_OPERATOR.keys())
def test_case_is_made_again_as_committed(case, tmp_path):
    assert json.loads(json.dumps(write_case(case, tmp_path))) == COMMITTED[case.name]
    for output in COMMITTED[case.name]["outputs"]:
        again, committed = (
            torch.frombuffer(bytearray((folder / output["file"]).read_bytes()), dtype=torch.float32)
            for folder in (tmp_path, RESOURCES / "kernels")
        )
        torch.testing.assert_close(again, committed, atol=1e-6, rtol=0)


def test_edge_programs_are_made_again_as_committed(tmp_path):
    write_fixtures(tmp_path)
    again = json.loads((tmp_path / "programs.json").read_text())
    committed = json.loads((RESOURCES / "programs.json").read_text())
    assert again["constants"] == committed["constants"]
    for ours, theirs in zip(again["calls"], committed["calls"], strict=True):
        assert ours["output"]["values"] == pytest.approx(theirs["output"]["values"], abs=1e-6)
    external = ("external.pte", "external.ptd", "external-delegate.pte", "external-delegate.ptd")
    for name in ("missing-operator.pte", "two-methods.pte", *external):
        assert (RESOURCES / name).stat().st_size == (tmp_path / name).stat().st_size


def test_seeded_values_are_the_documented_formula():
    def value(index: int, seed: int) -> float:
        x = (index * 0x9E3779B1 + seed * 0x85EBCA77) & 0xFFFFFFFF
        x ^= x >> 15
        x = x * 0x2C1B3C6D & 0xFFFFFFFF
        x ^= x >> 12
        return ((x >> 21) - 1024) / 1024

    tensor = seeded([3, 100], 5).flatten().tolist()
    assert tensor == [value(index, 5) for index in range(300)]
    assert min(tensor) < -0.9 and max(tensor) > 0.9
