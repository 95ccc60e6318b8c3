"""Reads the weights back out of the standard program, so that the batched one can have the very same.

The linear layers come out as the floats that their 8-bit numbers stand for.
"""

import json
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from executorch.backends.xnnpack import serialization
from executorch.exir._serialize._flatbuffer import _flatc_decompile
from executorch.exir._serialize._program import deserialize_pte_binary
from executorch.exir.schema import DelegateCall, KernelCall, Tensor

_LINEARS_OF_LAYER = [
    *(f"attention.{name}" for name in ("wq", "wk", "wv", "wo")),
    *(f"feed_forward.{name}" for name in ("w1", "w3", "w2")),
]


@dataclass
class _Found:
    """Weights in the order in which the program uses them."""

    embedding: torch.Tensor
    norms: list[torch.Tensor]
    linears: list[torch.Tensor]


def read(program: Path) -> dict[str, torch.Tensor]:
    """Returns the weights under the names that they have in the checkpoint."""
    found = _find(program.read_bytes())
    layers = (len(found.norms) - 1) // 2
    assert len(found.linears) == layers * len(_LINEARS_OF_LAYER) + 1, "not a program of this recipe"
    weights = {"tok_embeddings": found.embedding}
    linears, norms = iter(found.linears), iter(found.norms)
    for layer in range(layers):
        weights |= {f"layers.{layer}.{name}": next(norms) for name in ("attention_norm", "ffn_norm")}
        weights |= {f"layers.{layer}.{name}": next(linears) for name in _LINEARS_OF_LAYER}
    weights |= {"norm": next(norms), "output": next(linears)}
    return {f"{name}.weight": value for name, value in weights.items()}


def _find(program: bytes) -> _Found:
    file = deserialize_pte_binary(program)
    (plan,) = [plan for plan in file.program.execution_plan if plan.name == "forward"]
    named = {key: file.named_data.buffers[entry.buffer_index] for key, entry in file.named_data.pte_data.items()}
    embeddings, norms, linears = [], [], []
    for instruction in plan.chains[0].instructions:
        call = instruction.instr_args
        if isinstance(call, DelegateCall):
            blob = bytes(file.program.backend_delegate_data[plan.delegates[call.delegate_index].processed.index].data)
            linears += _linears(_graph(blob), named)
        if isinstance(call, DelegateCall | KernelCall):
            constants = [value for value in (plan.values[index].val for index in call.args) if _is_constant(value)]
            tensors = [_tensor(value, file.program.constant_buffer[value.data_buffer_idx].storage) for value in constants]
            is_embedding = isinstance(call, KernelCall) and plan.operators[call.op_index].name == "aten::embedding"
            embeddings += tensors if is_embedding else []
            norms += [tensor for tensor in tensors if isinstance(call, DelegateCall) and tensor.dim() == 1 < tensor.numel()]
    (embedding,) = embeddings
    return _Found(embedding, norms, linears)


def _is_constant(value) -> bool:
    return isinstance(value, Tensor) and value.data_buffer_idx > 0


def _tensor(value: Tensor, storage) -> torch.Tensor:
    return torch.frombuffer(bytearray(storage), dtype=torch.float32).reshape(value.sizes)


def _graph(blob: bytes) -> dict:
    """XNNPACK's graph: behind a header that says where it lies, in the schema that comes with the backend."""
    offset, size = struct.unpack_from("<II", blob, 10)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "graph.bin").write_bytes(blob[offset : offset + size])
        schema = folder / "schema.fbs"
        schema.write_bytes((Path(serialization.__path__[0]) / "schema.fbs").read_bytes())
        _flatc_decompile(name, str(schema), str(folder / "graph.bin"), ["--defaults-json"])
        return json.loads((folder / "graph.json").read_text())


def _linears(graph: dict, named: dict[str, bytes]) -> list[torch.Tensor]:
    values = [value["xvalue_union"] for value in graph["xvalues"]]
    by_id = {value.get("tensor_value", value)["id_out"]: value for value in values}
    layers = [node for node in graph["xnodes"] if node["xnode_union_type"] == "XNNFullyConnected"]
    return [_dequantized(by_id[layer["xnode_union"]["filter_id"]], graph, named) for layer in layers]


def _dequantized(value: dict, graph: dict, named: dict[str, bytes]) -> torch.Tensor:
    def data(index: int, dtype: torch.dtype) -> torch.Tensor:
        return torch.frombuffer(bytearray(named[graph["constant_data"][index]["named_key"]]), dtype=dtype)

    tensor = value["tensor_value"]
    numbers = data(tensor["constant_buffer_idx"], torch.int8).reshape(tensor["dims"])
    scales = data(value["quant_params"]["scale_buffer_idx"], torch.float32)
    return numbers.float() * scales.unsqueeze(1)
