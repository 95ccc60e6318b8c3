#pragma once

#include <atomic>
#include <vector>

#include "paged.h"

namespace et_kernels {

/// A tile whose key blocks are several tasks; the last of them to end combines the results.
struct Division {
  Tile tile;
  int64_t first_block;
  int64_t blocks;
  int64_t states; // where its partial results begin, in floats
  std::atomic<int64_t> open_tasks;

  Division(const Tile& tile, int64_t first_block, int64_t blocks, int64_t states, int64_t tasks)
      : tile(tile), first_block(first_block), blocks(blocks), states(states), open_tasks(tasks) {}
  Division(Division&& other) noexcept
      : Division(other.tile, other.first_block, other.blocks, other.states, other.open_tasks.load()) {}
};

/// What one thread does at a time.
struct PagedTask {
  Tile tile;
  int64_t division; // -1: the whole tile
  int64_t first_block;
  int64_t end_block;
};

/// How one call is divided into tasks: a row tile of a run for one key/value head, or, where there are too few of those
/// for the threads, some key blocks of a tile.
class PagedPlan {
 public:
  /// `runs` runs, the longest first. Throws std::bad_alloc.
  void make(const PagedAttention& a, int64_t runs, const PagedKernels& isa);

  std::vector<PagedTask> tasks;
  std::vector<Division> divisions;
  int64_t state_floats = 0; // of all divisions
  int64_t tile_rows = 0; // of the largest tile
  int64_t threads = 1;

 private:
  void order_runs(const PagedAttention& a, int64_t runs);
  void add(const PagedAttention& a, const Tile& tile, const PagedKernels& isa);

  std::vector<int64_t> order_;
  std::vector<int64_t> costs_; // of a run's last tile for one head
  int64_t work_ = 0;
  int64_t all_rows_ = 0;
};

} // namespace et_kernels
