"""Replaces the parts of a Hugging Face decoder, in place, by modules that call few operators, most of them our own.

Projections of the same input become one linear layer. What a module computes stays the same, but for rounding.
"""

import torch
from transformers import PreTrainedModel

from flink_executorch_models.export.merge import concatenated
from flink_executorch_models.export.paged_attention import paged_attention
from flink_executorch_models.export.row_operators import gated_gelu, gated_silu, rms_norm, split_heads

# Their layers are made of the modules below. The others keep their own modules.
FAMILIES = {"gemma2", "gemma3_text", "llama", "mistral", "phi3", "qwen2", "qwen3", "smollm3"}
_GATES = {"silu": gated_silu, "swish": gated_silu, "gelu_pytorch_tanh": gated_gelu}


class RmsNorm(torch.nn.Module):
    def __init__(self, norm: torch.nn.Module):
        super().__init__()
        weight, self.epsilon = _weight_and_epsilon(norm)
        self.register_buffer("weight", weight)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return rms_norm(hidden, self.weight, self.epsilon)


class GatedMlp(torch.nn.Module):
    def __init__(self, mlp: torch.nn.Module, gate):
        super().__init__()
        merged = getattr(mlp, "gate_up_proj", None)
        self.gate_up = concatenated([mlp.gate_proj, mlp.up_proj]) if merged is None else merged
        self.down, self.gate = mlp.down_proj, gate

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.down(self.gate(self.gate_up(hidden)))


class Attention(torch.nn.Module):
    def __init__(self, attention: torch.nn.Module):
        super().__init__()
        config = attention.config
        merged = getattr(attention, "qkv_proj", None)
        self.qkv = concatenated([attention.q_proj, attention.k_proj, attention.v_proj]) if merged is None else merged
        self.out = attention.o_proj
        self.heads, self.kv_heads = config.num_attention_heads, config.num_key_value_heads
        self.layer_idx, self.scale = attention.layer_idx, float(attention.scaling)
        # Some families say which layers have a window, in others all have.
        self.window = getattr(attention, "sliding_window", getattr(config, "sliding_window", None)) or 0
        # Gemma 3 has the option too, but its attention does not use it.
        self.softcap = (config.model_type == "gemma2" and config.attn_logit_softcapping) or 0.0
        self.rotates = bool(getattr(attention, "use_rope", True))
        self.is_sliding = getattr(attention, "is_sliding", None)  # the layers of Gemma 3 ask
        self.epsilon = 0.0
        self.query_norm = self.key_norm = None
        if hasattr(attention, "q_norm"):
            query_norm, self.epsilon = _weight_and_epsilon(attention.q_norm)
            key_norm, _ = _weight_and_epsilon(attention.k_norm)
            del self.query_norm, self.key_norm
            self.register_buffer("query_norm", query_norm)
            self.register_buffer("key_norm", key_norm)

    def forward(self, hidden_states: torch.Tensor, position_embeddings=None, **_) -> tuple[torch.Tensor, None]:
        cosines, sines = position_embeddings if self.rotates else (None, None)
        query, key, value = split_heads(
            self.qkv(hidden_states),
            cosines,
            sines,
            self.query_norm,
            self.key_norm,
            self.epsilon,
            self.heads,
            self.kv_heads,
        )
        answer = paged_attention(query, key, value, self.layer_idx, self.scale, self.window, self.softcap)
        return self.out(answer.reshape(1, -1, self.heads * query.shape[-1])), None


def fuse(model: PreTrainedModel) -> None:
    """Changes the model in place."""
    if model.config.model_type not in FAMILIES:
        return
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            kind = type(child).__name__
            if kind.endswith("Attention"):
                setattr(parent, name, Attention(child))
            elif kind.endswith("MLP") and _gate(model) is not None:
                setattr(parent, name, GatedMlp(child, _gate(model)))
            elif kind.endswith("RMSNorm"):
                setattr(parent, name, RmsNorm(child))


def _gate(model: PreTrainedModel):
    gemma = model.config.model_type.startswith("gemma")
    return _GATES.get(model.config.hidden_activation if gemma else model.config.hidden_act)


def _weight_and_epsilon(norm: torch.nn.Module) -> tuple[torch.Tensor, float]:
    """Gemma's norms multiply with 1 + weight."""
    weight = norm.weight.detach().float()
    gemma = type(norm).__name__.startswith("Gemma")
    return (1.0 + weight, norm.eps) if gemma else (weight.clone(), norm.variance_epsilon)
