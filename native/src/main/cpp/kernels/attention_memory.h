#pragma once

#include "attention.h"
#include "element.h"

// Where attention keeps its numbers, and how they get there from the tensors. Internal linkage: see attention.h.
namespace {

using et_kernels::Attention;
using et_kernels::ElementType;
using et_kernels::kKeyBlock;
using et_kernels::Scaling;
using et_kernels::Tile;

constexpr int64_t aligned(int64_t floats) {
  return (floats + 15) / 16 * 16; // to 64 bytes
}

/// The head size in whole vectors.
template <class V>
int64_t padded(const Attention& a) {
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

/// One thread's working memory for one tile.
template <class V>
struct Scratch {
  float* query; // [rows, head_size]
  float* staged; // [kLanes, head_size], keys on their way into a panel
  float* panels; // [kKeyBlock / kLanes, head_size, kLanes]
  float* values; // [kKeyBlock, padded head_size]
  float* scores; // [kRows, kKeyBlock]
  float* state;
  size_t floats = 0;

  Scratch(float* memory, const Attention& a, int64_t rows) {
    query = take(memory, rows * a.head_size);
    staged = take(memory, V::kLanes * a.head_size);
    panels = take(memory, kKeyBlock * a.head_size);
    values = take(memory, kKeyBlock * padded<V>(a));
    scores = take(memory, V::kRows * kKeyBlock);
    state = take(memory, int64_t(State::floats(rows, padded<V>(a))));
  }

 private:
  float* take(float* memory, int64_t n) {
    float* piece = memory == nullptr ? nullptr : memory + floats;
    floats += size_t(aligned(n));
    return piece;
  }
};

/// Which of its tensor's vectors a row's query and output are.
inline int64_t row_vector(const Attention& a, const Tile& t, int64_t row) {
  const int64_t group = a.heads / a.kv_heads;
  const int64_t position = row / group, head = t.kv_head * group + row % group;
  return a.heads_first ? (t.batch * a.heads + head) * a.queries + position
                       : (t.batch * a.queries + position) * a.heads + head;
}

/// Which of its tensor's vectors a key or its value is.
inline int64_t key_vector(const Attention& a, const Tile& t, int64_t key) {
  return a.heads_first ? (t.batch * a.kv_heads + t.kv_head) * a.capacity + key
                       : (t.batch * a.capacity + key) * a.kv_heads + t.kv_head;
}

/// From a head's key or value to the next position's, in elements.
inline int64_t key_stride(const Attention& a) {
  return a.heads_first ? a.head_size : a.kv_heads * a.head_size;
}

inline void read_vector(const Attention& a, const void* from, const Scaling& scaling, int64_t vector, float* to) {
  if (a.type == ElementType::kInt8) {
    read_quantized(
        static_cast<const int8_t*>(from) + vector * a.head_size, scaling.zero_points[vector], scaling.scales[vector],
        a.head_size, to);
  } else {
    read_elements(a.type, from, vector * a.head_size, a.head_size, to);
  }
}

inline void read_query(const Attention& a, const Tile& t, float* query) {
  for (int64_t i = 0; i < t.rows; ++i) {
    read_vector(a, a.query, a.query_scaling, row_vector(a, t, t.first_row + i), query + i * a.head_size);
  }
}

template <class V>
inline void transpose(const float* from, int64_t stride, int64_t size, float* panel) {
  int64_t d = 0;
  for (; d + 4 <= size; d += 4) {
    V::transpose4(from + d, stride, panel + d * V::kLanes);
  }
  for (; d < size; ++d) {
    for (int64_t lane = 0; lane < V::kLanes; ++lane) {
      panel[d * V::kLanes + lane] = from[lane * stride + d];
    }
  }
}

/// Transposes `n` keys into panels; the lanes of missing keys are zero, and their memory is never touched.
template <class V>
inline void read_keys(const Attention& a, const Tile& t, int64_t first, int64_t n, const Scratch<V>& s) {
  for (int64_t key = 0; key < n; key += V::kLanes) {
    const float* from = s.staged;
    int64_t stride = a.head_size;
    if (a.type == ElementType::kFloat && n - key >= V::kLanes) {
      from = static_cast<const float*>(a.key) + key_vector(a, t, first + key) * a.head_size;
      stride = key_stride(a);
    } else {
      for (int64_t lane = 0; lane < V::kLanes; ++lane) {
        float* row = s.staged + lane * a.head_size;
        if (key + lane < n) {
          read_vector(a, a.key, a.key_scaling, key_vector(a, t, first + key + lane), row);
        } else {
          __builtin_memset(row, 0, size_t(a.head_size) * sizeof(float));
        }
      }
    }
    transpose<V>(from, stride, a.head_size, s.panels + key * a.head_size);
  }
}

struct Values {
  const float* first;
  int64_t stride;
};

/// The values of `n` keys as floats in whole vectors: in place where they are so and few rows read them, else copied.
template <class V>
inline Values read_values(const Attention& a, const Tile& t, int64_t first, int64_t n, const Scratch<V>& s) {
  const int64_t stride = padded<V>(a);
  if (a.type == ElementType::kFloat && stride == a.head_size && t.rows <= 2 * V::kRows) {
    return {static_cast<const float*>(a.value) + key_vector(a, t, first) * a.head_size, key_stride(a)};
  }
  for (int64_t key = 0; key < n; ++key) {
    float* row = s.values + key * stride;
    read_vector(a, a.value, a.value_scaling, key_vector(a, t, first + key), row);
    __builtin_memset(row + a.head_size, 0, size_t(stride - a.head_size) * sizeof(float));
  }
  return {s.values, stride};
}

} // namespace
