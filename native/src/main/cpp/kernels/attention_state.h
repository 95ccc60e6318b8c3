#pragma once

#include "attention.h"

// What attention keeps while it works. Internal linkage: see attention.h.
namespace {

constexpr int64_t aligned(int64_t floats) {
  return (floats + 15) / 16 * 16; // to 64 bytes
}

/// The head size in whole vectors.
template <class V, class Call>
int64_t padded(const Call& a) {
  return (a.head_size + V::kLanes - 1) / V::kLanes * V::kLanes;
}

/// The partial result of a tile: per row the maximum, the sum of the weights and the weighted values, padded.
struct State {
  float* maximum;
  float* sum;
  float* values;
  int64_t stride;

  State(float* memory, int64_t rows, int64_t stride)
      : maximum(memory), sum(memory + aligned(rows)), values(memory + 2 * aligned(rows)), stride(stride) {}

  static size_t floats(int64_t rows, int64_t stride) {
    return size_t(2 * aligned(rows) + aligned(rows * stride));
  }

  /// The result of having attended nothing.
  void clear(int64_t rows) const {
    for (int64_t i = 0; i < rows; ++i) {
      maximum[i] = -__builtin_inff();
      sum[i] = 0;
    }
    __builtin_memset(values, 0, size_t(rows * stride) * sizeof(float));
  }
};

/// Cuts memory into pieces, or counts what they take where there is none yet.
struct Pieces {
  float* memory;
  size_t floats = 0;

  float* take(int64_t n) {
    float* piece = memory == nullptr ? nullptr : memory + floats;
    floats += size_t(aligned(n));
    return piece;
  }
};

} // namespace
