"""The constant methods of a batched program: what a runtime must know before it makes pages and fills steps."""

import hashlib
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from flink_executorch_models.export.families import NotExportable
from flink_executorch_models.export.paged_attention import paged_attention

ABI = 1


@dataclass(frozen=True)
class Limits:
    """How many tokens and wanted rows a step may have, and how many positions a sequence."""

    step_tokens: int
    step_rows: int
    context: int


def constants(
    program: torch.export.ExportedProgram, model: PreTrainedModel, limits: Limits, ids: dict, template: str | None
) -> dict:
    layers = _layers(program)
    heads_and_sizes = {(heads, size) for heads, size, _ in layers}
    if len(heads_and_sizes) != 1:
        raise NotExportable(f"No batched program for layers of different shape (heads, head size): {heads_and_sizes}.")
    ((kv_heads, head_dim),) = heads_and_sizes
    digest = {"get_chat_template_digest": hashlib.sha256(template.encode()).hexdigest()} if template else {}
    return {
        "get_batched_abi": ABI,
        "get_n_layers": len(layers),
        "get_n_kv_heads": kv_heads,
        "get_head_dim": head_dim,
        "get_layer_windows": [window for _, _, window in layers],
        "get_max_step_tokens": limits.step_tokens,
        "get_max_step_rows": limits.step_rows,
        "get_vocab_size": model.config.vocab_size,
        "get_max_seq_len": limits.context,
        "get_max_context_len": limits.context,
        "use_kv_cache": True,
        "use_sdpa_with_kv_cache": False,
        "enable_dynamic_shape": True,
    } | ids | digest


def special_ids(model: PreTrainedModel) -> dict:
    """The beginning and the ends of a text, from the generation config, where instruction models name all their ends."""
    configs = [config for config in (model.generation_config, model.config) if config is not None]
    bos = next((config.bos_token_id for config in configs if config.bos_token_id is not None), None)
    eos = next((config.eos_token_id for config in configs if config.eos_token_id is not None), None)
    ends = eos if isinstance(eos, list) else [] if eos is None else [eos]
    return ({} if bos is None else {"get_bos_id": bos}) | {"get_eos_ids": ends}


def _layers(program: torch.export.ExportedProgram) -> list[tuple[int, int, int]]:
    """Key-value heads, head size and window of every layer, as the program has them."""
    found = {}
    for node in program.graph.nodes:
        if node.target is paged_attention:
            _, key, _, layer, _, window, *_ = node.args
            _, heads, _, size = key.meta["val"].shape
            found[layer] = (int(heads), int(size), window)
    if sorted(found) != list(range(len(found))):
        raise NotExportable(f"Expected attention in every layer, found it in layers {sorted(found)}.")
    return [found[layer] for layer in range(len(found))]
