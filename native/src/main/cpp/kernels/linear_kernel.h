#pragma once

#include <cstdint>

// Linear layers whose weights are packed when a program is exported. Nothing is packed at load time: kernels read
// the bytes that lie in the program file, which the processes of a machine share.
//
// A panel holds 32 output channels and all inputs, in groups of 32 inputs; the panels follow each other. Channels and
// inputs that the layer does not have are filled up with zeros. In a group, the weights of four inputs k lie together:
//   4 bits   group: 8 quads of 64 bytes, then 32 scales / 16 as bfloat16. Byte 4 c + i of quad q holds two numbers of
//            two's complement, of input 4 q + i: channel c in the low half, channel 16 + c in the high half.
//            Moved to the upper end of a byte, both are 16 times the weight, and the scales are for that.
//            panel: its groups, then as float[32] the sums over all inputs of weight * scale, and the bias.
//   8 bits   group: 8 quads of 128 bytes: byte 4 c + i of quad q is the weight of channel c and input 4 q + i.
//            panel: its groups, then int32[32] the sums of the weights, and as float[32] the scales, and the bias.
// models/flink_executorch_models/export/packed_linear.py writes this.
namespace et_kernels {

constexpr int64_t kPanelChannels = 32;
constexpr int64_t kGroupInputs = 32;
constexpr int64_t kQuads = kGroupInputs / 4;
constexpr int64_t kGroupBytes4 = kPanelChannels * kGroupInputs / 2 + kPanelChannels * 2;
constexpr int64_t kGroupBytes8 = kPanelChannels * kGroupInputs;
constexpr int64_t kTailBytes4 = kPanelChannels * 8;
constexpr int64_t kTailBytes8 = kPanelChannels * 12;
/// The most rows of a tile: the sums of as many for a whole panel stay in the registers of AVX-512.
constexpr int64_t kMostTileRows = 12;

/// How a row was quantized: value = scale * (byte - zero), bytes and zero in 0..255.
struct RowScale {
  float scale;
  int32_t zero;
};

/// Some rows times one panel.
struct LinearTile {
  const uint8_t* bytes; // quantized inputs, 32 bytes a row: the first group of all rows, then the second and so on
  const RowScale* scales;
  int64_t rows;
  int64_t groups;
  const uint8_t* panel;
  float* out; // the first row's result at the panel's first channel
  int64_t out_stride; // floats from row to row
  int64_t channels; // how many of the panel's channels the layer has
};

/// The same results by bits in every instruction set, and for a row whatever rows are computed with it: sums of
/// integers are exact, and floats are added in one order, the groups', each by one fused multiply-add:
///   4 bits   out = fma(sum, scale, bias), sum = -zero * (sum of weight * weight scale), then for each group
///            sum = fma(16 * dot of bytes and weights, scale / 16, sum)
///   8 bits   out = fma((dot of bytes and weights - zero * sum of weights) * weight scale, scale, bias)
struct LinearKernels {
  /// Quantizes one row of `size` floats to 8 bits, as torchao's asymmetric per-token quantization does. Group g goes
  /// to `to + g * group_stride`. A row that holds an infinity or a NaN gets the scale NaN, so that its results are.
  RowScale (*quantize)(const float* row, int64_t size, uint8_t* to, int64_t group_stride);
  void (*tile4)(const LinearTile& tile);
  void (*tile8)(const LinearTile& tile);
};

extern const LinearKernels kPlainLinear;
#if defined(__x86_64__)
extern const LinearKernels kAvx2Linear;
extern const LinearKernels kVnniLinear;
#endif

} // namespace et_kernels
