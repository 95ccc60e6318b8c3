"""Writes small programs that probe the runtime's edges: `python -m flink_executorch_models.program_fixtures FOLDER`.

Beside them goes `programs.json` with inputs and expected outputs (from plain PyTorch).
"""

import argparse
import json
from pathlib import Path

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import ExecutorchBackendConfig
from executorch.exir.passes import MemoryPlanningPass
from executorch.exir.passes.external_constants_pass import delegate_external_constants_pass_unlifted
from executorch.exir.passes.init_mutable_pass import InitializedMutableBufferPass

from flink_executorch_models.export.paged_attention import paged_attention
from flink_executorch_models.programs import exported, lowered, run_officially
from flink_executorch_models.seeded import seeded

MAX_TOKENS = 16
TWO_METHODS_CONSTANTS = {
    "get_vocab_size": 32,
    "use_kv_cache": True,
    "get_scale": 0.5,
    "get_name": "two-methods",
    "get_eos_ids": [2, 3],
}


class Unavailable(torch.nn.Module):
    """Calls an operator that no kernel library has."""

    def forward(self, x):
        return torch.ops.demo.unavailable(x)


class Add(torch.nn.Module):
    def forward(self, x, y):
        return x + y


class Scores(torch.nn.Module):
    """tokens i64 [1, T] -> f32 [1, T, 8]: an embedding, and a linear layer that goes to XNNPACK."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding.from_pretrained(seeded([32, 16], 1))
        self.linear = linear(16, 8)

    def forward(self, tokens):
        return self.linear(self.embedding(tokens))


class Sum(torch.nn.Module):
    """Adds to what it was given so far, beginning with 1.5."""

    def __init__(self):
        super().__init__()
        self.register_buffer("total", torch.full([4], 1.5))

    def forward(self, x):
        self.total.add_(x)
        return self.total.clone()


class Paged(torch.nn.Module):
    """query [1, 4, T, 16], key and value [1, 2, T, 16] -> [1, T, 4, 16]: paged attention alone."""

    def __init__(self, layer: int, window: int = 0, softcap: float = 0.0, sinks: torch.Tensor | None = None):
        super().__init__()
        self.layer, self.window, self.softcap = layer, window, softcap
        self.register_buffer("sinks", sinks)

    def forward(self, query, key, value):
        return paged_attention(query, key, value, self.layer, 0.25, self.window, self.softcap, self.sinks)


def linear(inputs: int, outputs: int) -> torch.nn.Linear:
    layer = torch.nn.Linear(inputs, outputs)
    layer.weight = torch.nn.Parameter(seeded([outputs, inputs], 2), requires_grad=False)
    layer.bias = torch.nn.Parameter(seeded([outputs], 3), requires_grad=False)
    return layer


def write_missing_operator(folder: Path) -> None:
    library = torch.library.Library("demo", "FRAGMENT")
    library.define("unavailable(Tensor x) -> Tensor")
    library.define("unavailable.out(Tensor x, *, Tensor(a!) out) -> Tensor(a!)")
    library.impl("unavailable", lambda x: x.clone(), "CompositeExplicitAutograd")
    library.impl("unavailable", lambda x: torch.empty_like(x), "Meta")
    program = lowered(exported(Unavailable(), (torch.zeros(2, 3),)))
    (folder / "missing-operator.pte").write_bytes(program.buffer)


def write_two_methods(folder: Path) -> list[dict]:
    tokens = torch.tensor([[1, 5, 31, 0, 7]])
    length = torch.export.Dim("tokens", min=1, max=MAX_TOKENS)
    methods = {
        "forward": exported(Scores(), (tokens,), ({1: length},)),
        "add": exported(Add(), (torch.zeros(2, 3), torch.zeros(2, 3))),
    }
    partitioners = {"forward": [XnnpackPartitioner()], "add": []}
    program = lowered(methods, partitioners, TWO_METHODS_CONSTANTS).buffer
    (folder / "two-methods.pte").write_bytes(program)

    x, y = seeded([2, 3], 1), seeded([2, 3], 2)
    calls = [
        _call("two-methods.pte", "forward", (tokens,), Scores()(tokens)),
        _call("two-methods.pte", "forward", (tokens[:, :1],), Scores()(tokens[:, :1])),
        _call("two-methods.pte", "add", (x, y), x + y),
    ]
    for call, inputs in zip(calls, ((tokens,), (tokens[:, :1],), (x, y)), strict=True):
        witness = run_officially(program, inputs, call["method"])[0]
        torch.testing.assert_close(witness.flatten(), torch.tensor(call["output"]["values"]), atol=1e-5, rtol=0)
    return calls


def write_external(folder: Path) -> list[dict]:
    x = seeded([2, 16], 4)
    layer = linear(16, 8)
    program = lowered(exported(layer, (x,)), config=ExecutorchBackendConfig(external_constants=True))
    (folder / "external.pte").write_bytes(program.buffer)
    program.write_tensor_data_to_file(str(folder))
    (folder / "_default_external_constant.ptd").rename(folder / "external.ptd")
    return [_call("external.pte", "forward", (x,), layer(x)) | {"data": ["external.ptd"]}]


def write_external_delegate(folder: Path) -> list[dict]:
    """The same layer on XNNPACK: the names of its weights are inside of the delegate's data."""
    x = seeded([2, 16], 4)
    layer = linear(16, 8)
    tagged = exported(layer, (x,)).module()
    delegate_external_constants_pass_unlifted(module=tagged, gen_tag_fn=lambda _: "external-delegate")
    # Not through exported(): a module that was exported already cannot be set to evaluation.
    program = lowered(torch.export.export(tagged, (x,), strict=False), [XnnpackPartitioner()])
    (folder / "external-delegate.pte").write_bytes(program.buffer)
    program.write_tensor_data_to_file(str(folder))
    return [_call("external-delegate.pte", "forward", (x,), layer(x)) | {"data": ["external-delegate.ptd"]}]


