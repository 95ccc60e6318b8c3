"""Puts the operator in the place of a Hugging Face model's attention, through the library's own attention interface."""

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from flink_executorch_models.export.paged_attention import paged_attention

NAME = "llm_paged"


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **_,
) -> tuple[torch.Tensor, None]:
    """query [1, H, T, D], key and value [1, HK, T, D] -> [1, T, H, D], None"""
    scale = _gpt2_scale(module, query.shape[-1]) if scaling is None else scaling
    answer = paged_attention(
        query.contiguous(),
        key.contiguous(),
        value.contiguous(),
        module.layer_idx,
        float(scale),
        sliding_window or 0,
        softcap or 0.0,
        s_aux,
    )
    return answer, None


def _gpt2_scale(module: torch.nn.Module, head_dim: int) -> float:
    """GPT-2 is the family that hands over no scale: it is in its modules."""
    scale = head_dim**-0.5 if module.scale_attn_weights else 1.0
    return scale / (module.layer_idx + 1) if module.scale_attn_by_inverse_layer_idx else scale


# No mask function goes with it: the library then makes no mask.
ALL_ATTENTION_FUNCTIONS.register(NAME, _attention)
