#include <cmath>
#include <cstring>

#include "linear_rows.h"

namespace et_kernels {
namespace {

RowScale quantize(const float* row, int64_t size, uint8_t* to, int64_t group_stride) {
  float low = 0, high = 0;
  bool finite = true;
  for (int64_t i = 0; i < size; ++i) {
    low = row[i] < low ? row[i] : low;
    high = row[i] > high ? row[i] : high;
    finite = finite && std::isfinite(row[i]);
  }
  const RowQuantizer quantizer(low, high, finite);
  quantize_rest(quantizer, row, 0, size, to, group_stride);
  return quantizer.row;
}

/// The tail of a panel, which need not be aligned.
template <class T>
void read(T* to, const uint8_t* from) {
  std::memcpy(to, from, sizeof(T) * kPanelChannels);
}

float from_bfloat16(const uint8_t* from) {
  uint16_t half;
  std::memcpy(&half, from, sizeof(half));
  const uint32_t bits = uint32_t(half) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// 16 times the weight: the halves of a byte, each moved to the upper end.
int32_t low_weight(uint8_t byte) {
  return static_cast<int8_t>(static_cast<uint8_t>(byte << 4));
}

int32_t high_weight(uint8_t byte) {
  return static_cast<int8_t>(static_cast<uint8_t>(byte & 0xf0));
}

void add_group4(const uint8_t* bytes, const uint8_t* group, float* sums) {
  int32_t dots[kPanelChannels] = {};
  for (int64_t quad = 0; quad < kQuads; ++quad) {
    const uint8_t* weights = group + quad * 64;
    for (int64_t channel = 0; channel < 16; ++channel) {
      for (int64_t i = 0; i < 4; ++i) {
        const int32_t byte = bytes[quad * 4 + i];
        dots[channel] += byte * low_weight(weights[channel * 4 + i]);
        dots[channel + 16] += byte * high_weight(weights[channel * 4 + i]);
      }
    }
  }
  for (int64_t channel = 0; channel < kPanelChannels; ++channel) {
    const float scale = from_bfloat16(group + kQuads * 64 + channel * 2);
    sums[channel] = std::fma(static_cast<float>(dots[channel]), scale, sums[channel]);
  }
}

void tile4(const LinearTile& tile) {
  float weight_sums[kPanelChannels], bias[kPanelChannels];
  read(weight_sums, tile.panel + tile.groups * kGroupBytes4);
  read(bias, tile.panel + tile.groups * kGroupBytes4 + sizeof(weight_sums));
  for (int64_t row = 0; row < tile.rows; ++row) {
    float sums[kPanelChannels];
    for (int64_t channel = 0; channel < kPanelChannels; ++channel) {
      sums[channel] = -static_cast<float>(tile.scales[row].zero) * weight_sums[channel];
    }
    for (int64_t g = 0; g < tile.groups; ++g) {
      add_group4(
          tile.bytes + (g * tile.rows + row) * kGroupInputs, tile.panel + g * kGroupBytes4, sums);
    }
    for (int64_t channel = 0; channel < tile.channels; ++channel) {
      tile.out[row * tile.out_stride + channel] = std::fma(sums[channel], tile.scales[row].scale, bias[channel]);
    }
  }
}

void tile8(const LinearTile& tile) {
  const uint8_t* tail = tile.panel + tile.groups * kGroupBytes8;
  int32_t weight_sums[kPanelChannels];
  float weight_scales[kPanelChannels], bias[kPanelChannels];
  read(weight_sums, tail);
  read(weight_scales, tail + sizeof(weight_sums));
  read(bias, tail + sizeof(weight_sums) + sizeof(weight_scales));
  for (int64_t row = 0; row < tile.rows; ++row) {
    int32_t dots[kPanelChannels] = {};
    for (int64_t g = 0; g < tile.groups; ++g) {
      const uint8_t* bytes = tile.bytes + (g * tile.rows + row) * kGroupInputs;
      const int8_t* weights = reinterpret_cast<const int8_t*>(tile.panel + g * kGroupBytes8);
      for (int64_t quad = 0; quad < kQuads; ++quad) {
        for (int64_t channel = 0; channel < kPanelChannels; ++channel) {
          for (int64_t i = 0; i < 4; ++i) {
            dots[channel] += bytes[quad * 4 + i] * weights[(quad * kPanelChannels + channel) * 4 + i];
          }
        }
      }
    }
    const RowScale& row_scale = tile.scales[row];
    for (int64_t channel = 0; channel < tile.channels; ++channel) {
      const int32_t dot = dots[channel] - row_scale.zero * weight_sums[channel];
      tile.out[row * tile.out_stride + channel] =
          std::fma(static_cast<float>(dot) * weight_scales[channel], row_scale.scale, bias[channel]);
    }
  }
}

} // namespace

const LinearKernels kPlainLinear = {quantize, tile4, tile8};

} // namespace et_kernels
