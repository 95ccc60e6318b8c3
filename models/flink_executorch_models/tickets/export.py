"""Exports the trained checkpoint with export_llm: KV cache and LLM operators inside, linear layers 8da8w on XNNPACK."""

import json
from pathlib import Path

from executorch.examples.models.llama.export_llama_lib import export_llama
from executorch.extension.llm.export.config.llm_config import LlmConfig, ModelType

from flink_executorch_models.tickets.tokenizer import BOS_ID, EOS_ID

_WHOLE_ROW = 0


def export(folder: Path, context: int, model: Path) -> None:
    """Reads `checkpoint.pth` and `params.json` of the folder and writes the `.pte`."""
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
