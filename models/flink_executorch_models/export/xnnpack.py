"""XNNPACK's partitioner, taking slices of tensors whose number of tokens is dynamic too.

The exporter refuses those, though to XNNPACK itself a slice of size 0 is the whole dimension, however long. With them a layer
is one partition from its attention to the next layer's.
"""

import executorch.backends.xnnpack.operators  # noqa: F401  registers the visitors
from executorch.backends.xnnpack.operators.node_visitor import _node_visitor_dict, register_node_visitor
from executorch.backends.xnnpack.partition.config import ALL_PARTITIONER_CONFIGS
from executorch.backends.xnnpack.partition.config.generic_node_configs import SliceCopyConfig
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner


class _DynamicSliceConfig(SliceCopyConfig):
    def check_constraints(self, node, ep) -> bool:
        value, dim = node.args[0].meta["val"], node.args[1]
        stride = node.args[4] if len(node.args) > 4 else 1
        return stride == 1 and isinstance(value.shape[dim], int) and self.check_common_constraints(node, ep)


@register_node_visitor
class _DynamicSliceVisitor(_node_visitor_dict["aten.slice_copy.Tensor"]):
    def define_node(self, node, xnn_graph, vals_to_ids, debug_handle) -> None:
        super().define_node(node, xnn_graph, vals_to_ids, debug_handle)
        sizes = xnn_graph.xnodes[-1].xnode_union.sizes
        for dim, size in enumerate(node.meta["val"].shape):
            if not isinstance(size, int):
                sizes[dim] = 0


def partitioner() -> XnnpackPartitioner:
    configs = [_DynamicSliceConfig if config is SliceCopyConfig else config for config in ALL_PARTITIONER_CONFIGS]
    return XnnpackPartitioner(configs=configs)
