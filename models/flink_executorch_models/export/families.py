"""The families whose attention is the operator's, and what must be changed in some before they can be exported."""

import torch
from transformers import PretrainedConfig, PreTrainedModel
from transformers.pytorch_utils import Conv1D

from flink_executorch_models.export.rotary import use_tables

# Checked against `generate` of the library, each with a golden.
FAMILIES = {
    "gemma2": "Gemma 2",
    "gemma3_text": "Gemma 3 text",
    "gpt2": "GPT-2",
    "gpt_neox": "GPT-NeoX",
    "llama": "Llama 2, Llama 3, SmolLM 2",
    "mistral": "Mistral",
    "opt": "OPT",
    "phi3": "Phi-3, Phi-4",
    "qwen2": "Qwen 2.5",
    "qwen3": "Qwen 3",
    "smollm3": "SmolLM 3",
}


class NotExportable(ValueError):
    """This model cannot become a batched program; the message says why."""


def check_family(config: PretrainedConfig) -> None:
    if config.model_type not in FAMILIES:
        raise NotExportable(
            f"No batched program for model type '{config.model_type}': its attention is not causal attention over one list of "
            f"keys and values per layer, or nobody has checked that it is. Known types: {', '.join(sorted(FAMILIES))}. "
            "Export it as a standard program instead, with optimum-executorch or export_llm."
        )
    if getattr(config, "use_bidirectional_attention", False):
        raise NotExportable("No batched program for bidirectional attention: tokens may only attend to earlier ones.")


def prepare(model: PreTrainedModel, context: int) -> None:
    """Changes the model in place, without changing what it computes for positions below `context`."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, Conv1D):
                setattr(parent, name, _linear(child))
    use_tables(model, context)
    if model.config.model_type == "opt":
        # This family makes a mask of its own, from a mask that it would also take the positions from.
        model.model.decoder._update_causal_mask = lambda *_: None


def _linear(conv: Conv1D) -> torch.nn.Linear:
    """GPT-2 keeps its weights transposed."""
    with torch.device("meta"):
        linear = torch.nn.Linear(conv.nx, conv.nf)
    linear.weight = torch.nn.Parameter(conv.weight.detach().t().contiguous(), requires_grad=False)
    linear.bias = torch.nn.Parameter(conv.bias.detach(), requires_grad=False)
    return linear
