#pragma once

#include "attention_kernel.h"
#include "page_slice.h"

// How attention reads and writes pages. Internal linkage: see attention.h.
namespace {

using et_kernels::kKeyBlock;

/// The memory of attention_kernel.h for pages of E: float, bfloat16 as uint16_t, or int8_t.
template <class V, class E>
struct PagedMemory {
  using Call = PagedAttention;
  static constexpr int64_t kSlices = kKeyBlock / kPanel;
  static constexpr int64_t kCacheLine = 64;
  static constexpr int kIntoLevel2 = 2;

  struct Scratch {
    float* query; // [rows, head_size]
    float* scores; // [kRows, kKeyBlock]
    float* state;
    size_t floats;

    Scratch(float* memory, const PagedAttention& a, int64_t rows) {
      Pieces pieces{memory};
      query = pieces.take(rows * a.head_size);
      scores = pieces.take(V::kRows * kKeyBlock);
      state = pieces.take(int64_t(State::floats(rows, padded<V>(a))));
      floats = pieces.floats;
    }
  };

  /// A block's keys and values stay where they are. A vector of values may reach over the end of its row: what it
  /// reads there ends in padding.
  struct Block {
    struct Panels {
      using Elements = const E*;
      static constexpr int64_t kStride = kPanel;
      const E* keys[kSlices];
      const E* values[kSlices];
      bool ahead;

      Elements at(int64_t panel) const {
        const int64_t key = panel * V::kLanes;
        return keys[key / kPanel] + key % kPanel;
      }

      /// While keys are read, the values of the same place are on their way. Inlined by force, here and below: a
      /// function that only fetches ahead has no effect, and GCC may drop its calls.
      __attribute__((always_inline)) void fetch_ahead(int64_t panel, int64_t d) const {
        if (ahead) {
          __builtin_prefetch(values[panel * V::kLanes / kPanel] + d * kPanel, 0, kIntoLevel2);
        }
      }
    };
    struct Values {
      const E* values[kSlices];
      const E* next_keys[kSlices]; // of the block behind this one
      int64_t size;
      bool ahead;

      const E* at(int64_t key) const {
        return values[key / kPanel] + key % kPanel * size;
      }

      /// While values are read, the keys of the next block are on their way.
      __attribute__((always_inline)) void fetch_ahead(int64_t key, int64_t first, int64_t n) const {
        if (ahead) {
          const E* from = next_keys[key / kPanel] + key % kPanel * size + first;
          for (int64_t i = 0; i < n; i += kCacheLine / int64_t(sizeof(E))) {
            __builtin_prefetch(from + i, 0, kIntoLevel2);
          }
        }
      }
    };
    Panels panels;
    Values values;
    const float* key_scales[kSlices];
    const float* value_scales[kSlices];
  };

  static int64_t first_key(const PagedAttention& a, const Tile& t, int64_t row) {
    return et_kernels::first_key(a, t, row);
  }

  static int64_t visible_keys(const PagedAttention& a, const Tile& t, int64_t row) {
    return et_kernels::keys_end(a, t, row);
  }

  static bool hidden(const PagedAttention&, const Tile&, int64_t, int64_t) {
    return false;
  }

  static void read_query(const PagedAttention& a, const Tile& t, float* query) {
    const int64_t group = a.heads / a.kv_heads, size = a.head_size;
    for (int64_t i = 0; i < t.rows; ++i) {
      const int64_t row = t.first_row + i, head = t.kv_head * group + row % group;
      const float* from = a.query + (head * a.tokens + a.runs[t.batch].first_token + row / group) * size;
      __builtin_memcpy(query + i * size, from, size_t(size) * sizeof(float));
    }
  }

  static Block read_block(const PagedAttention& a, const Tile& t, int64_t first, int64_t n, const Scratch&) {
    const int64_t end = visible_keys(a, t, t.first_row + t.rows - 1);
    const bool once = t.rows <= V::kRows; // else the cache has them after the first of several passes
    Block block;
    block.values.size = a.head_size;
    block.panels.ahead = once;
    block.values.ahead = once && first + kKeyBlock < end;
    for (int64_t i = 0; i < kSlices; ++i) {
      // Behind the last key there may be no page: the last slice again, of which nothing is used.
      const int64_t position = first + (i * kPanel < n ? i * kPanel : (n - 1) / kPanel * kPanel);
      const PageSlice<E> slice(a, a.runs[t.batch], t.kv_head, position);
      block.panels.keys[i] = slice.keys;
      block.panels.values[i] = block.values.values[i] = slice.values;
      block.key_scales[i] = slice.key_scales;
      block.value_scales[i] = slice.value_scales;
    }
    for (int64_t i = 0; block.values.ahead && i < kSlices; ++i) {
      const int64_t position = least(first + kKeyBlock + i * kPanel, (end - 1) / kPanel * kPanel);
      block.values.next_keys[i] = PageSlice<E>(a, a.runs[t.batch], t.kv_head, position).keys;
    }
    return block;
  }

