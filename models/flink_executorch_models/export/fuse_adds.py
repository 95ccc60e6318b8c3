"""Fuses sums with the norms that follow them: no matter of one module, so it is done in the exported graph."""

import operator

import torch
from torch.fx import GraphModule

from flink_executorch_models.export.row_operators import add_rms_norm, rms_norm

aten = torch.ops.aten


def fuse_adds(module: GraphModule) -> None:
    for norm in list(module.graph.nodes):
        if norm.target is not rms_norm or norm.args[0].target is not aten.add.Tensor:
            continue
        total, weight, epsilon = norm.args
        a, b = total.args
        if total.kwargs or a.meta["val"].shape != b.meta["val"].shape:
            continue
        with module.graph.inserting_before(total):
            # The weight is nobody's result, but it may stand behind the sum.
            weight = module.graph.get_attr(weight.target) if weight.op == "get_attr" else weight
            both = module.graph.call_function(add_rms_norm, (a, b, weight, epsilon))
            both.meta["val"] = (total.meta["val"], norm.meta["val"])
            for index, old in enumerate((total, norm)):
                new = module.graph.call_function(operator.getitem, (both, index))
                new.meta["val"] = old.meta["val"]
                old.replace_all_uses_with(new)
        module.graph.erase_node(norm)
        module.graph.erase_node(total)
