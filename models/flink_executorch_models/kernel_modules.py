"""One-operator modules around the LLM operators, with start positions bounded the way export_llm bounds them."""

import torch
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers torch.ops.llama

NO_DROPOUT = 0.0


def bounded(start_pos: torch.Tensor, length, cache: torch.Tensor):
    start = start_pos[0].item()
    torch._check(start >= 0)
    torch._check(start + length <= cache.shape[1])
    return start


class CustomSdpa(torch.nn.Module):
    """query [B, S, H, D], key and value [B, C, KVH, D], start_pos i64 [1], perhaps mask f32 [S, C] -> [B, S, H, D]."""

    def __init__(self, causal: bool, scale: float | None = None, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.causal, self.scale, self.dtype = causal, scale, dtype

    def forward(self, query, key, value, start_pos, mask=None):
        start = bounded(start_pos, query.shape[1], key)
        query, key, value = (tensor.to(self.dtype) for tensor in (query, key, value))
        result = torch.ops.llama.custom_sdpa(query, key, value, start, mask, NO_DROPOUT, self.causal, self.scale)
        return result.to(torch.float32)


class SdpaWithKvCache(torch.nn.Module):
    """As CustomSdpa, but caches first take in key and value [B, S, KVH, D]; returns the two new caches as well."""

    def __init__(self, causal: bool, scale: float | None = None):
        super().__init__()
        self.causal, self.scale = causal, scale

    def forward(self, query, key, value, key_cache, value_cache, start_pos, mask=None):
        start = bounded(start_pos, query.shape[1], key_cache)
        key_cache, value_cache = key_cache.clone(), value_cache.clone()
        result = torch.ops.llama.sdpa_with_kv_cache(
            query, key, value, key_cache, value_cache, start, query.shape[1], mask, NO_DROPOUT, self.causal, self.scale
        )
        return result, key_cache, value_cache


class UpdateCache(torch.nn.Module):
    """value [B, S, H, D], cache [B, C, H, D], start_pos i64 [1] and perhaps indices i64 [B, S] -> the new cache."""

    def forward(self, value, cache, start_pos, indices=None):
        start = bounded(start_pos, value.shape[1], cache)
        cache = cache.clone()
        if indices is None:
            torch.ops.llama.update_cache(value, cache, start)
        else:
            torch.ops.llama.update_cache_with_indices(value, cache, start, indices)
        return cache