  /// Makes weights of the dot products of row `row` with the `n` keys from `first` on. Not inlined: the compiler could
  /// round the callers' copies differently.
  __attribute__((noinline)) static void weigh(
      const PagedAttention& a, const Tile& t, int64_t row, int64_t first, int64_t n, const Block& block,
      float* scores, float& maximum, float& sum) {
    const int64_t from = first_key(a, t, row) - first;
    const int64_t visible = least(n, visible_keys(a, t, row) - first);
    const int64_t end = from < visible ? visible : 0;
    for (int64_t i = 0; i < end; i += V::kLanes) {
      V scale = V::broadcast(a.scale);
      if constexpr (sizeof(E) == 1) {
        scale = V::mul(V::load(block.key_scales[i / kPanel] + i % kPanel), scale);
      }
      const V score = V::mul(V::load(scores + i), scale);
      V::store(scores + i, a.softcap > 0 ? capped(score, a.softcap) : score);
    }
    for (int64_t i = 0; i < from && i < end; ++i) {
      scores[i] = -kInfinity;
    }
    ::weigh<V>(scores, end, n, [](V score, int64_t) { return score; }, maximum, sum);
    if constexpr (sizeof(E) == 1) {
      for (int64_t i = 0; i < end; i += V::kLanes) {
        const V weight = V::mul(V::load(scores + i), V::load(block.value_scales[i / kPanel] + i % kPanel));
        V::store(scores + i, V::keep_first(weight, end - i, 0));
      }
    }
  }

  /// The sink joins a row's sum, without a value.
  static void finish(
      const PagedAttention& a, const Tile& t, int64_t row, float& maximum, float& sum, float* values) {
    if (a.sinks == nullptr) {
      return;
    }
    const int64_t group = a.heads / a.kv_heads;
    const Factors factors = merge<V>(a.sinks[t.kv_head * group + row % group], 1, maximum, sum);
    for (int64_t d = 0; d < padded<V>(a); d += V::kLanes) {
      V::store(values + d, V::mul(V::load(values + d), V::broadcast(factors.row)));
    }
  }

  /// Adding zero makes -0, which rows that shared a pass with later ones lose on the way, a zero in all of them.
  static void write(const PagedAttention& a, const Tile& t, int64_t row, const float* values) {
    const int64_t group = a.heads / a.kv_heads, token = a.runs[t.batch].first_token + row / group;
    float* out = a.out + (token * a.heads + t.kv_head * group + row % group) * a.head_size;
    for (int64_t d = 0; d < a.head_size; ++d) {
      out[d] = values[d] + 0.0f;
    }
  }

  static void append(
      const PagedAttention& a, const Run& run, int64_t kv_head, int64_t first, int64_t end, float* scratch) {
    for (int64_t token = first; token < end;) {
      const int64_t lane = (run.position + token) % kPanel;
      const int64_t n = least(kPanel - lane, end - token);
      const int64_t from = (kv_head * a.tokens + run.first_token + token) * a.head_size;
      const PageSlice<E> slice(a, run, kv_head, run.position + token - lane);
      slice.put(lane, n, a.head_size, a.key + from, a.value + from, scratch);
      token += n;
    }
  }

 private:
  /// cap * tanh(score / cap)
  static V capped(V score, float cap) {
    const V zero = V::broadcast(0), twice = V::mul(score, V::broadcast(2 / cap));
    const V up = exp_of_negative(V::sub(zero, V::max(zero, V::sub(zero, twice)))); // of min(twice, 0)
    const V down = exp_of_negative(V::sub(zero, V::max(zero, twice)));
    return V::mul(V::broadcast(cap), V::div(V::sub(up, down), V::add(up, down)));
  }
};

template <class V, class E>
constexpr et_kernels::PagedKernels paged_of_type() {
  using A = AttentionAlgorithm<V, PagedMemory<V, E>>;
  return {A::scratch_floats, A::state_floats, PagedMemory<V, E>::append, A::tile, A::block, A::combine};
}

template <class V>
constexpr et_kernels::PagedKernelsByType paged_of() {
  return {paged_of_type<V, float>(), paged_of_type<V, uint16_t>(), paged_of_type<V, int8_t>()};
}

} // namespace
