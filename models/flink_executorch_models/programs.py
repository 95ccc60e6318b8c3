"""From a module to the bytes of a `.pte`, and back to what the official runtime answers."""

import warnings
from pathlib import Path

import torch
from executorch.exir import EdgeCompileConfig, ExecutorchBackendConfig, to_edge_transform_and_lower
from executorch.extension.pybindings.portable_lib import _load_for_executorch_from_buffer

# The operators with side effects and start positions read from tensors are not in the edge dialect's core set.
UNCHECKED = EdgeCompileConfig(_check_ir_validity=False)


def exported(module: torch.nn.Module, inputs: tuple, dynamic_shapes=None) -> torch.export.ExportedProgram:
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.export.export(module.eval(), inputs, dynamic_shapes=dynamic_shapes, strict=False)


def lowered(methods, partitioner=None, constants: dict | None = None, config: ExecutorchBackendConfig | None = None):
    """Lowers exported methods (one, or a dict by name) to an ExecuTorch program with constant methods of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        edge = to_edge_transform_and_lower(
            methods, partitioner=partitioner, constant_methods=constants, compile_config=UNCHECKED
        )
        return edge.to_executorch(config or ExecutorchBackendConfig())


def run_officially(program: bytes, inputs: tuple, method: str = "forward") -> list:
    return list(_load_for_executorch_from_buffer(program).run_method(method, inputs))


def write_floats(path: Path, tensor: torch.Tensor) -> None:
    """Writes the elements in row-major order as little-endian float32, without a header."""
    path.write_bytes(tensor.to(torch.float32).contiguous().numpy().astype("<f4").tobytes())
