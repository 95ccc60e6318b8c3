#pragma once

#include "attention.h"
#include "element.h"

// The attention algorithm, written once over a vector type V of V::kLanes floats; each attention_<isa>.cpp brings
// its V. Everything has internal linkage: see attention.h.
//
// A row's scores are dot products summed over the head dimension in ascending order, one key per lane, from keys
// transposed into panels of kLanes keys. A block gives the row's maximum, the sum of exp(score - maximum) and the
// values weighted by it, summed in ascending key order; blocks are merged in ascending order. None of this depends on
// how many rows share a tile, so a row has the same bits whether it is computed alone or in a prefill.
//
// A row that may attend nothing (everything masked by -inf) gives zeros. A NaN anywhere in a row's scores gives NaN.
namespace {

using et_kernels::Attention;
using et_kernels::ElementType;
using et_kernels::kKeyBlock;
using et_kernels::Tile;
using et_kernels::visible_keys;

constexpr int64_t kAlignedFloats = 16; // 64 bytes

constexpr int64_t aligned(int64_t floats) {
  return (floats + kAlignedFloats - 1) / kAlignedFloats * kAlignedFloats;
}

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

/// The partial result of a tile: per row the maximum, the sum and the weighted values (padded to whole vectors).
struct State {
  float* maximum;
  float* sum;
  float* values;
  int64_t stride;

  State(float* memory, int64_t rows, int64_t stride)
      : maximum(memory), sum(memory + aligned(rows)), values(memory + 2 * aligned(rows)), stride(stride) {}
};

template <class V>
struct AttentionAlgorithm {
  static constexpr int64_t kLanes = V::kLanes;
  static constexpr int kRows = V::kRows; // most rows that one pass over a block serves

  /// How many vectors wide a pass for `rows` rows is, so that all sums stay in registers.
  static constexpr int width(int rows) {
    return rows * 4 + 5 <= V::kRegisters ? 4 : (rows * 2 + 3 <= V::kRegisters ? 2 : 1);
  }

  static int64_t padded(const Attention& a) {
    return (a.head_size + kLanes - 1) / kLanes * kLanes;
  }

  static size_t state_floats(const Attention& a, int64_t rows) {
    return size_t(2 * aligned(rows) + aligned(rows * padded(a)));
  }

  static size_t scratch_floats(const Attention& a, int64_t rows) {
    return Scratch(nullptr, a, rows).floats + state_floats(a, rows);
  }

  struct Scratch {
    float* query; // [rows, head_size]
    float* staged; // [kLanes, head_size], keys on their way into a panel
    float* panels; // [kKeyBlock / kLanes, head_size, kLanes]
    float* values; // [kKeyBlock, padded head_size]
    float* scores; // [kRows, kKeyBlock]
    size_t floats = 0;

    Scratch(float* memory, const Attention& a, int64_t rows) {
      query = take(memory, rows * a.head_size);
      staged = take(memory, kLanes * a.head_size);
      panels = take(memory, kKeyBlock * a.head_size);
      values = take(memory, kKeyBlock * padded(a));
      scores = take(memory, kRows * kKeyBlock);
    }

    float* take(float* memory, int64_t n) {
      float* piece = memory == nullptr ? nullptr : memory + floats;
      floats += size_t(aligned(n));
      return piece;
    }
  };

  /// Where a row's query and output start, in elements.
  static int64_t row_offset(const Attention& a, const Tile& t, int64_t row) {
    const int64_t group = a.heads / a.kv_heads;
    const int64_t position = row / group;
    return ((t.batch * a.queries + position) * a.heads + t.kv_head * group + row % group) * a.head_size;
  }

  /// Where a key's or its value's vector starts, in elements.
  static int64_t key_offset(const Attention& a, const Tile& t, int64_t key) {
    return ((t.batch * a.capacity + key) * a.kv_heads + t.kv_head) * a.head_size;
  }

  static void read_query(const Attention& a, const Tile& t, float* query) {
    for (int64_t i = 0; i < t.rows; ++i) {
      read_elements(a.type, a.query, row_offset(a, t, t.first_row + i), a.head_size, query + i * a.head_size);
    }
  }

