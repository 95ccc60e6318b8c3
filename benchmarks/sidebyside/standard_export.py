"""Exports a Hugging Face folder as ExecuTorch's own `export_llm` does: standard_export.py FOLDER CONTEXT FILE.

KV cache inside the program, fused attention, 8da4w linear layers on XNNPACK, 8-bit embedding. Runs in the peers'
environment.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import torch
from executorch.examples.models.llama.export_llama_lib import export_llama
from executorch.extension.llm.export.config.llm_config import LlmConfig, ModelType
from safetensors.torch import load_file

CHUNK = 512  # most tokens of one prefill step, as in our export
PARTS = {
    "model.embed_tokens": "tok_embeddings",
    "model.norm": "norm",
    "lm_head": "output",
    "self_attn.q_proj": "attention.wq",
    "self_attn.k_proj": "attention.wk",
    "self_attn.v_proj": "attention.wv",
    "self_attn.o_proj": "attention.wo",
    "self_attn.q_norm": "attention.q_norm_fn",
    "self_attn.k_norm": "attention.k_norm_fn",
    "mlp.gate_proj": "feed_forward.w1",
    "mlp.down_proj": "feed_forward.w2",
    "mlp.up_proj": "feed_forward.w3",
    "post_attention_layernorm": "ffn_norm",
    "input_layernorm": "attention_norm",
    "model.layers": "layers",
}


def _checkpoint(folder: Path) -> dict[str, torch.Tensor]:
    weights = {}
    for part in folder.glob("*.safetensors"):
        for name, weight in load_file(part).items():
            for theirs, wanted in PARTS.items():
                name = name.replace(theirs, wanted)
            weights[name] = weight
    weights.setdefault("output.weight", weights["tok_embeddings.weight"])
    return weights


def _parameters(config: dict) -> dict:
    qwen = config["model_type"] == "qwen3"
    return {
        "dim": config["hidden_size"],
        "hidden_dim": config["intermediate_size"],
        "n_layers": config["num_hidden_layers"],
        "n_heads": config["num_attention_heads"],
        "n_kv_heads": config["num_key_value_heads"],
        "head_dim": config["head_dim"],
        "vocab_size": config["vocab_size"],
        "norm_eps": config["rms_norm_eps"],
        "rope_theta": config["rope_theta"],
        "use_hf_rope": True,
    } | ({"use_qk_norm": True, "qk_norm_before_rope": True} if qwen else {})


def main(folder: Path, context: int, file: Path) -> None:
    source = json.loads((folder / "config.json").read_text())
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        torch.save(_checkpoint(folder), "checkpoint.pth")
        Path("params.json").write_text(json.dumps(_parameters(source)))
        config = LlmConfig()
        config.base.model_class = ModelType.llama3
        config.base.checkpoint = "checkpoint.pth"
        config.base.params = "params.json"
        ids = {"get_bos_id": source["bos_token_id"], "get_eos_ids": [source["eos_token_id"]]}
        config.base.metadata = json.dumps(ids)
        config.model.use_kv_cache = True
        config.model.use_sdpa_with_kv_cache = True
        config.model.enable_dynamic_shape = True
        config.export.max_seq_length = CHUNK
        config.export.max_context_length = context
        config.export.output_name = str(file)
        config.quantization.qmode = "8da4w"
        config.quantization.group_size = 32
        config.quantization.embedding_quantize = "8,0"
        config.backend.xnnpack.enabled = True
        config.backend.xnnpack.extended_ops = True
        export_llama(config)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), Path(sys.argv[3]).resolve())
