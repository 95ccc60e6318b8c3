"""Exports the trained checkpoint with export_llm, and the same weights once more as a batched program."""

import json
from pathlib import Path

from executorch.examples.models.llama.export_llama_lib import export_llama
from executorch.extension.llm.export.config.llm_config import LlmConfig, ModelType

from flink_executorch_models.export.exporter import Options, export_model
from flink_executorch_models.export.metadata import Limits
from flink_executorch_models.tickets import hugging_face, weights
from flink_executorch_models.tickets.tokenizer import BOS_ID, EOS_ID
from flink_executorch_models.tickets.train import Shape

_WHOLE_ROW = 0
_STEP_TOKENS, _STEP_ROWS = 512, 128


def export(folder: Path, context: int, model: Path) -> None:
    """Reads `checkpoint.pth` and `params.json` of the folder and writes the standard `.pte`: KV cache and LLM operators
    inside, linear layers 8da8w on XNNPACK."""
    config = LlmConfig()
    config.base.model_class = ModelType.llama2
    config.base.checkpoint = str(folder / "checkpoint.pth")
    config.base.params = str(folder / "params.json")
    config.base.metadata = json.dumps({"get_bos_id": BOS_ID, "get_eos_ids": [EOS_ID]})
    config.model.use_kv_cache = True
    config.model.use_sdpa_with_kv_cache = True
    config.model.enable_dynamic_shape = True
    config.export.max_seq_length = context
    config.export.max_context_length = context
    config.export.output_name = str(model)
    config.quantization.qmode = "8da8w"
    config.quantization.group_size = _WHOLE_ROW
    config.backend.xnnpack.enabled = True
    config.backend.xnnpack.extended_ops = True
    export_llama(config)


def export_batched(standard: Path, shape: Shape, context: int, folder: Path, model: Path) -> None:
    """Writes the batched `.pte`, KV cache outside, from the weights of the standard program: linear layers 8da8w as there,
    on packed kernels. The folder takes the model in the form in between."""
    hugging_face.save(weights.read(standard), shape, context, folder)
    export_model(str(folder), model, Options("8da8w", "fp32", Limits(_STEP_TOKENS, _STEP_ROWS, context)))
