#pragma once

#include "attention.h"

// The inner loops of attention over a vector type V of V::kLanes floats. The order in which a row's numbers are added
// is fixed here, and does not depend on how many rows share a loop. Internal linkage: see attention.h.
namespace {

using et_kernels::kKeyBlock;

constexpr float kInfinity = __builtin_inff();

inline int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/// e^x for x <= 0: exactly 1 at 0, exactly 0 below -86, NaN for NaN; otherwise within 2 units in the last place.
template <class V>
inline V exp_of_negative(V x) {
  const V n = V::round(V::mul(x, V::broadcast(1.44269504f)));
  V r = V::fma(n, V::broadcast(-0.693145752f), x); // ln 2 in two pieces, the first exact for |n| < 2^9
  r = V::fma(n, V::broadcast(-1.42860677e-6f), r);
  V series = V::broadcast(1.0f / 5040);
  constexpr float kCoefficients[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 1.0f / 2, 1.0f, 1.0f};
  for (const float coefficient : kCoefficients) {
    series = V::fma(series, r, V::broadcast(coefficient));
  }
  return V::zero_below(x, -86.0f, V::scale_by_power(series, n));
}

/// How many vectors wide a loop for `rows` rows is, `most` at most, so that all sums stay in registers.
template <class V>
constexpr int width(int rows, int most) {
  while (most > 1 && rows * most + most + 1 > V::kRegisters) {
    most /= 2;
  }
  return most;
}

/// Dot products of R rows, [R, size], with the panels from `panel` up to `count`, of kLanes keys each, to scores,
/// [R, kKeyBlock]. Each is summed in ascending order of the head dimension.
template <class V, int R, int P, class Panels>
inline void dots(
    const float* query, int64_t size, const Panels& panels, int64_t panel, int64_t count, float* scores) {
  for (; panel + P <= count; panel += P) {
    V sum[R][P];
    for (int r = 0; r < R; ++r) {
      for (int p = 0; p < P; ++p) {
        sum[r][p] = V::broadcast(0);
      }
    }
    typename Panels::Elements first[P];
    for (int p = 0; p < P; ++p) {
      first[p] = panels.at(panel + p);
    }
    for (int64_t d = 0; d < size; ++d) {
      V keys[P];
      for (int p = 0; p < P; ++p) {
        panels.fetch_ahead(panel + p, d);
        keys[p] = V::load(first[p] + d * Panels::kStride);
      }
      for (int r = 0; r < R; ++r) {
        const V q = V::broadcast(query[r * size + d]);
        for (int p = 0; p < P; ++p) {
          sum[r][p] = V::fma(q, keys[p], sum[r][p]);
        }
      }
    }
    for (int r = 0; r < R; ++r) {
      for (int p = 0; p < P; ++p) {
        V::store(scores + r * kKeyBlock + (panel + p) * V::kLanes, sum[r][p]);
      }
    }
  }
  if constexpr (P > 1) {
    dots<V, R, P / 2>(query, size, panels, panel, count, scores);
  }
}

/// Turns the first `n` dot products of a row into weights exp(score - maximum), and the rest up to `end` into zeros;
/// score_of(dots, i) gives the scores from the row's i-th key on.
template <class V, class ScoreOf>
inline void weigh(float* scores, int64_t n, int64_t end, const ScoreOf& score_of, float& maximum, float& sum) {
  V highest = V::broadcast(-kInfinity);
  for (int64_t i = 0; i < n; i += V::kLanes) {
    const V score = V::keep_first(score_of(V::load(scores + i), i), n - i, -kInfinity);
    highest = V::max(score, highest);
    V::store(scores + i, score);
  }
  maximum = V::reduce_max(highest);
  const V shift = V::broadcast(maximum == -kInfinity ? 0 : maximum); // inf - inf would be NaN
  V total = V::broadcast(0);
  int64_t i = 0;
  for (; i < n; i += V::kLanes) {
    const V weight = exp_of_negative(V::sub(V::load(scores + i), shift));
    total = V::add(total, weight);
    V::store(scores + i, weight);
  }
  sum = V::reduce_add(total);
  for (; i < end; ++i) {
    scores[i] = 0;
  }
}

/// What a row's sums so far and a block's are multiplied with, to have the same maximum.
struct Factors {
  float row;
  float block;
};

/// Merges a block's maximum and sum into a row's. Not inlined: the compiler could round the callers' copies
/// differently.
template <class V>
__attribute__((noinline)) Factors merge(float block_maximum, float block_sum, float& maximum, float& sum) {
  const float highest = block_maximum > maximum ? block_maximum : maximum;
  const float shift = highest == -kInfinity ? 0 : highest;
  const Factors factors = {
      V::first(exp_of_negative(V::broadcast(maximum - shift))),
      V::first(exp_of_negative(V::broadcast(block_maximum - shift)))};
  const V old = V::mul(V::broadcast(sum), V::broadcast(factors.row));
  sum = V::first(V::fma(V::broadcast(block_sum), V::broadcast(factors.block), old));
  maximum = highest;
  return factors;
}

template <class V>
inline void merge_values(V block, Factors factors, float* row) {
  const V old = V::mul(V::load(row), V::broadcast(factors.row));
  V::store(row, V::fma(block, V::broadcast(factors.block), old));
}

/// Adds `n` values, their vectors from `column` up to `count`, weighted by R rows of weights, [R, kKeyBlock], to R rows.
/// Each lane is summed in ascending order of the keys.
template <class V, int R, int C, class Values>
inline void add_values(
    const float* weights, int64_t n, const Values& values, int64_t column, int64_t count, const Factors* factors,
    float* rows, int64_t row_stride) {
  for (; column + C <= count; column += C) {
    V sum[R][C];
    for (int r = 0; r < R; ++r) {
      for (int c = 0; c < C; ++c) {
        sum[r][c] = V::broadcast(0);
      }
    }
    for (int64_t i = 0; i < n; ++i) {
      values.fetch_ahead(i, column * V::kLanes, C * V::kLanes);
      V value[C];
      for (int c = 0; c < C; ++c) {
        value[c] = V::load(values.at(i) + (column + c) * V::kLanes);
      }
      for (int r = 0; r < R; ++r) {
        const V weight = V::broadcast(weights[r * kKeyBlock + i]);
        for (int c = 0; c < C; ++c) {
          sum[r][c] = V::fma(weight, value[c], sum[r][c]);
        }
      }
    }
    for (int r = 0; r < R; ++r) {
      for (int c = 0; c < C; ++c) {
        merge_values(sum[r][c], factors[r], rows + r * row_stride + (column + c) * V::kLanes);
      }
    }
  }
  if constexpr (C > 1) {
    add_values<V, R, C / 2>(weights, n, values, column, count, factors, rows, row_stride);
  }
}

} // namespace