  /// Transposes `n` keys into panels; the lanes of missing keys are zero, and their memory is never touched.
  static void pack_keys(const Attention& a, const Tile& t, int64_t first, int64_t n, const Scratch& s) {
    for (int64_t key = 0; key < n; key += kLanes) {
      const float* from = s.staged;
      int64_t stride = a.head_size;
      if (a.type == ElementType::kFloat && n - key >= kLanes) {
        from = static_cast<const float*>(a.key) + key_offset(a, t, first + key);
        stride = a.kv_heads * a.head_size;
      } else {
        for (int64_t lane = 0; lane < kLanes; ++lane) {
          float* row = s.staged + lane * a.head_size;
          if (key + lane < n) {
            read_elements(a.type, a.key, key_offset(a, t, first + key + lane), a.head_size, row);
          } else {
            __builtin_memset(row, 0, size_t(a.head_size) * sizeof(float));
          }
        }
      }
      transpose(from, stride, a.head_size, s.panels + key * a.head_size);
    }
  }

  static void transpose(const float* from, int64_t stride, int64_t size, float* panel) {
    int64_t d = 0;
    for (; d + 4 <= size; d += 4) {
      V::transpose4(from + d, stride, panel + d * kLanes);
    }
    for (; d < size; ++d) {
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        panel[d * kLanes + lane] = from[lane * stride + d];
      }
    }
  }

  struct Values {
    const float* first;
    int64_t stride;
  };

  /// The block's values as floats in whole vectors: in place where they are so, else copied.
  static Values read_values(const Attention& a, const Tile& t, int64_t first, int64_t n, const Scratch& s) {
    if (a.type == ElementType::kFloat && padded(a) == a.head_size && t.rows <= 2 * kRows) {
      return {static_cast<const float*>(a.value) + key_offset(a, t, first), a.kv_heads * a.head_size};
    }
    for (int64_t key = 0; key < n; ++key) {
      float* row = s.values + key * padded(a);
      read_elements(a.type, a.value, key_offset(a, t, first + key), a.head_size, row);
      for (int64_t d = a.head_size; d < padded(a); ++d) {
        row[d] = 0;
      }
    }
    return {s.values, padded(a)};
  }

  /// Dot products of R rows with P panels.
  template <int R, int P>
  static void dots(const float* query, int64_t size, const float* panel, float* scores) {
    V sum[R][P];
    for (int r = 0; r < R; ++r) {
      for (int p = 0; p < P; ++p) {
        sum[r][p] = V::broadcast(0);
      }
    }
    for (int64_t d = 0; d < size; ++d) {
      V keys[P];
      for (int p = 0; p < P; ++p) {
        keys[p] = V::load(panel + (p * size + d) * kLanes);
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
        V::store(scores + r * kKeyBlock + p * kLanes, sum[r][p]);
      }
    }
  }

  /// Turns the first `n` dot products of a row into weights exp(score - maximum); the rest, up to `end`, into zeros.
  static void weigh(float* scores, int64_t n, int64_t end, float scale, const float* mask, float& maximum, float& sum) {
    V highest = V::broadcast(-__builtin_inff());
    for (int64_t i = 0; i < n; i += kLanes) {
      V score = V::load(scores + i);
      score = mask == nullptr ? V::mul(score, V::broadcast(scale))
                              : V::fma(score, V::broadcast(scale), V::load_first(mask + i, least(kLanes, n - i)));
      score = V::keep_first(score, n - i, -__builtin_inff());
      highest = V::max(score, highest);
      V::store(scores + i, score);
    }
    maximum = V::reduce_max(highest);
    const V shift = V::broadcast(maximum == -__builtin_inff() ? 0 : maximum); // inf - inf would be NaN
    V total = V::broadcast(0);
    for (int64_t i = 0; i < n; i += kLanes) {
      const V weight = exp_of_negative(V::sub(V::load(scores + i), shift));
      total = V::add(total, weight);
      V::store(scores + i, weight);
    }
    sum = V::reduce_add(total);
    for (int64_t i = (n + kLanes - 1) / kLanes * kLanes; i < end; ++i) {
      scores[i] = 0;
    }
  }

