"""Programs of export_llm: ExecuTorch's own transformer with the parameters of each family, made tiny."""

import json
from functools import partial

from flink_executorch_models.conformance.exporters import export_llm
from flink_executorch_models.conformance.manifest import Entry
from flink_executorch_models.conformance.tokenizer import VOCABULARY

TINY = {"dim": 64, "hidden_dim": 128, "n_heads": 4, "n_kv_heads": 2, "n_layers": 2, "vocab_size": VOCABULARY}
LLAMA_2 = TINY | {"n_kv_heads": 4, "norm_eps": 1e-5}
LLAMA_3 = TINY | {"norm_eps": 1e-5, "rope_theta": 500000.0, "use_scaled_rope": True}
QWEN_2_5 = TINY | {"norm_eps": 1e-6, "rope_theta": 1000000.0, "use_hf_rope": True, "attention_qkv_bias": True}
QWEN_3 = TINY | {
    "head_dim": 32,
    "norm_eps": 1e-6,
    "rope_theta": 1000000.0,
    "use_hf_rope": True,
    "use_qk_norm": True,
    "qk_norm_before_rope": True,
}
QWEN_3_5 = QWEN_3 | {
    "partial_rotary_factor": 0.25,
    "use_q_gate": True,
    "rms_norm_add_unit_offset": True,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
    "linear_num_key_heads": 4,
    "linear_num_value_heads": 4,
    "layer_types": ["linear_attention", "full_attention"],
}
PHI_4_MINI = TINY | {"norm_eps": 1e-5, "use_hf_rope": True, "partial_rotary_factor": 0.75}
SMOLLM_2 = TINY | {"norm_eps": 1e-5, "rope_theta": 100000.0}
LFM_2 = QWEN_3 | {"head_dim": 16, "norm_eps": 1e-5, "layer_types": ["conv", "full_attention"]}
DEVIATION = 0.2

CACHE = ("model.use_kv_cache=true",)
FUSED = (*CACHE, "model.use_sdpa_with_kv_cache=true")
XNNPACK = ("backend.xnnpack.enabled=true", "backend.xnnpack.extended_ops=true")
CHUNKS = ("export.max_seq_length=32", "export.max_context_length=128")
LINEAR_8DA4W = ("quantization.qmode=8da4w", "quantization.group_size=32")
STATIC = ("model.enable_dynamic_shape=false",)


def _ids(*eos_ids: int) -> str:
    return f"base.metadata='{json.dumps({'get_bos_id': 0, 'get_eos_ids': eos_ids})}'"


def _entry(name: str, family: str, program: str, model_class: str, params: dict, *options: str, **wanted) -> Entry:
    eos_ids = wanted.pop("eos_ids", (1,))
    export = partial(_export, model_class, params, (_ids(*eos_ids), *options))
    return Entry(name, family, "export_llm", program, export, **wanted)


def _export(model_class: str, params: dict, options: tuple[str, ...], work) -> None:
    export_llm(work, model_class, params, DEVIATION, *options)


