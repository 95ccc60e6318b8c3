"""The tiny models: random weights, two layers, one per family and per thing that a family does to attention."""

from dataclasses import dataclass

from transformers import (
    Gemma2Config,
    Gemma3TextConfig,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    OPTConfig,
    Phi3Config,
    PretrainedConfig,
    Qwen2Config,
    Qwen3Config,
    SmolLM3Config,
)

from flink_executorch_models.conformance.tokenizer import VOCABULARY
from flink_executorch_models.tickets.tokenizer import BOS_ID, EOS_ID

CONTEXT = 256
WINDOW = 32


@dataclass(frozen=True)
class TinyModel:
    """A model to export.

    :param about: what of this family the program shows
    """

    name: str
    family: str
    about: str
    config: PretrainedConfig
    linear: str = "fp32"
    embedding: str = "fp32"


IDS = {"vocab_size": VOCABULARY, "bos_token_id": BOS_ID, "eos_token_id": EOS_ID, "pad_token_id": None}
TINY = IDS | {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT,
    "initializer_range": 0.2,
    "tie_word_embeddings": False,
}
ONE_WINDOW = {"sliding_window": WINDOW, "layer_types": ["sliding_attention", "full_attention"]}
LLAMA_3_ROPE = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
LONG_ROPE = {
    "type": "longrope",
    "short_factor": [1.0 + 0.05 * i for i in range(6)],
    "long_factor": [1.0 + 0.5 * i for i in range(6)],
}


def _llama3() -> LlamaConfig:
    return LlamaConfig(**TINY, rope_theta=500_000.0, rope_scaling=LLAMA_3_ROPE)


def _qwen3() -> Qwen3Config:
    return Qwen3Config(**TINY | {"tie_word_embeddings": True}, head_dim=32)


MODELS = [
    TinyModel("llama", "Llama 2", "attention over grouped heads", LlamaConfig(**TINY)),
    TinyModel("llama3", "Llama 3", "scaled rotary embedding", _llama3()),
    TinyModel("llama3-8da8w", "Llama 3", "8-bit linear layers and embedding", _llama3(), "8da8w", "8w"),
    TinyModel("llama3-8da4w", "Llama 3", "4-bit linear layers and embedding", _llama3(), "8da4w", "4w"),
    TinyModel("qwen2.5", "Qwen 2.5", "biases in the attention", Qwen2Config(**TINY)),
    TinyModel("qwen3", "Qwen 3", "normalized queries and keys, tied weights, wider heads", _qwen3()),
    TinyModel("qwen3-8da8w", "Qwen 3", "the same with 8-bit linear layers and embedding", _qwen3(), "8da8w", "8w"),
    TinyModel("qwen3-8da4w", "Qwen 3", "the same with 4-bit linear layers and embedding", _qwen3(), "8da4w", "4w"),
    TinyModel("mistral", "Mistral", "a sliding window in every layer", MistralConfig(**TINY, sliding_window=WINDOW)),
    TinyModel("phi-3", "Phi-3", "weights that are merged in the model", Phi3Config(**TINY)),
    TinyModel(
        "phi-4-mini",
        "Phi-4-mini",
        "long rope, over a part of the head, and a sliding window",
        Phi3Config(
            **TINY,
            sliding_window=WINDOW,
            original_max_position_embeddings=CONTEXT,
            partial_rotary_factor=0.75,
            rope_scaling=LONG_ROPE,
        ),
    ),
    TinyModel(
        "gemma2",
        "Gemma 2",
        "soft caps of scores and logits, a window in one layer, scaled embeddings",
        Gemma2Config(
            **TINY,
            head_dim=16,
            query_pre_attn_scalar=24,
            attn_logit_softcapping=5.0,
            final_logit_softcapping=10.0,
            **ONE_WINDOW,
        ),
    ),
    TinyModel(
        "gemma3",
        "Gemma 3 text",
        "a window and another rotary base in one layer",
        Gemma3TextConfig(**TINY, head_dim=32, query_pre_attn_scalar=32, **ONE_WINDOW),
    ),
    TinyModel("smollm2", "SmolLM 2", "tied weights", LlamaConfig(**TINY | {"tie_word_embeddings": True})),
    TinyModel("smollm3", "SmolLM 3", "a layer without rotary embedding", SmolLM3Config(**TINY, no_rope_layer_interval=2)),
    TinyModel(
        "gpt2",
        "GPT-2",
        "learned positions, scale by layer",
        GPT2Config(
            **IDS,
            n_positions=CONTEXT,
            n_embd=64,
            n_layer=2,
            n_head=4,
            initializer_range=0.2,
            scale_attn_by_inverse_layer_idx=True,
        ),
    ),
    TinyModel(
        "gpt-neox",
        "GPT-NeoX",
        "parallel layers, rotary embedding over a part of the head",
        GPTNeoXConfig(**{key: value for key, value in TINY.items() if key != "num_key_value_heads"}),
    ),
    TinyModel(
        "opt",
        "OPT",
        "learned positions with an offset",
        OPTConfig(
            **IDS,
            hidden_size=64,
            word_embed_proj_dim=64,
            ffn_dim=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=CONTEXT,
            init_std=0.2,
        ),
    ),
]
