#pragma once

#include <cmath>
#include <cstring>
#include <limits>

#include "linear_kernel.h"

namespace et_kernels {

/// A row's scale and what its floats are multiplied by, from its extremes.
struct RowQuantizer {
  RowScale row;
  float factor;

  RowQuantizer(float low, float high, bool finite) {
    low = low < 0.0f ? low : 0.0f;
    high = high > 0.0f ? high : 0.0f;
    float scale = (high - low) / 255.0f;
    if (!finite || !(scale <= std::numeric_limits<float>::max())) {
      row = {std::numeric_limits<float>::quiet_NaN(), 0};
      factor = 0.0f;
      return;
    }
    scale = scale < std::numeric_limits<float>::min() ? std::numeric_limits<float>::min() : scale;
    const int32_t zero = -static_cast<int32_t>(std::nearbyint(low / scale));
    row = {scale, zero > 255 ? 255 : zero};
    factor = 1.0f / scale;
  }

  uint8_t quantize(float x) const {
    if (factor == 0.0f) {
      return 0;
    }
    const int32_t byte = static_cast<int32_t>(std::nearbyint(x * factor)) + row.zero;
    return static_cast<uint8_t>(byte < 0 ? 0 : (byte > 255 ? 255 : byte));
  }
};

/// Floats [begin, size) one by one, and zeros up to the end of their group.
inline void quantize_rest(
    const RowQuantizer& quantizer, const float* row, int64_t begin, int64_t size, uint8_t* to, int64_t group_stride) {
  for (int64_t i = begin; i < size; ++i) {
    to[i / kGroupInputs * group_stride + i % kGroupInputs] = quantizer.quantize(row[i]);
  }
  if (size % kGroupInputs != 0) {
    std::memset(
        to + size / kGroupInputs * group_stride + size % kGroupInputs, 0, size_t(kGroupInputs - size % kGroupInputs));
  }
}

} // namespace et_kernels
