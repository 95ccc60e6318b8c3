"""Exports a Llama with random weights, for timing steps of a given size: python -m flink_executorch_models.random_llama --help"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
from executorch.examples.models.llama.export_llama_lib import export_llama
from executorch.examples.models.llama.llama_transformer import construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from executorch.extension.llm.export.config.llm_config import LlmConfig, ModelType

_GROUP = 32


def export(shape: dict, context: int, model: Path) -> None:
    """KV cache inside, linear layers 8da4w on XNNPACK; equal shapes give equal weights."""
    torch.manual_seed(0)
    transformer = construct_transformer(ModelArgs(max_seq_len=context, max_context_len=context, **shape))
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, params = Path(folder, "checkpoint.pth"), Path(folder, "params.json")
        torch.save(transformer.state_dict(), checkpoint)
        params.write_text(json.dumps(shape))
        config = LlmConfig()
        config.base.model_class = ModelType.llama2
        config.base.checkpoint = str(checkpoint)
        config.base.params = str(params)
        config.base.metadata = json.dumps({"get_bos_id": 1, "get_eos_ids": [2]})
        config.model.use_kv_cache = True
        config.model.use_sdpa_with_kv_cache = True
        config.model.enable_dynamic_shape = True
        config.export.max_seq_length = context
        config.export.max_context_length = context
        config.export.output_name = str(model)
        config.quantization.qmode = "8da4w"
        config.quantization.group_size = _GROUP
        config.backend.xnnpack.enabled = True
        config.backend.xnnpack.extended_ops = True
        export_llama(config)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", type=int, default=32_000)
    parser.add_argument("--dim", type=int, default=288, help="hidden size, a multiple of 32")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=6)
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    shape = {
        "dim": arguments.dim,
        "n_layers": arguments.layers,
        "n_heads": arguments.heads,
        "n_kv_heads": arguments.heads,
        "vocab_size": arguments.vocabulary,
        "hidden_dim": 4 * arguments.dim * 2 // 3 // _GROUP * _GROUP,
        "norm_eps": 1e-5,
    }
    export(shape, arguments.context, arguments.output.resolve())


if __name__ == "__main__":
    main()
