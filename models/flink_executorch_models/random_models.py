"""Writes Hugging Face models of random weights in the shapes that the benchmarks use, for timing.

    python -m flink_executorch_models.random_models SHAPE FOLDER
"""

import argparse
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, PretrainedConfig, Qwen3Config

SEED = 0
_IDS = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None}


def _shape(hidden: int, layers: int, heads: int, kv_heads: int, ffn: int, vocabulary: int, tied: bool, **more) -> dict:
    return _IDS | {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "intermediate_size": ffn,
        "vocab_size": vocabulary,
        "tie_word_embeddings": tied,
        "max_position_embeddings": 8192,
        "dtype": "bfloat16",
        **more,
    }


SHAPES: dict[str, PretrainedConfig] = {
    "162m": LlamaConfig(**_shape(1024, 8, 16, 4, 3072, 32_000, tied=False)),
    "smollm2-135m": LlamaConfig(**_shape(576, 30, 9, 3, 1536, 49_152, tied=True, rope_theta=100_000.0)),
    "qwen3-0.6b": Qwen3Config(
        **_shape(1024, 28, 16, 8, 3072, 151_936, tied=True, head_dim=128, rope_theta=1_000_000.0)
    ),
    "llama-3.2-1b": LlamaConfig(**_shape(2048, 16, 32, 8, 8192, 128_256, tied=True, rope_theta=500_000.0)),
    "wide": LlamaConfig(**_shape(2048, 4, 32, 8, 8192, 32_000, tied=False)),
}


def write(shape: str, folder: Path, seed: int = SEED) -> None:
    """Equal shapes and seeds give equal weights, in bfloat16 as released models have them."""
    torch.manual_seed(seed)
    AutoModelForCausalLM.from_config(SHAPES[shape], dtype=torch.bfloat16).save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes a Hugging Face model of random weights.")
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    write(arguments.shape, arguments.folder, arguments.seed)


if __name__ == "__main__":
    main()
