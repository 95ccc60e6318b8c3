"""What the attention and cache operators must give, in double precision and without the operators themselves."""

import torch
from torch.nn.functional import scaled_dot_product_attention


def attention(query, key, value, start, mask=None, causal=False, scale=None) -> torch.Tensor:
    """Attends from query [B, S, H, D] to the keys of a cache [B, C, KVH, D]; returns float64 [B, S, H, D].

    With a mask [S, C] (added to the scores) the whole cache is seen; without one only the first `start + S` keys are.
    Causal: query `i` stands at position `start + i` and sees the keys at 0 ... `start + i`.
    """
    length, heads = query.shape[1], query.shape[2]
    seen = key.shape[1] if mask is not None else start + length
    groups = heads // key.shape[2]
    if causal:
        positions = torch.arange(start, start + length)
        mask = torch.zeros(length, seen).masked_fill(torch.arange(seen)[None] > positions[:, None], float("-inf"))
    result = scaled_dot_product_attention(
        query.double().transpose(1, 2),
        key[:, :seen].double().transpose(1, 2).repeat_interleave(groups, dim=1),
        value[:, :seen].double().transpose(1, 2).repeat_interleave(groups, dim=1),
        attn_mask=None if mask is None else mask.double(),
        scale=scale,
    )
    return result.transpose(1, 2)


def updated(cache, value, start) -> torch.Tensor:
    """Returns a copy of the cache [B, C, H, D] with value [B, S, H, D] at positions `start` ... `start + S - 1`."""
    result = cache.clone()
    result[:, start : start + value.shape[1]] = value
    return result


def updated_at(cache, value, indices) -> torch.Tensor:
    """Returns a copy of the cache [B, C, H, D] with value[b, s] at position indices[b, s]."""
    result = cache.clone()
    for batch, positions in enumerate(indices.tolist()):
        for step, position in enumerate(positions):
            result[batch, position] = value[batch, step]
    return result
