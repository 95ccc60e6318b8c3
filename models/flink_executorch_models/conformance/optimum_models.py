"""Programs of optimum-executorch: the models of Hugging Face's library, made tiny."""

from functools import partial

from transformers import (
    Gemma3TextConfig,
    GPT2Config,
    LlamaConfig,
    Phi3Config,
    PretrainedConfig,
    Qwen2Config,
    Qwen3Config,
    SmolLM3Config,
)

from flink_executorch_models.conformance.exporters import optimum
from flink_executorch_models.conformance.manifest import Entry
from flink_executorch_models.conformance.tokenizer import VOCABULARY
from flink_executorch_models.tickets.tokenizer import BOS_ID, EOS_ID

CONTEXT = 128
IDS = {"bos_token_id": BOS_ID, "eos_token_id": EOS_ID, "pad_token_id": None}
TINY = IDS | {
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT,
    "initializer_range": 0.2,
    "tie_word_embeddings": False,
}
LONG_ROPE = {
    "rope_type": "longrope",
    "rope_theta": 10000.0,
    "short_factor": [1.0 + 0.05 * i for i in range(6)],
    "long_factor": [1.0 + 0.5 * i for i in range(6)],
}
LLAMA_3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}

XNNPACK = ("--recipe", "xnnpack", "--max_seq_len", str(CONTEXT))
PORTABLE = ("--recipe", "portable", "--max_seq_len", str(CONTEXT))
CUSTOM = ("--use_custom_sdpa", "--use_custom_kv_cache")
LINEAR_8DA4W = ("--qlinear", "8da4w", "--qembedding", "8w")


def _entry(name: str, family: str, program: str, config: PretrainedConfig, *options: str, **wanted) -> Entry:
    return Entry(name, family, "optimum-executorch", program, partial(_export, config, options), **wanted)


def _export(config: PretrainedConfig, options: tuple[str, ...], work) -> None:
    optimum(work, config, *options)


ENTRIES = [
    _entry(
        "optimum-llama",
        "Llama 2",
        "position per token, custom_sdpa and custom cache, 8da4w with 8-bit embeddings, dynamic shape",
        LlamaConfig(**TINY | {"hidden_size": 128, "intermediate_size": 256, "initializer_range": 0.15}),
        *XNNPACK,
        *CUSTOM,
        *LINEAR_8DA4W,
        new_tokens=48,
    ),
    _entry(
        "llama2-optimum",
        "Llama 2",
        "position per token, custom_sdpa without the custom cache, 8da4w with 8-bit embeddings, dynamic shape",
        LlamaConfig(**TINY),
        *XNNPACK,
        "--use_custom_sdpa",
        *LINEAR_8DA4W,
    ),
    _entry(
        "code-llama",
        "Code Llama",
        "position per token, plain attention, fp32, dynamic shape, portable kernels",
        LlamaConfig(**TINY, rope_parameters={"rope_type": "default", "rope_theta": 1000000.0}),
        *PORTABLE,
    ),
    _entry(
        "llama3-optimum",
        "Llama 3",
        "position per token, custom_sdpa and custom cache, half weights and logits, dynamic shape, scaled rope",
        LlamaConfig(**TINY, rope_parameters=LLAMA_3_ROPE),
        *PORTABLE,
        *CUSTOM,
        "--dtype",
        "float16",
    ),
    _entry(
        "qwen2.5-optimum",
        "Qwen 2.5",
        "one position, plain attention, fp32, static shape T = 1",
        Qwen2Config(**TINY),
        *XNNPACK,
        "--disable_dynamic_shapes",
    ),
    _entry(
        "qwen3-optimum",
        "Qwen 3",
        "position per token, custom_sdpa and custom cache, 8da4w with 8-bit embeddings, dynamic shape",
        Qwen3Config(**TINY, head_dim=32),
        *XNNPACK,
        *CUSTOM,
        *LINEAR_8DA4W,
        conversations=True,
    ),
    _entry(
        "phi-3",
        "Phi-3",
        "position per token, custom_sdpa and custom cache, fp32, dynamic shape",
        Phi3Config(**TINY),
        *XNNPACK,
        *CUSTOM,
    ),
    _entry(
        "phi-3-sliding-window",
        "Phi-3",
        "position per token, plain attention over a window of 32, fp32, dynamic shape; as exported it refuses "
        "position 32, so its goldens end before",
        Phi3Config(**TINY, sliding_window=32),
        *XNNPACK,
        new_tokens=10,
        tokens=32,
    ),
    _entry(
        "phi-4-mini-optimum",
        "Phi-4-mini",
        "position per token, custom_sdpa and custom cache, fp32, dynamic shape, long rope",
        Phi3Config(
            **TINY,
            original_max_position_embeddings=CONTEXT,
            partial_rotary_factor=0.75,
            rope_parameters=LONG_ROPE | {"partial_rotary_factor": 0.75},
        ),
        *XNNPACK,
        *CUSTOM,
    ),
    _entry(
        "gemma3",
        "Gemma 3 text",
        "position per token, custom_sdpa, ring buffer of a window of 32 in the first layer, fp32, dynamic shape",
        Gemma3TextConfig(**TINY, head_dim=32, sliding_window=32, layer_types=["sliding_attention", "full_attention"]),
        *XNNPACK,
        *CUSTOM,
        new_tokens=60,
        conversations=True,
    ),
    _entry(
        "gemma3-hybrid-cache",
        "Gemma 3 text",
        "one position, plain attention, window of 32 in the first layer, fp32, static shape T = 1 that the metadata "
        "calls dynamic; as exported it refuses position 32, so its goldens end before",
        Gemma3TextConfig(**TINY, head_dim=32, sliding_window=32, layer_types=["sliding_attention", "full_attention"]),
        *XNNPACK,
        new_tokens=10,
        tokens=32,
    ),
    _entry(
        "smollm2-optimum",
        "SmolLM 2",
        "position per token, plain attention, bf16 weights and logits, dynamic shape, portable kernels",
        LlamaConfig(**TINY, rope_parameters={"rope_type": "default", "rope_theta": 100000.0}),
        *PORTABLE,
        "--dtype",
        "bfloat16",
    ),
    _entry(
        "smollm3",
        "SmolLM 3",
        "position per token, custom_sdpa and custom cache, 8da4w, dynamic shape, no rope in every other layer",
        SmolLM3Config(**TINY, no_rope_layer_interval=2),
        *XNNPACK,
        *CUSTOM,
        "--qlinear",
        "8da4w",
    ),
    _entry(
        "gpt2",
        "GPT-2",
        "position per token, learned positions, plain attention, fp32, dynamic shape",
        GPT2Config(
            **IDS, vocab_size=VOCABULARY, n_positions=CONTEXT, n_embd=64, n_layer=2, n_head=4, initializer_range=0.2
        ),
        *XNNPACK,
    ),
]
