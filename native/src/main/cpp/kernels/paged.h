#pragma once

#include "pages.h"

// Plain data only: see attention.h.
namespace et_kernels {

/// One call of attention over pages; shapes are checked by whoever fills it. All tensors are contiguous floats. Query
/// head h reads key/value head h / (heads / kv_heads).
struct PagedAttention {
  Pages pages;
  const Run* runs;
  const float* query; // [heads, tokens, head_size]
  const float* key; // [kv_heads, tokens, head_size]
  const float* value; // like key
  const float* sinks; // [heads]; may be null
  float* out; // [tokens, heads, head_size]
  int64_t layer;
  int64_t tokens;
  int64_t heads;
  int64_t kv_heads;
  int64_t head_size;
  int64_t window; // a row sees as many keys at most; 0: all up to its own
  float scale;
  float softcap; // 0: none
};

/// The keys a tile's row sees: from first_key up to, not including, keys_end. In a tile of this call `batch` is the
/// run.
inline int64_t keys_end(const PagedAttention& a, const Tile& t, int64_t row) __attribute__((always_inline));
inline int64_t keys_end(const PagedAttention& a, const Tile& t, int64_t row) {
  return a.runs[t.batch].position + row / (a.heads / a.kv_heads) + 1;
}

inline int64_t first_key(const PagedAttention& a, const Tile& t, int64_t row) __attribute__((always_inline));
inline int64_t first_key(const PagedAttention& a, const Tile& t, int64_t row) {
  const int64_t end = keys_end(a, t, row);
  return a.window > 0 && end > a.window ? end - a.window : 0;
}

/// One instruction set's code, as in AttentionKernels.
struct PagedKernels {
  size_t (*scratch_floats)(const PagedAttention&, int64_t rows);
  size_t (*state_floats)(const PagedAttention&, int64_t rows);
  /// Writes the keys and values of tokens first … end - 1 of a run to their pages.
  void (*append)(const PagedAttention&, const Run&, int64_t kv_head, int64_t first, int64_t end, float* scratch);
  void (*tile)(const PagedAttention&, const Tile&, float* scratch);
  void (*block)(const PagedAttention&, const Tile&, int64_t block, float* state, float* scratch);
  void (*combine)(const PagedAttention&, const Tile&, int64_t blocks, float* states);
};

/// The code for each type of page.
struct PagedKernelsByType {
  PagedKernels floats;
  PagedKernels bfloat16;
  PagedKernels int8;
};

/// Appends the step's keys and values and attends them, over the runtime's threads. `runs` are the step's, `count` of
/// them. False if there was no memory for the working buffers.
bool attend_pages(const PagedAttention& call, int64_t count);

extern const PagedKernelsByType kPlainPaged;
extern const PagedKernelsByType kAvx2Paged;
extern const PagedKernelsByType kAvx512Paged;

} // namespace et_kernels
