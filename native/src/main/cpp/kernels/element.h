#pragma once

#include "attention.h"

// Conversions between narrow elements and float. Without intrinsics, so that every level rounds alike; the compiler
// vectorizes the loops around them. Internal linkage: see attention.h.
namespace {

inline uint32_t bits_of(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof(bits));
  return bits;
}

inline float float_of(uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof(x));
  return x;
}

inline float half_to_float(uint16_t half) {
  // Shifted into a float's fields the exponent is 112 too small; the product corrects it, subnormals included.
  const float magnitude = float_of(uint32_t(half & 0x7fffu) << 13) * 0x1p112f;
  const uint32_t infinite = (half & 0x7c00u) == 0x7c00u ? 0x7f800000u : 0u;
  return float_of(bits_of(magnitude) | infinite | uint32_t(half & 0x8000u) << 16);
}

inline uint16_t float_to_half(float x) {
  const uint32_t sign = bits_of(x) >> 16 & 0x8000u;
  const uint32_t magnitude = bits_of(x) & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {
    return uint16_t(sign | 0x7e00u); // NaN
  }
  if (magnitude >= 0x477ff000u) {
    return uint16_t(sign | 0x7c00u); // rounds to infinity from 65520 on
  }
  if (magnitude < 0x38800000u) { // subnormal: one unit in the last place of 0.5f is the smallest half
    return uint16_t(sign | (bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f)));
  }
  const uint32_t to_even = 0xfffu + (magnitude >> 13 & 1u);
  return uint16_t(sign | ((magnitude + to_even - (112u << 23)) >> 13));
}

inline float bfloat16_to_float(uint16_t x) {
  return float_of(uint32_t(x) << 16);
}

inline uint16_t float_to_bfloat16(float x) {
  const uint32_t bits = bits_of(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) {
    return uint16_t(bits >> 16 | 0x40u); // NaN stays NaN
  }
  return uint16_t((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

/// Reads `n` elements as (element - zero point) * scale.
inline void read_quantized(const int8_t* from, int32_t zero_point, float scale, int64_t n, float* to) {
  for (int64_t i = 0; i < n; ++i) {
    to[i] = float(from[i] - zero_point) * scale;
  }
}

/// Writes `n` elements as int8 whose product with the result is nearest to them: the largest magnitude becomes 127.
/// With an infinity or a NaN among them the result is NaN. Not inlined: the compiler could round the callers' copies
/// differently.
__attribute__((noinline)) inline float quantize(const float* from, int64_t n, int8_t* to) {
  uint32_t largest = 0; // as bits: they are ordered as the magnitudes are, and NaNs come last
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t magnitude = bits_of(from[i]) & 0x7fffffffu;
    largest = magnitude > largest ? magnitude : largest;
  }
  const bool finite = largest < 0x7f800000u;
  const bool zero = largest < bits_of(1e-30f); // or so little that its inverse overflows
  const float inverse = zero || !finite ? 0 : 127 / float_of(largest);
  constexpr float kMagic = 12582912.0f; // 1.5 * 2^23: its unit in the last place is 1
  for (int64_t i = 0; i < n; ++i) {
    const float x = finite ? from[i] : 0;
    to[i] = int8_t(int32_t(bits_of(x * inverse + kMagic)) - int32_t(bits_of(kMagic)));
  }
  return !finite ? __builtin_nanf("") : zero ? 0 : float_of(largest) / 127;
}

/// Reads `n` elements, not of int8, that start at element `offset` of `from`.
inline void read_elements(et_kernels::ElementType type, const void* from, int64_t offset, int64_t n, float* to) {
  if (type == et_kernels::ElementType::kFloat) {
    __builtin_memcpy(to, static_cast<const float*>(from) + offset, size_t(n) * sizeof(float));
    return;
  }
  const uint16_t* elements = static_cast<const uint16_t*>(from) + offset;
  if (type == et_kernels::ElementType::kHalf) {
    for (int64_t i = 0; i < n; ++i) {
      to[i] = half_to_float(elements[i]);
    }
  } else {
    for (int64_t i = 0; i < n; ++i) {
      to[i] = bfloat16_to_float(elements[i]);
    }
  }
}

/// Writes `n` elements that start at element `offset` of `to`, rounded to nearest, ties to even.
inline void write_elements(et_kernels::ElementType type, const float* from, int64_t n, void* to, int64_t offset) {
  if (type == et_kernels::ElementType::kFloat) {
    __builtin_memcpy(static_cast<float*>(to) + offset, from, size_t(n) * sizeof(float));
    return;
  }
  uint16_t* elements = static_cast<uint16_t*>(to) + offset;
  for (int64_t i = 0; i < n; ++i) {
    elements[i] = type == et_kernels::ElementType::kHalf ? float_to_half(from[i]) : float_to_bfloat16(from[i]);
  }
}

} // namespace
