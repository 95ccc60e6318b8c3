import pytest
import torch
from torchao.quantization.quant_api import quantize_

from flink_executorch_models.export.packed_linear import CONFIGS, PackedLinear, pack, pack_linears, quantized, unpack

SHAPES = [(32, 32), (64, 1), (256, 100), (96, 33)]


def linear(inputs: int, features: int, bias: bool = True) -> torch.nn.Linear:
    torch.manual_seed(inputs + features)
    return torch.nn.Linear(inputs, features, bias=bias)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("inputs, features", SHAPES)
def test_result_is_that_of_torchao(bits, inputs, features):
    layer = linear(inputs, features)
    rows = torch.randn(3, 7, inputs) + torch.arange(7).view(7, 1)
    packed = PackedLinear(layer, bits)(rows)
    quantize_(layer, CONFIGS[bits])
    layer.weight.scale = layer.weight.scale.float()
    torch.testing.assert_close(packed, layer(rows), atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("inputs, features", [*SHAPES, (5, 7), (100, 40)])
def test_unpacking_gives_back_what_was_packed(bits, inputs, features):
    layer = linear(inputs, features)
    integers, scales = quantized(layer, bits)
    weights, bias = unpack(pack(integers, scales, layer.bias, bits), inputs, features, bits)
    whole = integers.double().unflatten(1, (scales.shape[1], -1)) * scales.double().unsqueeze(2)
    assert torch.equal(weights, whole.flatten(1)[:, :inputs])
    assert torch.equal(bias, layer.bias.double())


def test_bytes_lie_where_the_kernels_read_them():
    integers = torch.arange(-8, 8, dtype=torch.int8).repeat(33, 4)
    scales = torch.arange(1, 67).view(33, 2) / 64
    packed = pack(integers, scales, None, 4)
    panel = 2 * (512 + 64) + 256
    assert len(packed) == 2 * panel
    group, quad, channel, place = 1, 3, 5, 2
    byte = packed[group * 576 + quad * 64 + channel * 4 + place].item()
    at = group * 32 + quad * 4 + place
    assert (byte & 15, byte >> 4) == (integers[channel, at] & 15, integers[16 + channel, at] & 15)
    scale = packed[group * 576 + 512 + channel * 2 :][:2].view(torch.bfloat16)
    assert scale.item() == scales[channel, group].item() / 16

    bytes8 = pack(integers, scales[:, :1], None, 8)
    assert len(bytes8) == 2 * (2 * 1024 + 384)
    assert bytes8.view(torch.int8)[group * 1024 + quad * 128 + channel * 4 + place] == integers[channel, at]
    assert bytes8[2 * 1024 :][:4].view(torch.int32).item() == integers[0].sum()


def test_layers_of_a_model_are_replaced_where_wanted():
    model = torch.nn.Sequential(linear(32, 64, bias=False), torch.nn.ReLU(), linear(64, 32))
    exact = model(torch.ones(2, 32))
    pack_linears(model, 8, wanted=lambda name: name != "2")
    assert [type(module) for module in model] == [PackedLinear, torch.nn.ReLU, torch.nn.Linear]
    pack_linears(model, 8)
    assert isinstance(model[2], PackedLinear) and not list(model.parameters())
    torch.testing.assert_close(model(torch.ones(2, 32)), exact, atol=2e-2, rtol=0)