  /// Merges a block's maximum and sum into a row's; the factors are for the weighted values of both. Not inlined: the
  /// compiler could round the callers' copies differently.
  __attribute__((noinline)) static void merge(
      float block_maximum, float block_sum, float& maximum, float& sum, float& old_factor, float& block_factor) {
    const float highest = block_maximum > maximum ? block_maximum : maximum;
    const float shift = highest == -__builtin_inff() ? 0 : highest;
    old_factor = V::first(exp_of_negative(V::broadcast(maximum - shift)));
    block_factor = V::first(exp_of_negative(V::broadcast(block_maximum - shift)));
    sum = V::first(
        V::fma(V::broadcast(block_sum), V::broadcast(block_factor), V::broadcast(sum * old_factor)));
    maximum = highest;
  }

  static void merge_values(const V& block, V old_factor, V block_factor, float* values) {
    V::store(values, V::fma(block, block_factor, V::mul(V::load(values), old_factor)));
  }

  /// Adds the weighted values of R rows, C vectors wide, to the rows' state.
  template <int R, int C>
  static void add_values(
      const float* weights, int64_t n, const float* value, int64_t stride, const float (*factors)[2], float* to,
      int64_t to_stride) {
    V sum[R][C];
    for (int r = 0; r < R; ++r) {
      for (int c = 0; c < C; ++c) {
        sum[r][c] = V::broadcast(0);
      }
    }
    for (int64_t i = 0; i < n; ++i) {
      V x[C];
      for (int c = 0; c < C; ++c) {
        x[c] = V::load(value + i * stride + c * kLanes);
      }
      for (int r = 0; r < R; ++r) {
        const V weight = V::broadcast(weights[r * kKeyBlock + i]);
        for (int c = 0; c < C; ++c) {
          sum[r][c] = V::fma(weight, x[c], sum[r][c]);
        }
      }
    }
    for (int r = 0; r < R; ++r) {
      for (int c = 0; c < C; ++c) {
        merge_values(
            sum[r][c], V::broadcast(factors[r][0]), V::broadcast(factors[r][1]), to + r * to_stride + c * kLanes);
      }
    }
  }

  /// One block for R rows that start at `row` of the tile. `n` keys are packed.
  template <int R>
  static void attend_rows(
      const Attention& a, const Tile& t, int64_t row, int64_t first, int64_t n, Values values, const Scratch& s,
      const State& state) {
    const int64_t last_row = t.first_row + row + R - 1;
    n = least(n, visible_keys(a, last_row) - first);
    if (n <= 0) {
      return;
    }
    constexpr int P = width(R);
    const float* query = s.query + row * a.head_size;
    int64_t key = 0;
    for (; key + (P - 1) * kLanes < n; key += P * kLanes) {
      dots<R, P>(query, a.head_size, s.panels + key * a.head_size, s.scores + key);
    }
    for (; key < n; key += kLanes) {
      dots<R, 1>(query, a.head_size, s.panels + key * a.head_size, s.scores + key);
    }
    float factors[R][2];
    for (int r = 0; r < R; ++r) {
      const int64_t visible = visible_keys(a, t.first_row + row + r) - first;
      const int64_t position = (t.first_row + row + r) / (a.heads / a.kv_heads);
      const float* mask = a.mask == nullptr ? nullptr : a.mask + position * a.keys + first;
      float maximum, sum;
      weigh(s.scores + r * kKeyBlock, least(n, visible < 0 ? 0 : visible), n, a.scale, mask, maximum, sum);
      merge(maximum, sum, state.maximum[row + r], state.sum[row + r], factors[r][0], factors[r][1]);
    }
    constexpr int C = width(R);
    float* to = state.values + row * state.stride;
    int64_t d = 0;
    for (; d + C * kLanes <= state.stride; d += C * kLanes) {
      add_values<R, C>(s.scores, n, values.first + d, values.stride, factors, to + d, state.stride);
    }
    for (; d < state.stride; d += kLanes) {
      add_values<R, 1>(s.scores, n, values.first + d, values.stride, factors, to + d, state.stride);
    }
  }

