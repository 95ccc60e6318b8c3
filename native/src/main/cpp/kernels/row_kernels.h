#pragma once

#include <cstdint>

// Plain data only, for the reason that attention.h gives.
namespace et_kernels {

enum class Gate {
  kSilu, ///< x / (1 + e^-x)
  kGelu, ///< x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
};

/// What is left of a transformer layer beside its linear layers and attention, one row or head at a time. The results
/// are the same bits in every instruction set: each operation is rounded on its own, and sums are taken in one order,
/// in double precision.
struct RowKernels {
  /// out = weight * (row / sqrt(mean of row^2 + epsilon)); `out` may be `row`.
  void (*normalize)(const float* row, const float* weight, double epsilon, int64_t size, float* out);
  /// sum = a + b, and out = `sum`, normalized.
  void (*add_and_normalize)(
      const float* a, const float* b, const float* weight, double epsilon, int64_t size, float* sum, float* out);
  /// out = the gate of `gate` times `up`. The largest error is 2^-21 of the result; with kGelu it grows below zero with
  /// the exponent, which is rounded itself. Results below 1e-35 may be zero.
  void (*gate)(Gate kind, const float* gate, const float* up, int64_t size, float* out);
  /// Rotary embedding of the first `rotated` of a head's numbers, of which the first half are paired with the second;
  /// the rest up to `size` is copied. `out` may be `head`.
  void (*rotate)(
      const float* head, const float* cosines, const float* sines, int64_t rotated, int64_t size, float* out);
};

extern const RowKernels kPlainRows;
#if defined(__x86_64__)
extern const RowKernels kAvx2Rows;
extern const RowKernels kAvx512Rows;
#endif

} // namespace et_kernels
