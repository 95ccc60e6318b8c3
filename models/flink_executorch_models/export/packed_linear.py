"""Linear layers that run on kernels of our own, with weights packed here instead of when a program is loaded.

    llm::linear_8da4w(input, weights, out_features) -> f32 [..., out_features]      4 bits, a scale for each 32 inputs
    llm::linear_8da8w(input, weights, out_features) -> f32 [..., out_features]      8 bits, a scale for each channel

`input` is f32 [..., in_features] and contiguous; `weights` is u8 [bytes] in the layout that
native/src/main/cpp/kernels/linear_kernel.h describes, the bias included. Numbers are torchao's: activations are
quantized row by row to 8 bits, asymmetrically, weights symmetrically. In eager PyTorch the operators unpack the
weights again.
"""

import torch
from torch.nn.functional import pad
from torchao.quantization.granularity import PerAxis, PerGroup
from torchao.quantization.quant_api import Int8DynamicActivationIntxWeightConfig, quantize_

PANEL, GROUP = 32, 32

CONFIGS = {
    4: Int8DynamicActivationIntxWeightConfig(
        weight_dtype=torch.int4, weight_granularity=PerGroup(GROUP), weight_scale_dtype=torch.bfloat16
    ),
    8: Int8DynamicActivationIntxWeightConfig(weight_dtype=torch.int8, weight_granularity=PerAxis(0)),
}
_GROUP_BYTES = {4: PANEL * GROUP // 2 + PANEL * 2, 8: PANEL * GROUP}
_TAIL_BYTES = {4: PANEL * 8, 8: PANEL * 12}
_ARGUMENTS = "Tensor input, Tensor weights, int out_features"

library = torch.library.Library("llm", "FRAGMENT")


class PackedLinear(torch.nn.Module):
    """Takes the place of a Linear: f32 [..., in_features] -> f32 [..., out_features]."""

    def __init__(self, linear: torch.nn.Linear, bits: int):
        super().__init__()
        self.in_features, self.out_features, self.bits = linear.in_features, linear.out_features, bits
        self.register_buffer("packed", pack(*quantized(linear, bits), linear.bias, bits))

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return _operator(self.bits)(input.contiguous(), self.packed, self.out_features)


def pack_linears(model: torch.nn.Module, bits: int, wanted=lambda name: True) -> None:
    """Replaces the Linear layers of a model whose names are wanted, one by one. Untie shared weights before."""
    for name, module in list(model.named_modules()):
        if isinstance(module, torch.nn.Linear) and wanted(name):
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, PackedLinear(module, bits))


def quantized(linear: torch.nn.Linear, bits: int) -> tuple[torch.Tensor, torch.Tensor]:
    """torchao's integers i8 [out_features, in_features] and scales f32 [out_features, groups or 1]."""
    inputs = linear.in_features + (-linear.in_features % GROUP if bits == 4 else 0)  # whole groups for torchao
    copy = torch.nn.Linear(inputs, linear.out_features, bias=False, device="meta")
    weight = pad(linear.weight.detach().float(), (0, inputs - linear.in_features))
    copy.weight = torch.nn.Parameter(weight, requires_grad=False)
    quantize_(copy, CONFIGS[bits])
    return copy.weight.qdata, copy.weight.scale.float()


