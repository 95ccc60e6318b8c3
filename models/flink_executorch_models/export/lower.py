"""From the module to the bytes of a program: what is no operator of our own goes to XNNPACK where that takes it."""

import warnings
from collections import Counter
from dataclasses import dataclass

import torch
from executorch.exir import EdgeCompileConfig, ExecutorchBackendConfig, to_edge_transform_and_lower
from executorch.exir.backend.partitioner import Partitioner
from executorch.exir.passes import MemoryPlanningPass
from torch.export import Dim, ExportedProgram

from flink_executorch_models.export.metadata import Limits

_EDGE = EdgeCompileConfig(_check_ir_validity=False, _skip_dim_order=True)


@dataclass(frozen=True)
class Lowered:
    """A program's bytes, and how often it calls each operator that is not XNNPACK's."""

    buffer: bytes
    operators: Counter[str]


def exported(module: torch.nn.Module, limits: Limits) -> ExportedProgram:
    tokens = Dim("tokens", min=1, max=limits.step_tokens)
    rows = Dim("rows", min=1, max=limits.step_rows)
    # Neither size is 0 or 1, which the exporter would take for constants.
    inputs = (torch.arange(5), torch.arange(5), torch.tensor([3, 1, 4]))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.export.export(
            module, inputs, dynamic_shapes=({0: tokens}, {0: tokens}, {0: rows}), strict=False
        )


def lowered(program: ExportedProgram, constants: dict, partitioner: Partitioner) -> Lowered:
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        edge = to_edge_transform_and_lower(
            program,
            partitioner=[partitioner],
            constant_methods=constants,
            compile_config=_EDGE,
        )
        manager = edge.to_executorch(
            ExecutorchBackendConfig(
                extract_delegate_segments=True,
                # Embeddings: from weights and how to dequantize them to the runtime's own operator.
                do_quant_fusion_and_const_prop=True,
                # The runtime gives inputs and outputs memory of their own.
                memory_planning_pass=MemoryPlanningPass(alloc_graph_input=False, alloc_graph_output=False),
            )
        )
    nodes = manager.exported_program().graph_module.graph.nodes
    return Lowered(manager.buffer, Counter(str(node.target) for node in nodes if node.op == "call_function"))
