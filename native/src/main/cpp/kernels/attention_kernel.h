#pragma once

#include "attention_state.h"
#include "attention_sums.h"

// The attention algorithm, written once over a vector type V and a Memory that knows where queries, keys, values and
// results are; each attention_<isa>.cpp brings its V. Everything has internal linkage: see attention.h.
//
// A row's scores are dot products, one key per lane, from keys transposed into panels. A block gives the row's maximum,
// the sum of exp(score - maximum) and the values weighted by it; blocks are merged in ascending order. None of this
// depends on how many rows share a tile, so a row has the same bits whether it is computed alone or in a prefill.
//
// A row that may attend nothing (everything masked by -inf) gives zeros. A NaN anywhere in a row's scores gives NaN. A
// value that is infinite or NaN also reaches rows that attend it with weight zero, as it does in a matrix product: rows
// that share a pass with a later position, or whose mask hides a part of the value's block.
namespace {

using et_kernels::Tile;

template <class V, class Memory>
struct AttentionAlgorithm {
  using Call = typename Memory::Call;
  using Scratch = typename Memory::Scratch;
  using Block = typename Memory::Block;

  static size_t scratch_floats(const Call& a, int64_t rows) {
    return Scratch(nullptr, a, rows).floats;
  }

  static size_t state_floats(const Call& a, int64_t rows) {
    return State::floats(rows, padded<V>(a));
  }

  static void tile(const Call& a, const Tile& t, float* memory) {
    const Scratch s(memory, a, t.rows);
    const State state(s.state, t.rows, padded<V>(a));
    state.clear(t.rows);
    Memory::read_query(a, t, s.query);
    const int64_t keys = Memory::visible_keys(a, t, t.first_row + t.rows - 1);
    const int64_t from = Memory::first_key(a, t, t.first_row) / kKeyBlock * kKeyBlock;
    for (int64_t first = from; first < keys; first += kKeyBlock) {
      attend_block(a, t, first, s, state);
    }
    write_out(a, t, state);
  }

  static void block(const Call& a, const Tile& t, int64_t index, float* partial, float* memory) {
    const Scratch s(memory, a, t.rows);
    const State state(partial, t.rows, padded<V>(a));
    state.clear(t.rows);
    Memory::read_query(a, t, s.query);
    attend_block(a, t, index * kKeyBlock, s, state);
  }

  static void combine(const Call& a, const Tile& t, int64_t blocks, float* states) {
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
  static void attend_block(const Call& a, const Tile& t, int64_t first, const Scratch& s, const State& state) {
    const int64_t n = least(kKeyBlock, Memory::visible_keys(a, t, t.first_row + t.rows - 1) - first);
    if (Memory::hidden(a, t, first, n)) {
      return;
    }
    const Block block = Memory::read_block(a, t, first, n, s);
    const int64_t passes = (t.rows + V::kRows - 1) / V::kRows;
    const int64_t rows = (t.rows + passes - 1) / passes;
    for (int64_t row = 0; row < t.rows; row += rows) {
      attend_rows<V::kRows>(least(rows, t.rows - row), a, t, row, first, n, block, s, state);
    }
  }

  /// `rows` rows, R at most, from `row` of the tile on.
  template <int R>
  static void attend_rows(
      int64_t rows, const Call& a, const Tile& t, int64_t row, int64_t first, int64_t n,
      const Block& block, const Scratch& s, const State& state) {
    if constexpr (R > 1) {
      if (rows < R) {
        attend_rows<R - 1>(rows, a, t, row, first, n, block, s, state);
        return;
      }
    }
    n = least(n, Memory::visible_keys(a, t, t.first_row + row + R - 1) - first);
    if (n <= 0 || first + n <= Memory::first_key(a, t, t.first_row + row)) {
      return;
    }
    // More panels at once, often a power of two apart, would compete for the same ways of the cache.
    dots<V, R, width<V>(R, 4)>(
        s.query + row * a.head_size, a.head_size, block.panels, 0, (n + V::kLanes - 1) / V::kLanes, s.scores);
    Factors factors[R];
    for (int r = 0; r < R; ++r) {
      float maximum, sum;
      Memory::weigh(a, t, t.first_row + row + r, first, n, block, s.scores + r * kKeyBlock, maximum, sum);
      factors[r] = merge<V>(maximum, sum, state.maximum[row + r], state.sum[row + r]);
    }
    add_values<V, R, width<V>(R, 8)>(
        s.scores, n, block.values, 0, state.stride / V::kLanes, factors, state.values + row * state.stride,
        state.stride);
  }

  static void write_out(const Call& a, const Tile& t, const State& state) {
    for (int64_t i = 0; i < t.rows; ++i) {
      float* values = state.values + i * state.stride;
      Memory::finish(a, t, t.first_row + i, state.maximum[i], state.sum[i], values);
      const V sum = V::broadcast(state.sum[i] == 0 ? 1 : state.sum[i]);
      for (int64_t d = 0; d < state.stride; d += V::kLanes) {
        V::store(values + d, V::div(V::load(values + d), sum));
      }
      Memory::write(a, t, t.first_row + i, values);
    }
  }
};

} // namespace
