"""The one operator of batched programs that does not work row by row: attention over pages that the runtime owns.

    llm::paged_attention(query, key, value, layer, scale, window, softcap, sinks) -> f32 [1, T, H, D]

`query` is f32 [1, H, T, D], `key` and `value` are f32 [1, HK, T, D], contiguous and after rotary embedding. The operator first
appends all keys and values of the step to the pages of their sequences. Then the token at position p attends to the keys 0 ... p
of its sequence, with `window` > 0 only to those with p - key < window. A score is `dot * scale`, with `softcap` > 0
`softcap * tanh(dot * scale / softcap)`. `sinks`, f32 [H], are a learned logit per head that joins only the softmax's denominator.

To the exporter it is a function of its tensors. Which sequences the T tokens belong to is not in the program: the runtime
sets it before a step. In eager PyTorch `reference_attention.py` does.
"""

import torch

from flink_executorch_models.export import reference_attention

_ARGUMENTS = (
    "Tensor query, Tensor key, Tensor value, int layer, float scale, int window, float softcap, Tensor? sinks=None"
)

library = torch.library.Library("llm", "DEF")
library.define(f"paged_attention({_ARGUMENTS}) -> Tensor")
library.define(f"paged_attention.out({_ARGUMENTS}, *, Tensor(a!) out) -> Tensor(a!)")


@torch.library.impl(library, "paged_attention", "Meta")
def _shape(query, key, value, layer, scale, window, softcap, sinks=None):
    batch, heads, tokens, size = query.shape
    return query.new_empty(batch, tokens, heads, size)


@torch.library.impl(library, "paged_attention.out", "Meta")
def _shape_out(query, key, value, layer, scale, window, softcap, sinks=None, *, out):
    return out


library.impl("paged_attention", reference_attention.paged_attention, "CPU")

paged_attention = torch.ops.llm.paged_attention.default
