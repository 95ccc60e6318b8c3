#include "paged_plan.h"

#include <algorithm>

#include <executorch/runtime/kernel/thread_parallel_interface.h>

namespace et_kernels {
namespace {

// A tile's rows share the reading of keys; more rows than this hardly gain, fewer leave tasks for more threads.
constexpr int64_t kMostTileRows = 128;
constexpr int64_t kLeastTileRows = 32;
// A call of fewer multiplications than this is done before other threads would have woken up.
constexpr int64_t kInlineWork = 1024 * 1024;
// Tasks for each thread, so that all of them end at about the same time.
constexpr int64_t kTasksPerThread = 4;
// How much the partial results of divided tiles may take, in floats: 32 MiB.
constexpr int64_t kMostPartialFloats = int64_t{8} << 20;

int64_t rows_of(const PagedAttention& a, const Run& run) {
  return run.tokens * (a.heads / a.kv_heads);
}

/// Multiplications with keys, about.
int64_t cost_of(const PagedAttention& a, const Tile& t) {
  const int64_t last = t.first_row + t.rows - 1;
  return t.rows * a.head_size * (keys_end(a, t, last) - first_key(a, t, t.first_row));
}

} // namespace

void PagedPlan::make(const PagedAttention& a, int64_t runs, const PagedKernels& isa) {
  tasks.clear();
  divisions.clear();
  state_floats = 0;
  order_runs(a, runs);
  threads = work_ < kInlineWork ? 1 : executorch::extension::get_thread_count();
  int64_t most = all_rows_ * a.kv_heads / (kTasksPerThread * threads);
  most = std::min(std::max(most, kLeastTileRows), kMostTileRows);
  tile_rows = 0;
  for (const int64_t run : order_) {
    const int64_t rows = rows_of(a, a.runs[run]);
    const int64_t tiles = (rows + most - 1) / most, size = (rows + tiles - 1) / tiles;
    tile_rows = std::max(tile_rows, size);
    for (int64_t first = (rows - 1) / size * size; first >= 0; first -= size) {
      for (int64_t head = 0; head < a.kv_heads; ++head) {
        add(a, {run, head, first, std::min(size, rows - first)}, isa);
      }
    }
  }
}

void PagedPlan::order_runs(const PagedAttention& a, int64_t runs) {
  order_.clear();
  costs_.clear();
  work_ = all_rows_ = 0;
  for (int64_t run = 0; run < runs; ++run) {
    const int64_t rows = rows_of(a, a.runs[run]);
    const Tile last = {run, 0, rows > kMostTileRows ? rows - kMostTileRows : 0, std::min(rows, kMostTileRows)};
    order_.push_back(run);
    costs_.push_back(cost_of(a, last));
    work_ += costs_.back() * a.kv_heads * ((rows + kMostTileRows - 1) / kMostTileRows);
    all_rows_ += rows;
  }
  std::sort(order_.begin(), order_.end(), [&](int64_t x, int64_t y) {
    return costs_[size_t(x)] != costs_[size_t(y)] ? costs_[size_t(x)] > costs_[size_t(y)] : x < y;
  });
}

void PagedPlan::add(const PagedAttention& a, const Tile& tile, const PagedKernels& isa) {
  const int64_t first = first_key(a, tile, tile.first_row) / kKeyBlock;
  const int64_t blocks = (keys_end(a, tile, tile.first_row + tile.rows - 1) - 1) / kKeyBlock + 1 - first;
  const int64_t share = work_ / (kTasksPerThread * threads) + 1;
  const int64_t parts = threads == 1 ? 1 : std::min(blocks, (cost_of(a, tile) + share - 1) / share);
  const int64_t floats = blocks * int64_t(isa.state_floats(a, tile.rows));
  if (parts < 2 || state_floats + floats > kMostPartialFloats) {
    tasks.push_back({tile, -1, 0, 0});
    return;
  }
  for (int64_t part = 0; part < parts; ++part) {
    tasks.push_back(
        {tile, int64_t(divisions.size()), first + blocks * part / parts, first + blocks * (part + 1) / parts});
  }
  divisions.emplace_back(tile, first, blocks, state_floats, parts);
  state_floats += floats;
}

} // namespace et_kernels
