"""The sizes of models that are measured; all with random weights: speed does not depend on what a model knows."""

_LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
}
_QWEN_3 = _LLAMA | {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "rms_norm_eps": 1e-6,
    "rope_theta": 1e6,
}


def _shape(
    family: dict, hidden: int, layers: int, heads: int, kv_heads: int, ffn: int, vocabulary: int, **more
) -> dict:
    return (
        family
        | {
            "hidden_size": hidden,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": kv_heads,
            "head_dim": hidden // heads,
            "intermediate_size": ffn,
            "vocab_size": vocabulary,
            "max_position_embeddings": 4096,
            "bos_token_id": 0,
            "eos_token_id": 1,
        }
        | more
    )


# The `config.json` of each, as Hugging Face's library reads it.
SHAPES = {
    "162m": _shape(_LLAMA, 1024, 8, 16, 4, 3072, 32_000),
    "smollm2-135m": _shape(_LLAMA, 576, 30, 9, 3, 1536, 49_152, tie_word_embeddings=True),
    "qwen3-0.6b": _shape(_QWEN_3, 1024, 28, 16, 8, 3072, 151_936, head_dim=128, tie_word_embeddings=True),
    "llama-3.2-1b": _shape(_LLAMA, 2048, 16, 32, 8, 8192, 128_256, tie_word_embeddings=True),
    "wide": _shape(_LLAMA, 2048, 4, 32, 8, 8192, 32_000),
    # Small enough to try the benchmark itself out; its numbers say nothing.
    "tiny": _shape(_LLAMA, 128, 2, 4, 2, 256, 2048),
}

# A LLaVA that looks with an encoder of the size of the sample captioner's and speaks with 162m.
CAPTIONER = "captioner-162m"
CAPTIONER_SIDE, CAPTIONER_PATCH = 96, 12
CAPTIONER_CONFIG = {
    "architectures": ["LlavaForConditionalGeneration"],
    "model_type": "llava",
    "text_config": SHAPES["162m"],
    "vision_config": {
        "model_type": "clip_vision_model",
        "hidden_size": 192,
        "intermediate_size": 576,
        "num_hidden_layers": 7,
        "num_attention_heads": 6,
        "image_size": CAPTIONER_SIDE,
        "patch_size": CAPTIONER_PATCH,
        "projection_dim": 64,
    },
    "image_token_index": 2,
    "image_seq_length": (CAPTIONER_SIDE // CAPTIONER_PATCH) ** 2,
    "tie_word_embeddings": False,
}


def linear_weights(shape: dict) -> int:
    """Weights that every token is multiplied with: of all linear layers and the head."""
    heads = shape["num_attention_heads"] + 2 * shape["num_key_value_heads"] + shape["num_attention_heads"]
    layer = shape["hidden_size"] * (heads * shape["head_dim"] + 3 * shape["intermediate_size"])
    return shape["num_hidden_layers"] * layer + head_weights(shape)


def head_weights(shape: dict) -> int:
    """Weights of the head alone, which only rows whose logits are wanted go through."""
    return shape["vocab_size"] * shape["hidden_size"]
