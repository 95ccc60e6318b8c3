"""Decoders made of fused modules compute what the library's own do, eagerly and as exported."""

import pytest
import torch
from transformers import AutoModelForCausalLM

from flink_executorch_models.batched_goldens.tiny_models import CONTEXT, MODELS
from flink_executorch_models.export import attention
from flink_executorch_models.export.batched import BatchedModel
from flink_executorch_models.export.families import prepare
from flink_executorch_models.export.fused import FAMILIES, Attention, GatedMlp, RmsNorm, fuse
from flink_executorch_models.export.lower import exported
from flink_executorch_models.export.metadata import Limits
from flink_executorch_models.export.packed_linear import PackedLinear
from flink_executorch_models.export.quantize import quantize
from flink_executorch_models.export.reference_attention import KeysAndValues, Run
from flink_executorch_models.export.rewrite import rewritten

LIMITS = Limits(step_tokens=128, step_rows=16, context=CONTEXT)
TINY = [tiny for tiny in MODELS if tiny.linear == "fp32" and tiny.config.model_type in FAMILIES]
ROWS = torch.tensor([1, 11, 12])


def model_of(tiny):
    torch.manual_seed(3)
    model = AutoModelForCausalLM.from_config(tiny.config, attn_implementation=attention.NAME).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    prepare(model, CONTEXT)
    return model


def logits(module) -> torch.Tensor:
    """Of a step that follows another, with more tokens than wanted rows: beyond the windows."""
    tokens, positions = torch.arange(60) * 7 % 90, torch.arange(60)
    pages = KeysAndValues()
    with torch.no_grad():
        with pages.step(Run(0, 47, 0)):
            module(tokens[:47], positions[:47], ROWS)
        with pages.step(Run(0, 13, 47)):
            return module(tokens[47:], positions[47:], ROWS)


@pytest.mark.parametrize("tiny", TINY, ids=lambda tiny: tiny.name)
def test_fused_decoder_gives_the_logits_of_the_librarys(tiny):
    model = model_of(tiny)
    expected = logits(BatchedModel(model).eval())
    fuse(model)
    kinds = {type(module) for module in model.modules()}
    assert {Attention, GatedMlp, RmsNorm} <= kinds
    assert not [kind for kind in kinds if kind.__module__.startswith("transformers.") and kind.__name__.endswith("MLP")]
    torch.testing.assert_close(logits(BatchedModel(model).eval()), expected, atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize("name", ["llama", "gemma3", "smollm3"])
def test_exported_decoder_calls_nine_operators_a_layer_and_gives_the_same_logits(name):
    (tiny,) = (tiny for tiny in TINY if tiny.name == name)
    model = model_of(tiny)
    expected = logits(BatchedModel(model).eval())
    fuse(model)
    module = rewritten(exported(BatchedModel(model).eval(), LIMITS))
    torch.testing.assert_close(logits(module), expected, atol=2e-5, rtol=2e-5)
    called = [str(node.target) for node in module.graph.nodes if node.op == "call_function"]
    layers = model.config.num_hidden_layers
    assert called.count("llm.split_heads.default") == called.count("llm.paged_attention.default") == layers
    assert called.count("aten.linear.default") == 4 * layers + 1
    assert called.count("llm.add_rms_norm.default") == 2 * layers
    assert "aten.add.Tensor" not in called


@pytest.mark.parametrize("linear", ["8da4w", "8da8w"])
def test_quantized_decoder_is_close_to_that_of_the_library(linear):
    (tiny,) = (tiny for tiny in TINY if tiny.name == "qwen3")
    plain, fused = model_of(tiny), model_of(tiny)
    exact = logits(BatchedModel(plain).eval())
    quantize(plain, linear, "fp32", packed=False)
    fuse(fused)
    quantize(fused, linear, "fp32", packed=True)
    assert not [module for module in fused.modules() if isinstance(module, torch.nn.Linear)]
    assert len([module for module in fused.modules() if isinstance(module, PackedLinear)]) == 9
    error_of_plain = (logits(BatchedModel(plain).eval()) - exact).pow(2).mean().sqrt()
    error_of_fused = (logits(BatchedModel(fused).eval()) - exact).pow(2).mean().sqrt()
    assert error_of_fused < 1.25 * error_of_plain


def test_other_families_keep_their_modules():
    (tiny,) = (tiny for tiny in MODELS if tiny.name == "gpt2")
    model = model_of(tiny)
    kinds = [type(module) for module in model.modules()]
    fuse(model)
    assert [type(module) for module in model.modules()] == kinds
