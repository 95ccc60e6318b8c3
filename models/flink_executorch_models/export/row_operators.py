"""What a transformer layer does beside its linear layers and attention, as operators that kernels of our own compute.

    llm::rms_norm(input, weight, epsilon) -> f32 [..., N]
        weight * input / sqrt(mean(input^2) + epsilon) of each row
    llm::add_rms_norm(a, b, weight, epsilon) -> f32 [..., N], f32 [..., N]
        a + b, and that normalized
    llm::gated_silu(input), llm::gated_gelu(input) -> f32 [..., N]
        gate(first half) * second half of each row of f32 [..., 2 N]; the GELU is the one by hyperbolic tangent
    llm::split_heads(input, cosines, sines, query_norm, key_norm, epsilon, heads, kv_heads)
            -> query f32 [1, H, T, D], key f32 [1, HK, T, D], value f32 [1, HK, T, D]
        from f32 [1, T, (H + 2 HK) * D], a token's queries, then keys, then values. Queries and keys are normalized by
        weights f32 [D], then rotated by cosines and sines f32 [1, T, R]: of a head's first R numbers the first half are
        paired with the second half. Each of the two is optional.

All tensors are f32 and contiguous. In eager PyTorch each operator is its definition.
"""

import torch
from torch.nn.functional import gelu, silu

library = torch.library.Library("llm", "FRAGMENT")


def _rms_norm(input, weight, epsilon):
    return weight * (input * torch.rsqrt(input.pow(2).mean(-1, keepdim=True) + epsilon))


def _add_rms_norm(a, b, weight, epsilon):
    total = a + b
    return total, _rms_norm(total, weight, epsilon)


def _gated_silu(input):
    gate, up = input.chunk(2, -1)
    return silu(gate) * up


def _gated_gelu(input):
    gate, up = input.chunk(2, -1)
    return gelu(gate, approximate="tanh") * up


def _split_heads(input, cosines, sines, query_norm, key_norm, epsilon, heads, kv_heads):
    parts = input.unflatten(-1, (heads + 2 * kv_heads, -1)).split([heads, kv_heads, kv_heads], dim=2)
    query, key, value = (part.transpose(1, 2).contiguous() for part in parts)
    if query_norm is not None:
        query = _rms_norm(query, query_norm, epsilon)
    if key_norm is not None:
        key = _rms_norm(key, key_norm, epsilon)
    return _rotate(query, cosines, sines), _rotate(key, cosines, sines), value


def _rotate(head, cosines, sines):
    if cosines is None:
        return head
    turned, rest = head.split([cosines.shape[-1], head.shape[-1] - cosines.shape[-1]], dim=-1)
    first, second = turned.chunk(2, -1)
    return torch.cat([turned * cosines.unsqueeze(1) + torch.cat([-second, first], -1) * sines.unsqueeze(1), rest], -1)


def _like(input, *_):
    return torch.empty_like(input)


def _like_both(a, *_):
    return torch.empty_like(a), torch.empty_like(a)


def _half(input):
    return input.new_empty(*input.shape[:-1], input.shape[-1] // 2)


def _heads(input, cosines, sines, query_norm, key_norm, epsilon, heads, kv_heads):
    size = input.shape[2] // (heads + 2 * kv_heads)
    return tuple(input.new_empty(1, count, input.shape[1], size) for count in (heads, kv_heads, kv_heads))


def _define(name: str, arguments: str, results: list[str], shapes, eager):
    """The operator and the form of it that writes to given results, which the runtime calls."""
    plain = ", ".join("Tensor" for _ in results)
    aliases = [f"Tensor({letter}!)" for letter in "abc"[: len(results)]]
    outs = ", ".join(f"{alias} {result}" for alias, result in zip(aliases, results, strict=True))
    many = len(results) > 1
    library.define(f"{name}({arguments}) -> " + (f"({plain})" if many else plain))
    library.define(f"{name}.out({arguments}, *, {outs}) -> " + (f"({', '.join(aliases)})" if many else aliases[0]))

    def given(*_, **kwargs):
        return tuple(kwargs[result] for result in results) if many else kwargs[results[0]]

    library.impl(name, shapes, "Meta")
    library.impl(f"{name}.out", given, "Meta")
    library.impl(name, eager, "CPU")
    return getattr(torch.ops.llm, name).default


rms_norm = _define("rms_norm", "Tensor input, Tensor weight, float epsilon", ["out"], _like, _rms_norm)
add_rms_norm = _define(
    "add_rms_norm", "Tensor a, Tensor b, Tensor weight, float epsilon", ["sum", "out"], _like_both, _add_rms_norm
)
gated_silu = _define("gated_silu", "Tensor input", ["out"], _half, _gated_silu)
gated_gelu = _define("gated_gelu", "Tensor input", ["out"], _half, _gated_gelu)
split_heads = _define(
    "split_heads",
    "Tensor input, Tensor? cosines, Tensor? sines, Tensor? query_norm, Tensor? key_norm, float epsilon, "
    "int heads, int kv_heads",
    ["query", "key", "value"],
    _heads,
    _split_heads,
)