def write_unplanned(folder: Path) -> list[dict]:
    """A program that leaves the memory of its input and its output to the caller."""
    rows = torch.export.Dim("rows", min=1, max=8)
    layer = linear(16, 8)
    config = ExecutorchBackendConfig(
        memory_planning_pass=MemoryPlanningPass(alloc_graph_input=False, alloc_graph_output=False)
    )
    program = lowered(exported(layer, (seeded([2, 16], 4),), ({0: rows},)), [XnnpackPartitioner()], config=config)
    (folder / "unplanned.pte").write_bytes(program.buffer)
    inputs = [seeded([count, 16], 4 + count) for count in (3, 8, 1)]
    return [_call("unplanned.pte", "forward", (x,), layer(x)) for x in inputs]


def write_sharing(folder: Path) -> None:
    """Two methods that add to one sum where they share their mutable state."""
    module = Sum()
    methods = {name: exported(module, (torch.zeros(4),)) for name in ("first", "second")}
    config = ExecutorchBackendConfig(
        memory_planning_pass=MemoryPlanningPass(share_mutable_buffers=True),
        passes=[InitializedMutableBufferPass(["total"])],
    )
    (folder / "sharing.pte").write_bytes(lowered(methods, config=config).buffer)


def write_paged(folder: Path) -> None:
    tokens = torch.export.Dim("tokens", min=1, max=64)

    def method(module: Paged, dtype=torch.float32) -> torch.export.ExportedProgram:
        inputs = tuple(torch.zeros(1, heads, 5, 16, dtype=dtype) for heads in (4, 2, 2))
        return exported(module, inputs, ({2: tokens},) * 3)

    methods = {
        "forward": method(Paged(layer=0)),
        "windowed": method(Paged(layer=1, window=20, softcap=2.0, sinks=seeded([4], 1))),
        "bfloat16": method(Paged(layer=0), torch.bfloat16),
    }
    (folder / "paged.pte").write_bytes(lowered(methods).buffer)


def _call(program: str, method: str, inputs: tuple, output: torch.Tensor) -> dict:
    return {
        "program": program,
        "method": method,
        "inputs": [_described(tensor) for tensor in inputs],
        "output": _described(output) | {"tolerance": 1e-5},
    }


def _described(tensor: torch.Tensor) -> dict:
    dtype = "long" if tensor.dtype == torch.int64 else "float"
    return {"dtype": dtype, "sizes": list(tensor.shape), "values": tensor.flatten().tolist()}


def write_fixtures(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_missing_operator(folder)
    write_sharing(folder)
    write_paged(folder)
    calls = [
        *write_two_methods(folder),
        *write_external(folder),
        *write_external_delegate(folder),
        *write_unplanned(folder),
    ]
    document = {"constants": {"two-methods.pte": TWO_METHODS_CONSTANTS}, "calls": calls}
    (folder / "programs.json").write_text(json.dumps(document) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="native/src/test/resources")
    write_fixtures(parser.parse_args().folder)
