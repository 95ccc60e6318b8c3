"""Rewrites an exported graph, step by step, into one that computes the same with fewer operators outside of XNNPACK."""

import math

import torch
from torch.export import ExportedProgram
from torch.fx import GraphModule, Node

from flink_executorch_models.export.fuse_adds import fuse_adds
from flink_executorch_models.export.select_rows import select_rows_early

aten = torch.ops.aten


def rewritten(program: ExportedProgram) -> GraphModule:
    """A module to export again, with the same inputs."""
    module = program.module(check_guards=False)
    rewrites = (
        _drop_checks,
        _infer_tokens,
        _share_views,
        _mean_by_linear,
        _gelu_by_tanh,
        fuse_adds,
        select_rows_early,
    )
    for rewrite in rewrites:
        rewrite(module)
        module.graph.eliminate_dead_code()
        module.graph.lint()
    module.recompile()
    return module


def _drop_checks(module: GraphModule) -> None:
    """Assertions about data types, and conversions to the type that a tensor has."""
    for node in list(module.graph.nodes):
        if node.target is aten._assert_tensor_metadata.default:
            module.graph.erase_node(node)
        elif node.target in (aten.to.dtype, aten.type_as.default) and node.args[0].meta["val"].dtype == node.meta["val"].dtype:
            node.replace_all_uses_with(node.args[0])
            module.graph.erase_node(node)


def _infer_tokens(module: GraphModule) -> None:
    """Shapes with the number of tokens in them become shapes with -1: XNNPACK takes those alone."""
    for node in module.graph.nodes:
        if node.target in (aten.view.default, aten.reshape.default):
            shape = [size if isinstance(size, int) else -1 for size in node.meta["val"].shape]
            if shape.count(-1) <= 1:
                source = node.args[0]
                if node.target is aten.reshape.default and not source.meta["val"].is_contiguous():
                    with module.graph.inserting_before(node):
                        source = module.graph.call_function(aten.contiguous.default, (source,))
                    source.meta["val"] = node.args[0].meta["val"].contiguous()
                node.target, node.args, node.kwargs = aten.view.default, (source, shape), {}


def _share_views(module: GraphModule) -> None:
    """What every layer makes anew of the same tensor is made once."""
    seen: dict[tuple, Node] = {}
    for node in list(module.graph.nodes):
        if node.target in (aten.unsqueeze.default, aten.select.int, aten.index_select.default):
            key = (node.target, node.args)
            if key in seen:
                node.replace_all_uses_with(seen[key])
                module.graph.erase_node(node)
            else:
                seen[key] = node


def _mean_by_linear(module: GraphModule) -> None:
    """XNNPACK has no mean over the last dimension. A linear layer with one output is one."""
    for node in list(module.graph.nodes):
        if node.target is not aten.mean.dim or node.args[1:] != ([-1], True) or node.kwargs:
            continue
        size = int(node.args[0].meta["val"].shape[-1])
        name = f"mean_of_{size}"
        if not hasattr(module, name):
            module.register_buffer(name, torch.full((1, size), 1 / size))
        with module.graph.inserting_before(node):
            weight = module.graph.get_attr(name)
            mean = module.graph.call_function(aten.linear.default, (node.args[0], weight))
        mean.meta["val"] = node.meta["val"]
        node.replace_all_uses_with(mean)
        module.graph.erase_node(node)


def _gelu_by_tanh(module: GraphModule) -> None:
    """XNNPACK's exporter makes the exact GELU of every one, of the approximation too: written out, it stays the approximation."""
    scale = math.sqrt(2 / math.pi)
    for node in list(module.graph.nodes):
        if node.target is not aten.gelu.default or node.kwargs.get("approximate") != "tanh":
            continue
        x = node.args[0]
        with module.graph.inserting_before(node):

            def call(target, *arguments):
                made = module.graph.call_function(target, arguments)
                made.meta["val"] = node.meta["val"]
                return made

            cubic = call(aten.add.Tensor, call(aten.mul.Tensor, call(aten.mul.Tensor, x, x), 0.044715 * scale), scale)
            tanh = call(aten.tanh.default, call(aten.mul.Tensor, cubic, x))
            gelu = call(aten.mul.Tensor, call(aten.mul.Tensor, call(aten.add.Tensor, tanh, 1.0), x), 0.5)
        node.replace_all_uses_with(gelu)
        module.graph.erase_node(node)
