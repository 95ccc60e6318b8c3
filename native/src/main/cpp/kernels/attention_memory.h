#pragma once

#include "attention_kernel.h"
#include "element.h"

// How attention reads and writes tensors: caches inside of a program. Internal linkage: see attention.h.
namespace {

using et_kernels::Attention;
using et_kernels::ElementType;
using et_kernels::Scaling;

/// Keys transposed by read_keys.
template <class V>
struct StagedPanels {
  using Elements = const float*;
  static constexpr int64_t kStride = V::kLanes;
  const float* first;
  int64_t size;

  Elements at(int64_t panel) const {
    return first + panel * size * V::kLanes;
  }
  void fetch_ahead(int64_t, int64_t) const {}
};

struct StridedValues {
  const float* first;
  int64_t stride;

  const float* at(int64_t key) const {
    return first + key * stride;
  }
  void fetch_ahead(int64_t, int64_t, int64_t) const {}
};

/// One thread's working memory for one tile.
template <class V>
struct TensorScratch {
  float* query; // [rows, head_size]
  float* staged; // [kLanes, head_size], keys on their way into a panel
  float* panels; // [kKeyBlock / kLanes, head_size, kLanes]
  float* values; // [kKeyBlock, padded head_size]
  float* scores; // [kRows, kKeyBlock]
  float* state;
  size_t floats;

  TensorScratch(float* memory, const Attention& a, int64_t rows) {
    Pieces pieces{memory};
    query = pieces.take(rows * a.head_size);
    staged = pieces.take(V::kLanes * a.head_size);
    panels = pieces.take(kKeyBlock * a.head_size);
    values = pieces.take(kKeyBlock * padded<V>(a));
    scores = pieces.take(V::kRows * kKeyBlock);
    state = pieces.take(int64_t(State::floats(rows, padded<V>(a))));
    floats = pieces.floats;
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
inline void read_keys(const Attention& a, const Tile& t, int64_t first, int64_t n, const TensorScratch<V>& s) {
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

/// The values of `n` keys as floats in whole vectors: in place where they are so and few rows read them, else copied.
template <class V>
inline StridedValues read_values(
    const Attention& a, const Tile& t, int64_t first, int64_t n, const TensorScratch<V>& s) {
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

/// The memory of attention_kernel.h for tensors.
template <class V>
struct TensorMemory {
  using Call = Attention;
  using Scratch = TensorScratch<V>;

  struct Block {
    StagedPanels<V> panels;
    StridedValues values;
  };

  static int64_t first_key(const Attention&, const Tile&, int64_t) {
    return 0;
  }

  static int64_t visible_keys(const Attention& a, const Tile&, int64_t row) {
    return et_kernels::visible_keys(a, row);
  }

  /// Whether the mask hides these keys from all rows, as most of a cache is with a sliding window. They would add
  /// exact zeros.
  static bool hidden(const Attention& a, const Tile& t, int64_t first, int64_t n) {
    if (a.mask == nullptr) {
      return false;
    }
    const int64_t group = a.heads / a.kv_heads;
    for (int64_t position = t.first_row / group; position <= (t.first_row + t.rows - 1) / group; ++position) {
      const float* mask = a.mask + position * a.keys + first;
      for (int64_t i = 0; i < n; ++i) {
        if (mask[i] != -kInfinity) {
          return false;
        }
      }
    }
    return true;
  }

  static void read_query(const Attention& a, const Tile& t, float* query) {
    for (int64_t i = 0; i < t.rows; ++i) {
      read_vector(a, a.query, a.query_scaling, row_vector(a, t, t.first_row + i), query + i * a.head_size);
    }
  }

  static Block read_block(const Attention& a, const Tile& t, int64_t first, int64_t n, const Scratch& s) {
    read_keys(a, t, first, n, s);
    return {{s.panels, a.head_size}, read_values(a, t, first, n, s)};
  }

  /// Makes weights of the dot products of row `row` with the `n` keys from `first` on.
  static void weigh(
      const Attention& a, const Tile& t, int64_t row, int64_t first, int64_t n, const Block&, float* scores,
      float& maximum, float& sum) {
    const int64_t visible = least(n, visible_keys(a, t, row) - first);
    const int64_t position = row / (a.heads / a.kv_heads);
    const float* mask = a.mask == nullptr ? nullptr : a.mask + position * a.keys + first;
    const int64_t end = visible < 0 ? 0 : visible;
    const float scale = a.scale;
    if (mask == nullptr) {
      const auto score_of = [scale](V dots, int64_t) { return V::mul(dots, V::broadcast(scale)); };
      ::weigh<V>(scores, end, n, score_of, maximum, sum);
    } else {
      const auto score_of = [=](V dots, int64_t i) {
        return V::fma(dots, V::broadcast(scale), V::load_first(mask + i, end - i));
      };
      ::weigh<V>(scores, end, n, score_of, maximum, sum);
    }
  }

  static void finish(const Attention&, const Tile&, int64_t, float&, float&, float*) {}

  static void write(const Attention& a, const Tile& t, int64_t row, const float* values) {
    write_elements(a.out_type, values, a.head_size, a.out, row_vector(a, t, row) * a.head_size);
  }
};

template <class V>
constexpr et_kernels::AttentionKernels attention_of() {
  using A = AttentionAlgorithm<V, TensorMemory<V>>;
  return {A::scratch_floats, A::state_floats, A::tile, A::block, A::combine};
}

} // namespace
