#include "attention.h"

#include <atomic>

#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include "isa.h"
#include "workspace.h"

namespace et_kernels {
namespace {

// A tile's rows share the transposing of keys; more rows than this hardly gain, fewer leave tasks for more threads.
constexpr int64_t kMostTileRows = 128;
constexpr int64_t kLeastTileRows = 32;
// A call of fewer multiplications than this is done before other threads would have woken up.
constexpr int64_t kInlineWork = 256 * 1024;
// How much the partial results of all blocks may take, in floats: 32 MiB.
constexpr size_t kMostPartialFloats = size_t{8} << 20;

const AttentionKernels& kernels() {
#if defined(__x86_64__)
  switch (et_kernels_isa()) {
    case ET_KERNELS_AVX512:
      return kAvx512Attention;
    case ET_KERNELS_AVX2:
      return kAvx2Attention;
  }
#endif
  return kPlainAttention;
}

/// Calls work(i, scratch) for 0 <= i < tasks, the high ones first: with a causal mask those take longest. Threads
/// take tasks as they get free. False if a thread found no memory.
template <class Work>
bool for_each_task(int64_t tasks, int64_t threads, size_t scratch_floats, const Work& work) {
  std::atomic<int64_t> left{tasks};
  std::atomic<bool> memory{true};
  const auto run = [&](int64_t, int64_t) {
    float* scratch = thread_scratch(scratch_floats);
    if (scratch == nullptr) {
      memory = false;
      return;
    }
    for (int64_t task = --left; task >= 0; task = --left) {
      work(task, scratch);
    }
  };
  const int64_t workers = threads < tasks ? threads : tasks;
  if (workers <= 1) {
    run(0, 1);
  } else if (!executorch::extension::parallel_for(0, workers, 1, run)) {
    return false;
  }
  return memory;
}

} // namespace

bool attend(const Attention& a) {
  const AttentionKernels& isa = kernels();
  const int64_t rows = a.queries * (a.heads / a.kv_heads);
  const int64_t kv_heads = a.batch * a.kv_heads;
  const int64_t keys = visible_keys(a, rows - 1);
  const int64_t work = rows * kv_heads * keys * a.head_size;
  const int64_t threads = work < kInlineWork ? 1 : executorch::extension::get_thread_count();

  int64_t tile_rows = rows * kv_heads / (4 * threads);
  tile_rows = tile_rows > kMostTileRows ? kMostTileRows : (tile_rows < kLeastTileRows ? kLeastTileRows : tile_rows);
  tile_rows = tile_rows < rows ? tile_rows : rows;
  const int64_t tiles = (rows + tile_rows - 1) / tile_rows;
  const auto tile_of = [&](int64_t head, int64_t tile) {
    const int64_t first = tile * tile_rows;
    return Tile{head / a.kv_heads, head % a.kv_heads, first, rows - first < tile_rows ? rows - first : tile_rows};
  };

  const int64_t blocks = (keys + kKeyBlock - 1) / kKeyBlock;
  const size_t state = isa.state_floats(a, tile_rows);
  const size_t partial_floats = size_t(kv_heads) * size_t(blocks) * state;
  if (tiles > 1 || blocks < 2 || partial_floats > kMostPartialFloats) {
    const auto attend_tile = [&](int64_t task, float* scratch) {
      isa.tile(a, tile_of(task % kv_heads, task / kv_heads), scratch);
    };
    return for_each_task(kv_heads * tiles, threads, isa.scratch_floats(a, tile_rows), attend_tile);
  }
  // Few rows, as in decoding: the threads share the keys too, and pass over the heads of one block while its memory
  // pages are at hand.
  static thread_local Workspace partial;
  float* states = partial.reserve(partial_floats);
  if (states == nullptr) {
    return false;
  }
  const auto attend_block = [&](int64_t task, float* scratch) {
    const int64_t head = task % kv_heads, block = task / kv_heads;
    isa.block(a, tile_of(head, 0), block, states + size_t(head * blocks + block) * state, scratch);
  };
  if (!for_each_task(kv_heads * blocks, threads, isa.scratch_floats(a, tile_rows), attend_block)) {
    return false;
  }
  for (int64_t head = 0; head < kv_heads; ++head) {
    isa.combine(a, tile_of(head, 0), blocks, states + size_t(head * blocks) * state);
  }
  return true;
}

} // namespace et_kernels
