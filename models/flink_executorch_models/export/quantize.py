"""Quantizes linear layers and embeddings in place, one by one, so that no second copy of the model is held."""

import torch
from torchao.quantization.granularity import PerAxis, PerGroup
from torchao.quantization.quant_api import (
    Int8DynamicActivationIntxWeightConfig,
    IntxWeightOnlyConfig,
    quantize_,
)
from torchao.utils import unwrap_tensor_subclass
from transformers import PreTrainedModel

from flink_executorch_models.export.packed_linear import pack_linears

GROUP = 32

# Activations are quantized row by row, while the program runs: a row's numbers do not depend on the rows beside it.
LINEAR = {
    "fp32": None,
    "8da8w": Int8DynamicActivationIntxWeightConfig(weight_dtype=torch.int8, weight_granularity=PerAxis(0)),
    "8da4w": Int8DynamicActivationIntxWeightConfig(weight_dtype=torch.int4, weight_granularity=PerGroup(GROUP)),
}
# The bits of weights that kernels of our own multiply with.
PACKED = {"8da8w": 8, "8da4w": 4}
EMBEDDING = {
    "fp32": None,
    "8w": IntxWeightOnlyConfig(weight_dtype=torch.int8, granularity=PerAxis(0)),
    "4w": IntxWeightOnlyConfig(weight_dtype=torch.int4, granularity=PerGroup(GROUP)),
}


def untie(model: PreTrainedModel) -> None:
    """Gives the last linear layer weights of its own: it is quantized otherwise than the embedding."""
    output = model.get_output_embeddings()
    if output.weight is model.get_input_embeddings().weight:
        output.weight = torch.nn.Parameter(output.weight.detach().clone(), requires_grad=False)
    model.config.tie_word_embeddings = False


def quantize(model: PreTrainedModel, linear: str, embedding: str, packed: bool) -> None:
    """Leaves every weight that is not quantized in float32. `packed` linear layers are for kernels of our own."""
    if linear != "fp32" or embedding != "fp32":
        untie(model)
    quantize_linear(model, linear, packed, {model.get_input_embeddings(): EMBEDDING[embedding]})


def quantize_linear(module: torch.nn.Module, linear: str, packed: bool, others: dict | None = None) -> None:
    """Quantizes all linear layers, and `others` by configurations of their own, and leaves the rest in float32."""
    if packed and linear in PACKED:
        pack_linears(module, PACKED[linear])
    for child in list(module.modules()):
        if any(True for _ in child.children()):
            continue
        child.float()
        if isinstance(child, torch.nn.Linear):
            _quantize(child, LINEAR[linear])
        else:
            _quantize(child, (others or {}).get(child))
    module.float()
    unwrap_tensor_subclass(module)


def _quantize(module: torch.nn.Module, config) -> None:
    if config is not None:
        quantize_(module, config, lambda candidate, _: candidate is module)
