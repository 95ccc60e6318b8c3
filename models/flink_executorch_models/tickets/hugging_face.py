"""Writes the model as one of the transformers library, which the exporter of batched programs reads."""

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from flink_executorch_models.tickets.tokenizer import BOS_ID, EOS_ID
from flink_executorch_models.tickets.train import Shape

_NAMES = {  # by what the checkpoint of ExecuTorch's example calls a weight
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w2": "mlp.down_proj",
    "feed_forward.w3": "mlp.up_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "tok_embeddings": "model.embed_tokens",
    "output": "lm_head",
    "norm": "model.norm",
}

OFFICIAL_NAMES = {library: checkpoint for checkpoint, library in _NAMES.items()}


def save(weights: dict[str, torch.Tensor], shape: Shape, context: int, folder: Path) -> None:
    """Writes weights, under the names of the checkpoint, to a folder that `from_pretrained` takes."""
    config = LlamaConfig(
        vocab_size=shape.vocab_size,
        hidden_size=shape.dim,
        intermediate_size=shape.hidden_dim,
        num_hidden_layers=shape.n_layers,
        num_attention_heads=shape.n_heads,
        num_key_value_heads=shape.n_kv_heads,
        rms_norm_eps=shape.norm_eps,
        rope_theta=shape.rope_theta,
        max_position_embeddings=context,
        bos_token_id=BOS_ID,
        eos_token_id=EOS_ID,
    )
    model = LlamaForCausalLM(config)
    model.load_state_dict({_name(name): _weight(name, value, shape) for name, value in weights.items()})
    model.save_pretrained(folder)


def _name(name: str) -> str:
    layer, _, rest = name.removeprefix("layers.").partition(".")
    if not layer.isdigit():
        return f"{_NAMES[name.removesuffix('.weight')]}.weight"
    return f"model.layers.{layer}.{_NAMES[rest.removesuffix('.weight')]}.weight"


def _weight(name: str, value: torch.Tensor, shape: Shape) -> torch.Tensor:
    """The checkpoint rotates neighboring pairs of a head's dimensions, transformers the two halves of a head."""
    heads = {"wq": shape.n_heads, "wk": shape.n_kv_heads}.get(name.split(".")[-2])
    if heads is None:
        return value
    rows, columns = value.shape
    return value.view(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)