def pack(integers: torch.Tensor, scales: torch.Tensor, bias: torch.Tensor | None, bits: int) -> torch.Tensor:
    """The bytes of a layer: panels of 32 channels, as linear_kernel.h says."""
    features, inputs = integers.shape
    channels, groups = features + -features % PANEL, (inputs + GROUP - 1) // GROUP
    panels = channels // PANEL
    filled = pad(integers, (0, groups * GROUP - inputs, 0, channels - features))
    filled_scales = pad(scales, (0, 0, 0, channels - features))
    filled_bias = torch.zeros(channels)
    if bias is not None:
        filled_bias[:features] = bias.detach().float()

    # panel, group, quad, channel, input
    quads = filled.view(panels, PANEL, groups, GROUP // 4, 4).permute(0, 2, 3, 1, 4)
    if bits == 4:
        low, high = quads.contiguous().view(torch.uint8).split(PANEL // 2, dim=3)
        weights = (low & 15 | high << 4).reshape(panels, groups, -1)
        by_group = filled_scales.view(panels, PANEL, groups).transpose(1, 2)
        body = torch.cat([weights, _bytes((by_group / 16).to(torch.bfloat16))], dim=2)
        grouped = filled.double().view(channels, groups, GROUP).sum(2)
        tail = [(grouped * filled_scales.double()).sum(1).float(), filled_bias]
    else:
        body = _bytes(quads.reshape(panels, groups, -1))
        tail = [filled.sum(1, dtype=torch.int32), filled_scales[:, 0], filled_bias]
    tails = [_bytes(each.view(panels, PANEL)) for each in tail]
    return torch.cat([body.reshape(panels, -1), *tails], dim=1).flatten()


def unpack(packed: torch.Tensor, in_features: int, out_features: int, bits: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The layer's weights f64 [out_features, in_features], without quantization error of their own, and its bias."""
    groups = (in_features + GROUP - 1) // GROUP
    panels = packed.view(-1, groups * _GROUP_BYTES[bits] + _TAIL_BYTES[bits])
    count = len(panels)
    body, tail = panels.split([groups * _GROUP_BYTES[bits], _TAIL_BYTES[bits]], dim=1)
    bias = tail[:, -4 * PANEL :].contiguous().view(torch.float32).flatten()
    body = body.reshape(count, groups, -1)
    if bits == 4:
        halves, scales = body.split([_GROUP_BYTES[4] - 2 * PANEL, 2 * PANEL], dim=2)
        halves = halves.reshape(count, groups, GROUP // 4, PANEL // 2, 4)
        integers = torch.cat([halves << 4, halves & 0xF0], dim=3).view(torch.int8).double()  # 16 times the weights
        scales = scales.contiguous().view(torch.bfloat16).double().view(count, groups, 1, PANEL, 1)
    else:
        integers = body.view(torch.int8).double().view(count, groups, GROUP // 4, PANEL, 4)
        scales = tail[:, 4 * PANEL : 8 * PANEL].contiguous().view(torch.float32).double().view(count, 1, 1, PANEL, 1)
    weights = (integers * scales).permute(0, 3, 1, 2, 4).reshape(count * PANEL, groups * GROUP)
    return weights[:out_features, :in_features], bias[:out_features].double()


def _bytes(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.contiguous().view(torch.uint8)


def _operator(bits: int):
    return getattr(torch.ops.llm, f"linear_8da{bits}w").default


def _quantized_rows(input: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Each row's numbers less their zero point, and its scale."""
    low = input.amin(-1, keepdim=True).clamp(max=0)
    high = input.amax(-1, keepdim=True).clamp(min=0)
    scale = ((high - low) / 255).clamp(min=torch.finfo(torch.float32).smallest_normal)
    zero = (-128 - (low / scale).round()).clamp(-128, 127)
    return ((input * (1 / scale)).round() + zero).clamp(-128, 127) - zero, scale


def _define(bits: int) -> None:
    name = f"linear_8da{bits}w"
    library.define(f"{name}({_ARGUMENTS}) -> Tensor")
    library.define(f"{name}.out({_ARGUMENTS}, *, Tensor(a!) out) -> Tensor(a!)")

    def shape(input, weights, out_features):
        return input.new_empty(*input.shape[:-1], out_features)

    def shape_out(input, weights, out_features, *, out):
        return out

    def eager(input, weights, out_features):
        numbers, scale = _quantized_rows(input)
        matrix, bias = unpack(weights, input.shape[-1], out_features, bits)
        return (numbers.double() @ matrix.T * scale.double() + bias).float()

    library.impl(name, shape, "Meta")
    library.impl(f"{name}.out", shape_out, "Meta")
    library.impl(name, eager, "CPU")


for _bits in (4, 8):
    _define(_bits)
