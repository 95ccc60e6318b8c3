#pragma once

#include <cstddef>
#include <cstdint>

// Plain data only: this header is also read by the files compiled for one instruction set, where an inline function
// of a shared header could end up, compiled with wide instructions, in the hands of a CPU that lacks them.
namespace et_kernels {

enum class ElementType { kFloat, kHalf, kBFloat16, kInt8 };

/// Keys are summed block by block: a block's sums do not depend on anything outside of it, and blocks are merged in
/// ascending order. This makes a row's bits independent of who computes which block.
constexpr int64_t kKeyBlock = 128;

/// What turns a tensor's int8 vectors into floats, (element - zero point) * scale: one of each for every vector, in the
/// tensor's order. Null for other types.
struct Scaling {
  const int8_t* zero_points;
  const float* scales;
};

/// One attention call; shapes are checked by whoever fills it. All tensors are contiguous. Query head h reads
/// key/value head h / (heads / kv_heads).
struct Attention {
  ElementType type; // of query, key and value
  ElementType out_type; // never kInt8
  const void* query; // [batch, queries, heads, head_size]
  const void* key; // [batch, capacity, kv_heads, head_size]
  const void* value; // like key
  const float* mask; // [queries, keys], added to the scaled scores; may be null
  void* out; // like query
  Scaling query_scaling;
  Scaling key_scaling;
  Scaling value_scaling;
  bool heads_first; // the tensors are [batch, heads, length, head_size] instead
  int64_t batch;
  int64_t queries;
  int64_t heads;
  int64_t kv_heads;
  int64_t head_size;
  int64_t capacity;
  int64_t keys; // the first `keys` positions may be attended; with `causal`, query i sees start + i + 1 at most
  int64_t start;
  bool causal;
  float scale;
};

/// Rows are the (query position, query head) pairs that read one key/value head, position first.
struct Tile {
  int64_t batch;
  int64_t kv_head;
  int64_t first_row;
  int64_t rows;
};

/// How many keys a row may attend.
inline int64_t visible_keys(const Attention& a, int64_t row) __attribute__((always_inline));
inline int64_t visible_keys(const Attention& a, int64_t row) {
  const int64_t last = a.start + row / (a.heads / a.kv_heads) + 1;
  return a.causal && last < a.keys ? last : a.keys;
}

/// One instruction set's code. All buffers are aligned to 64 bytes.
struct AttentionKernels {
  /// Size of the working memory of one thread, for tiles of up to `rows` rows.
  size_t (*scratch_floats)(const Attention&, int64_t rows);
  /// Size of the partial result of one tile, a multiple of 16.
  size_t (*state_floats)(const Attention&, int64_t rows);
  /// Attends all keys and writes the tile's rows of `out`.
  void (*tile)(const Attention&, const Tile&, float* scratch);
  /// Attends one key block and leaves the partial result in `state`.
  void (*block)(const Attention&, const Tile&, int64_t block, float* state, float* scratch);
  /// Merges the partial results of blocks 0..blocks-1, adjacent in `states`, and writes the tile's rows of `out`.
  /// The bits are those that `tile` gives.
  void (*combine)(const Attention&, const Tile&, int64_t blocks, float* states);
};

extern const AttentionKernels kPlainAttention;
extern const AttentionKernels kAvx2Attention;
extern const AttentionKernels kAvx512Attention;

/// Runs the call over the runtime's threads. False if there was no memory for the working buffers.
bool attend(const Attention& call);

} // namespace et_kernels
