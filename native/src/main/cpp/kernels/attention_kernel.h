#pragma once

#include "attention_memory.h"
#include "attention_sums.h"

// The attention algorithm, written once over a vector type V; each attention_<isa>.cpp brings its V. Everything has
// internal linkage: see attention.h.
//
// A row's scores are dot products, one key per lane, from keys transposed into panels. A block gives the row's maximum,
// the sum of exp(score - maximum) and the values weighted by it; blocks are merged in ascending order. None of this
// depends on how many rows share a tile, so a row has the same bits whether it is computed alone or in a prefill.
//
// A row that may attend nothing (everything masked by -inf) gives zeros. A NaN anywhere in a row's scores gives NaN. A
// value that is infinite or NaN also reaches rows that attend it with weight zero, as it does in a matrix product: rows
// that share a pass with a later position, or whose mask hides a part of the value's block.
namespace {

using et_kernels::visible_keys;

inline int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

template <class V>
struct AttentionAlgorithm {
  static size_t scratch_floats(const Attention& a, int64_t rows) {
    return Scratch<V>(nullptr, a, rows).floats;
  }

  static size_t state_floats(const Attention& a, int64_t rows) {
    return State::floats(rows, padded<V>(a));
  }

  static void tile(const Attention& a, const Tile& t, float* memory) {
    const Scratch<V> s(memory, a, t.rows);
    const State state(s.state, t.rows, padded<V>(a));
    state.clear(t.rows);
    read_query(a, t, s.query);
    const int64_t keys = visible_keys(a, t.first_row + t.rows - 1);
    for (int64_t first = 0; first < keys; first += kKeyBlock) {
      attend_block(a, t, first, s, state);
    }
    write_out(a, t, state);
  }

  static void block(const Attention& a, const Tile& t, int64_t index, float* partial, float* memory) {
    const Scratch<V> s(memory, a, t.rows);
    const State state(partial, t.rows, padded<V>(a));
    state.clear(t.rows);
    read_query(a, t, s.query);
    attend_block(a, t, index * kKeyBlock, s, state);
  }

  static void combine(const Attention& a, const Tile& t, int64_t blocks, float* states) {
    const State total(states, t.rows, padded<V>(a));
    for (int64_t b = 1; b < blocks; ++b) {
      const State part(states + size_t(b) * state_floats(a, t.rows), t.rows, total.stride);
      for (int64_t i = 0; i < t.rows; ++i) {
        const Factors factors = merge<V>(part.maximum[i], part.sum[i], total.maximum[i], total.sum[i]);
        for (int64_t d = i * total.stride; d < (i + 1) * total.stride; d += V::kLanes) {
          merge_values(V::load(part.values + d), factors, total.values + d);
        }
      }
    }
    write_out(a, t, total);
  }

 private:
  /// The keys from `first` on, for all rows.
  static void attend_block(const Attention& a, const Tile& t, int64_t first, const Scratch<V>& s, const State& state) {
    const int64_t n = least(kKeyBlock, visible_keys(a, t.first_row + t.rows - 1) - first);
    if (a.mask != nullptr && hidden(a, t, first, n)) {
      return;
    }
    read_keys(a, t, first, n, s);
    const Values values = read_values(a, t, first, n, s);
    const int64_t passes = (t.rows + V::kRows - 1) / V::kRows;
    const int64_t rows = (t.rows + passes - 1) / passes;
    for (int64_t row = 0; row < t.rows; row += rows) {
      attend_rows<V::kRows>(least(rows, t.rows - row), a, t, row, first, n, values, s, state);
    }
  }

  /// Whether the mask hides these keys from all rows, as most of a cache is with a sliding window. They would add
  /// exact zeros.
  static bool hidden(const Attention& a, const Tile& t, int64_t first, int64_t n) {
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

  /// `rows` rows, R at most, from `row` of the tile on.
  template <int R>
  static void attend_rows(
      int64_t rows, const Attention& a, const Tile& t, int64_t row, int64_t first, int64_t n, Values values,
      const Scratch<V>& s, const State& state) {
    if constexpr (R > 1) {
      if (rows < R) {
        attend_rows<R - 1>(rows, a, t, row, first, n, values, s, state);
        return;
      }
    }
    n = least(n, visible_keys(a, t.first_row + row + R - 1) - first);
    if (n <= 0) {
      return;
    }
    // More panels at once, often a power of two apart, would compete for the same ways of the cache.
    dots<V, R, width<V>(R, 4)>(
        s.query + row * a.head_size, a.head_size, s.panels, (n + V::kLanes - 1) / V::kLanes, s.scores);
    Factors factors[R];
    for (int r = 0; r < R; ++r) {
      const int64_t visible = least(n, visible_keys(a, t.first_row + row + r) - first);
      const int64_t position = (t.first_row + row + r) / (a.heads / a.kv_heads);
      const float* mask = a.mask == nullptr ? nullptr : a.mask + position * a.keys + first;
      float maximum, sum;
      weigh<V>(s.scores + r * kKeyBlock, visible < 0 ? 0 : visible, n, a.scale, mask, maximum, sum);
      factors[r] = merge<V>(maximum, sum, state.maximum[row + r], state.sum[row + r]);
    }
    add_values<V, R, width<V>(R, 8)>(
        s.scores, n, values.first, values.stride, state.stride / V::kLanes, factors, state.values + row * state.stride,
        state.stride);
  }

  static void write_out(const Attention& a, const Tile& t, const State& state) {
    for (int64_t i = 0; i < t.rows; ++i) {
      float* values = state.values + i * state.stride;
      const V sum = V::broadcast(state.sum[i] == 0 ? 1 : state.sum[i]);
      for (int64_t d = 0; d < state.stride; d += V::kLanes) {
        V::store(values + d, V::div(V::load(values + d), sum));
      }
      write_elements(a.out_type, values, a.head_size, a.out, row_vector(a, t, t.first_row + i) * a.head_size);
    }
  }
};

template <class V>
constexpr et_kernels::AttentionKernels kernels_of() {
  using A = AttentionAlgorithm<V>;
  return {A::scratch_floats, A::state_floats, A::tile, A::block, A::combine};
}

} // namespace
