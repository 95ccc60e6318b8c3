#pragma once

#include <cstddef>

#include "row_kernels.h"

// The algorithms of row_kernels.h over the compiler's own vectors, of ROW_MATH_BYTES bytes, which whoever includes this
// defines. They are no template: compilers refuse to convert vectors whose type depends on one. Files that include this
// are compiled without contraction of products and sums: fused in one instruction set, they would be rounded otherwise
// than in another. Internal linkage: see attention.h.
namespace {

using et_kernels::Gate;

struct RowMath {
  static constexpr int kBytes = ROW_MATH_BYTES;
  static constexpr int64_t kLanes = kBytes / 4;
  typedef float Floats __attribute__((vector_size(kBytes)));
  typedef int32_t Ints __attribute__((vector_size(kBytes)));
  typedef double Doubles __attribute__((vector_size(kBytes)));
  typedef float Half __attribute__((vector_size(kBytes / 2))); // as many as Doubles has

  static Floats load(const float* from) {
    Floats x;
    __builtin_memcpy(&x, from, sizeof(x));
    return x;
  }
  static void store(float* to, Floats x) {
    __builtin_memcpy(to, &x, sizeof(x));
  }
  static Floats broadcast(float x) {
    return Floats{} + x;
  }

  /// Calls work(first, load, store) for all vectors of a row; those of the last one take and give what there is.
  template <class Work>
  static void for_each_vector(int64_t size, const Work& work) {
    int64_t i = 0;
    for (; i + kLanes <= size; i += kLanes) {
      work(i, load, store);
    }
    if (i < size) {
      const size_t bytes = size_t(size - i) * sizeof(float);
      const auto load_rest = [bytes](const float* from) {
        float lanes[kLanes] = {};
        __builtin_memcpy(lanes, from, bytes);
        return load(lanes);
      };
      const auto store_rest = [bytes](float* to, Floats x) {
        float lanes[kLanes];
        store(lanes, x);
        __builtin_memcpy(to, lanes, bytes);
      };
      work(i, load_rest, store_rest);
    }
  }

  /// Number i is added to sum i mod 16, and the sums as a tree. A float's square is exact in double precision.
  static double sum_of_squares(const float* row, int64_t size) {
    constexpr int64_t kSums = 16, kWide = kLanes / 2, kVectors = kSums / kWide;
    Doubles sums[kVectors] = {};
    const auto add_block = [&sums](const float* from) {
      for (int64_t v = 0; v < kVectors; ++v) {
        Half x;
        __builtin_memcpy(&x, from + v * kWide, sizeof(x));
        const Doubles wide = __builtin_convertvector(x, Doubles);
        sums[v] += wide * wide;
      }
    };
    int64_t i = 0;
    for (; i + kSums <= size; i += kSums) {
      add_block(row + i);
    }
    if (i < size) {
      float rest[kSums] = {};
      __builtin_memcpy(rest, row + i, size_t(size - i) * sizeof(float));
      add_block(rest);
    }
    double all[kSums];
    __builtin_memcpy(all, sums, sizeof(all));
    for (int64_t width = kSums / 2; width > 0; width /= 2) {
      for (int64_t k = 0; k < width; ++k) {
        all[k] += all[k + width];
      }
    }
    return all[0];
  }

  static void normalize(const float* row, const float* weight, double epsilon, int64_t size, float* out) {
    const double mean = sum_of_squares(row, size) / double(size);
    const Floats factor = broadcast(float(1 / __builtin_sqrt(mean + epsilon)));
    for_each_vector(size, [=](int64_t i, const auto& load, const auto& store) {
      store(out + i, load(weight + i) * (load(row + i) * factor));
    });
  }

  static void add_and_normalize(
      const float* a, const float* b, const float* weight, double epsilon, int64_t size, float* sum, float* out) {
    for_each_vector(size, [=](int64_t i, const auto& load, const auto& store) {
      store(sum + i, load(a + i) + load(b + i));
    });
    normalize(sum, weight, epsilon, size, out);
  }

  /// e^x for x <= 0: exactly 1 at 0, exactly 0 below -86.
  static Floats exp_of_negative(Floats x) {
    const Floats magic = broadcast(12582912.0f); // 1.5 * 2^23: its unit in the last place is 1
    const Floats bounded = x < -86.0f ? broadcast(-86.0f) : x;
    const Floats n = (bounded * 1.44269504f + magic) - magic;
    // ln 2 in two pieces, the first so short that its product with n is exact.
    const Floats r = (bounded - n * 0.693145752f) - n * 1.42860677e-6f;
    Floats series = broadcast(1.0f / 5040);
    constexpr float kCoefficients[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 1.0f / 2, 1.0f, 1.0f};
    for (const float coefficient : kCoefficients) {
      series = series * r + coefficient;
    }
    const Ints exponent = __builtin_convertvector(n == n ? n : broadcast(0), Ints) * (1 << 23);
    const Floats power = (Floats)((Ints)series + exponent);
    return x < -86.0f ? broadcast(0) : power;
  }

  /// 1 / (1 + e^-x)
  static Floats sigmoid(Floats x) {
    const Floats e = exp_of_negative(x < 0.0f ? x : -x);
    return (x < 0.0f ? e : broadcast(1)) / (e + 1.0f);
  }

  /// GELU by hyperbolic tangent is x * sigmoid of twice its argument.
  template <Gate kKind>
  static void gate_of(const float* gate, const float* up, int64_t size, float* out) {
    for_each_vector(size, [=](int64_t i, const auto& load, const auto& store) {
      const Floats x = load(gate + i);
      const Floats argument = kKind == Gate::kSilu ? x : x * ((x * x * 0.044715f + 1.0f) * 1.59576912f);
      store(out + i, x * sigmoid(argument) * load(up + i));
    });
  }

  static void gate(Gate kind, const float* gate, const float* up, int64_t size, float* out) {
    kind == Gate::kSilu ? gate_of<Gate::kSilu>(gate, up, size, out) : gate_of<Gate::kGelu>(gate, up, size, out);
  }

  static void rotate(
      const float* head, const float* cosines, const float* sines, int64_t rotated, int64_t size, float* out) {
    const int64_t half = rotated / 2;
    for_each_vector(half, [=](int64_t i, const auto& load, const auto& store) {
      const Floats first = load(head + i), second = load(head + half + i);
      store(out + i, first * load(cosines + i) - second * load(sines + i));
      store(out + half + i, second * load(cosines + half + i) + first * load(sines + half + i));
    });
    if (out != head && rotated < size) {
      __builtin_memcpy(out + rotated, head + rotated, size_t(size - rotated) * sizeof(float));
    }
  }
};

constexpr et_kernels::RowKernels kRowMath = {
    RowMath::normalize, RowMath::add_and_normalize, RowMath::gate, RowMath::rotate};

} // namespace
