"""Writes the weights of a Hugging Face folder as GGUF, f32: gguf_model.py FOLDER FILE. Runs in the peers' environment.

llama.cpp's own converter knows only tokenizers it has been told of by hash, so a folder with one of its own needs this.
"""

import json
import sys
from pathlib import Path

import gguf
import torch
from safetensors import safe_open

_GPT_2_WORDS = "gpt-2"  # splits words as the ByteLevel pre-tokenizer does


def write(folder: Path, file: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    family = config["model_type"]
    writer = gguf.GGUFWriter(file, family)
    _metadata(writer, config)
    _vocabulary(writer, json.loads((folder / "tokenizer.json").read_text()), config)
    architecture = {"llama": gguf.MODEL_ARCH.LLAMA, "qwen3": gguf.MODEL_ARCH.QWEN3}[family]
    names = gguf.get_tensor_name_map(architecture, config["num_hidden_layers"])
    for part in sorted(folder.glob("*.safetensors")):
        with safe_open(part, framework="pt") as weights:
            for name in weights.keys():
                weight = weights.get_tensor(name).to(torch.float32)
                if family == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
                    heads = config["num_attention_heads" if "q_proj" in name else "num_key_value_heads"]
                    weight = _interleaved(weight, heads)
                writer.add_tensor(names.get_name(name, try_suffixes=(".weight",)), weight.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _interleaved(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """llama.cpp rotates neighboring values of a Llama's head, Hugging Face the first half with the second."""
    return weight.view(heads, 2, -1, weight.shape[1]).transpose(1, 2).reshape(weight.shape)


def _metadata(writer: gguf.GGUFWriter, config: dict) -> None:
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    if config["model_type"] == "llama":
        writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def _vocabulary(writer: gguf.GGUFWriter, tokenizer: dict, config: dict) -> None:
    ids = tokenizer["model"]["vocab"]
    special = {token["content"] for token in tokenizer["added_tokens"] if token["special"]}
    tokens = sorted(ids, key=ids.get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_GPT_2_WORDS)
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL for token in tokens])
    merges = tokenizer["model"]["merges"]
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(False)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