  /// Calls attend_rows for a number of rows known only now.
  template <int R>
  static void attend_some_rows(
      int64_t rows, const Attention& a, const Tile& t, int64_t row, int64_t first, int64_t n, Values values,
      const Scratch& s, const State& state) {
    if constexpr (R > 1) {
      if (rows < R) {
        attend_some_rows<R - 1>(rows, a, t, row, first, n, values, s, state);
        return;
      }
    }
    attend_rows<R>(a, t, row, first, n, values, s, state);
  }

  static void attend_block(const Attention& a, const Tile& t, int64_t block, const Scratch& s, const State& state) {
    const int64_t first = block * kKeyBlock;
    const int64_t n = least(kKeyBlock, visible_keys(a, t.first_row + t.rows - 1) - first);
    pack_keys(a, t, first, n, s);
    const Values values = read_values(a, t, first, n, s);
    const int64_t passes = (t.rows + kRows - 1) / kRows;
    const int64_t rows = (t.rows + passes - 1) / passes;
    for (int64_t row = 0; row < t.rows; row += rows) {
      attend_some_rows<kRows>(least(rows, t.rows - row), a, t, row, first, n, values, s, state);
    }
  }

  static State empty_state(const Attention& a, int64_t rows, float* memory) {
    State state(memory, rows, padded(a));
    for (int64_t i = 0; i < rows; ++i) {
      state.maximum[i] = -__builtin_inff();
      state.sum[i] = 0;
    }
    __builtin_memset(state.values, 0, size_t(rows * state.stride) * sizeof(float));
    return state;
  }

  static void write_out(const Attention& a, const Tile& t, const State& state) {
    for (int64_t i = 0; i < t.rows; ++i) {
      float* values = state.values + i * state.stride;
      const V sum = V::broadcast(state.sum[i] == 0 ? 1 : state.sum[i]);
      for (int64_t d = 0; d < state.stride; d += kLanes) {
        V::store(values + d, V::div(V::load(values + d), sum));
      }
      write_elements(a.type, values, a.head_size, a.out, row_offset(a, t, t.first_row + i));
    }
  }

  static void tile(const Attention& a, const Tile& t, float* memory) {
    const Scratch s(memory, a, t.rows);
    const State state = empty_state(a, t.rows, memory + s.floats);
    read_query(a, t, s.query);
    const int64_t keys = visible_keys(a, t.first_row + t.rows - 1);
    for (int64_t block = 0; block * kKeyBlock < keys; ++block) {
      attend_block(a, t, block, s, state);
    }
    write_out(a, t, state);
  }

  static void block(const Attention& a, const Tile& t, int64_t index, float* partial, float* memory) {
    const Scratch s(memory, a, t.rows);
    const State state = empty_state(a, t.rows, partial);
    read_query(a, t, s.query);
    attend_block(a, t, index, s, state);
  }

  static void combine(const Attention& a, const Tile& t, int64_t blocks, float* states) {
    const State total(states, t.rows, padded(a));
    for (int64_t b = 1; b < blocks; ++b) {
      const State part(states + size_t(b) * state_floats(a, t.rows), t.rows, padded(a));
      for (int64_t i = 0; i < t.rows; ++i) {
        float old_factor, block_factor;
        merge(part.maximum[i], part.sum[i], total.maximum[i], total.sum[i], old_factor, block_factor);
        for (int64_t d = 0; d < total.stride; d += kLanes) {
          merge_values(
              V::load(part.values + i * total.stride + d), V::broadcast(old_factor), V::broadcast(block_factor),
              total.values + i * total.stride + d);
        }
      }
    }
    write_out(a, t, total);
  }
};

template <class V>
constexpr et_kernels::AttentionKernels kernels_of() {
  using A = AttentionAlgorithm<V>;
  return {A::scratch_floats, A::state_floats, A::tile, A::block, A::combine};
}

} // namespace