ENTRIES = [
    _entry(
        "llama2-no-cache",
        "Llama 2",
        "no KV cache, fp32, dynamic shape",
        "llama2",
        LLAMA_2,
        *XNNPACK,
        conversations=True,
        not_official="without a cache its later turns see their own tokens only",
    ),
    _entry(
        "llama2-static",
        "Llama 2",
        "KV cache, plain attention, fp32, static shape T = 1, portable kernels",
        "stories110m",
        LLAMA_2,
        *CACHE,
        *STATIC,
    ),
    _entry(
        "llama2-no-cache-full-logits",
        "Llama 2",
        "no KV cache, fp32, dynamic shape, full logits [1, T, V]",
        "llama2",
        LLAMA_2,
        "debug.generate_full_logits=true",
        *XNNPACK,
    ),
    _entry(
        "llama3",
        "Llama 3",
        "KV cache, use_sdpa_with_kv_cache, 8da4w, dynamic shape, chunks of 31 in a context of 128, several eos ids",
        "llama3_2",
        LLAMA_3,
        *FUSED,
        *CHUNKS,
        *LINEAR_8DA4W,
        *XNNPACK,
        eos_ids=(1, 300, 318),
        conversations=True,
    ),
    _entry(
        "llama3-full-logits",
        "Llama 3",
        "KV cache, use_sdpa_with_kv_cache, fp32, dynamic shape, full logits [1, T, V]",
        "llama3_1",
        LLAMA_3,
        *FUSED,
        "debug.generate_full_logits=true",
        *XNNPACK,
    ),
    _entry(
        "llama3-bf16",
        "Llama 3",
        "KV cache, plain attention, bf16 weights and logits, dynamic shape, portable kernels",
        "llama3",
        LLAMA_3,
        *CACHE,
        "model.dtype_override=bf16",
    ),
    _entry(
        "llama3-half",
        "Llama 3",
        "KV cache, plain attention, half weights and logits, dynamic shape, portable kernels",
        "llama3",
        LLAMA_3,
        *CACHE,
        "model.dtype_override=fp16",
    ),
    _entry(
        "llama3-data-file",
        "Llama 3",
        "KV cache, use_sdpa_with_kv_cache, fp32, dynamic shape, weights in a .ptd file (foundation_weights_file)",
        "llama3_2",
        LLAMA_3,
        *FUSED,
        *XNNPACK,
        "export.foundation_weights_file=weights",
    ),
    _entry(
        "llama3-prefill-decode",
        "Llama 3",
        "methods prefill and decode over one KV cache (multimethod, share_mutable_buffers), fp32, dynamic shape",
        "llama3_2",
        LLAMA_3,
        *FUSED,
        *CHUNKS,
        *XNNPACK,
        "multimethod.methods=[{method_name:prefill},{method_name:decode}]",
        "multimethod.share_mutable_buffers=true",
        conversations=True,
        not_official="it gives each method a cache of its own, so decode does not see the prompt",
    ),
    _entry(
        "llama3-quantized-cache",
        "Llama 3",
        "KV cache in int8 (quantize_kv_cache), use_sdpa_with_kv_cache, fp32, dynamic shape",
        "llama3_2",
        LLAMA_3,
        *FUSED,
        *CHUNKS,
        *XNNPACK,
        "model.quantize_kv_cache=true",
    ),
    _entry(
        "llama3-sliding-window",
        "Llama 3",
        "ring buffer of a window of 16 in every other layer (local_global_attention), use_sdpa_with_kv_cache, fp32",
        "llama3_2",
        LLAMA_3,
        *FUSED,
        "export.max_seq_length=16",
        "export.max_context_length=128",
        *XNNPACK,
        "model.local_global_attention=[16,0]",
        new_tokens=60,
    ),
    _entry(
        "llama3-attention-sink",
        "Llama 3",
        "attention sink of 4 tokens and a window of 28 (use_attention_sink), use_sdpa_with_kv_cache, fp32",
        "llama3_2",
        LLAMA_3,
        *FUSED,
        *CHUNKS,
        *XNNPACK,
        "model.use_attention_sink='4,28'",
        new_tokens=80,
    ),
    _entry(
        "qwen2.5",
        "Qwen 2.5",
        "KV cache, use_sdpa_with_kv_cache, 8da4w with 8-bit embeddings, dynamic shape, chunks of 31 in 128",
        "qwen2_5_0_5b",
        QWEN_2_5,
        *FUSED,
        *CHUNKS,
        *LINEAR_8DA4W,
        "quantization.embedding_quantize='8,0'",
        *XNNPACK,
    ),
    _entry(
        "qwen3",
        "Qwen 3",
        "KV cache, plain attention, fp32, dynamic shape",
        "qwen3_0_6b",
        QWEN_3,
        *CACHE,
        *XNNPACK,
        conversations=True,
    ),
    _entry(
        "qwen3.5",
        "Qwen 3.5",
        "KV cache, use_sdpa_with_kv_cache, fp32, static shape T = 1, recurrent state that position 0 clears",
        "qwen3_5_0_8b",
        QWEN_3_5,
        *FUSED,
        *STATIC,
        *XNNPACK,
    ),
    _entry(
        "phi-4-mini",
        "Phi-4-mini",
        "KV cache, use_sdpa_with_kv_cache, 8da4w, dynamic shape, partial rotary embedding",
        "phi_4_mini",
        PHI_4_MINI,
        *FUSED,
        *LINEAR_8DA4W,
        *XNNPACK,
    ),
    _entry(
        "smollm2",
        "SmolLM 2",
        "KV cache, use_sdpa_with_kv_cache, fp32, static shape T = 1",
        "smollm2",
        SMOLLM_2,
        *FUSED,
        *STATIC,
        *XNNPACK,
        conversations=True,
    ),
    _entry(
        "lfm2",
        "LFM 2",
        "KV cache, use_sdpa_with_kv_cache, fp32, dynamic shape, convolution state that only opening it anew clears",
        "lfm2_350m",
        LFM_2,
        *FUSED,
        *XNNPACK,
        conversations=True,
        state=True,
    ),
]
