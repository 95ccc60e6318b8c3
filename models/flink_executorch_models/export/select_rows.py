"""Selects the wanted rows as early as possible: behind the last attention nothing is computed for the other tokens."""

import operator

import torch
from torch.fx import GraphModule, Node

from flink_executorch_models.export import packed_linear, row_operators  # noqa: F401 (define their operators)

aten, llm, torchao = torch.ops.aten, torch.ops.llm, torch.ops.torchao

# Each works row by row, and none has the number of rows among its arguments.
_ROW_BY_ROW = {
    aten.add.Tensor,
    aten.contiguous.default,
    aten.div.Tensor,
    aten.dropout.default,
    aten.gelu.default,
    aten.layer_norm.default,
    aten.linear.default,
    aten.mul.Tensor,
    aten.neg.default,
    aten.pow.Tensor_Scalar,
    aten.relu.default,
    aten.rsqrt.default,
    aten.sigmoid.default,
    aten.silu.default,
    aten.sub.Tensor,
    aten.tanh.default,
    aten.to.dtype,
    llm.add_rms_norm.default,
    llm.gated_gelu.default,
    llm.gated_silu.default,
    llm.linear_8da4w.default,
    llm.linear_8da8w.default,
    llm.rms_norm.default,
    operator.getitem,
    torchao.choose_qparams_affine.default,
    torchao.dequantize_affine.default,
    torchao.quantize_affine.default,
}


# Of these it depends on the dimensions that they are asked for.
_BY_DIM = {aten.chunk.default, aten.slice.Tensor, aten.split.Tensor, aten.split_with_sizes.default}


def select_rows_early(module: GraphModule) -> None:
    rows = next((node for node in module.graph.nodes if node.op == "placeholder" and node.name == "rows"), None)
    if rows is None:
        return  # no method that gives logits
    (select,) = rows.users
    behind = {select}
    for node in reversed(module.graph.nodes):
        if node.users and all(user in behind for user in node.users) and _is_row_by_row(node):
            behind.add(node)
    # One result of an operator whose other results all tokens need: it is selected from, not behind.
    behind -= {node for node in behind if node.target is operator.getitem and node.args[0] not in behind}
    if len(behind) == 1:
        return
    _select_in_front(module, [node for node in module.graph.nodes if node in behind and node is not select], rows)
    select.replace_all_uses_with(select.args[0])
    module.graph.erase_node(select)


def _select_in_front(module: GraphModule, behind: list[Node], rows: Node) -> None:
    selected: dict[Node, Node] = {}
    for node in behind:
        for source in node.all_input_nodes:
            if source in behind or _tokens_dim(source) is None:
                continue
            if source not in selected:
                with module.graph.inserting_after(source):
                    arguments = (source, _tokens_dim(source), rows)
                    selected[source] = module.graph.call_function(aten.index_select.default, arguments)
            node.replace_input_with(source, selected[source])


def _is_row_by_row(node: Node) -> bool:
    if node.target in _ROW_BY_ROW:
        return True
    if node.target in _BY_DIM:
        dims = node.args[0].meta["val"].dim()
        dim = node.args[1] if node.target is aten.slice.Tensor else node.args[2] if len(node.args) > 2 else 0
        return dim % dims != _tokens_dim(node.args[0])
    # The number of tokens is left to be inferred.
    return node.target is aten.view.default and all(isinstance(size, int) for size in node.args[1])


def _tokens_dim(node: Node) -> int | None:
    """The dimension that the step's tokens are in; None if the value has none, such as a weight."""
    value = node.meta.get("val")
    if not isinstance(value, torch.Tensor):
        return None
    dims = [dim for dim, size in enumerate(value.shape) if not isinstance(size, int)]
    return dims[0] if dims else None
