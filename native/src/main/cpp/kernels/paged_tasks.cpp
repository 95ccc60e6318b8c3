#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include "isa.h"
#include "pages.h"
#include "workspace.h"

// Which thread does what part of attention over pages: none of it changes a row's bits.
namespace et_kernels {
namespace {

// A tile's rows share the reading of keys; more rows than this hardly gain, fewer leave tasks for more threads.
constexpr int64_t kMostTileRows = 128;
constexpr int64_t kLeastTileRows = 32;
// A call of fewer multiplications than this is done before other threads would have woken up.
constexpr int64_t kInlineWork = 256 * 1024;
// The calling thread appends up to this many elements, divided by the threads, before the others wake up.
constexpr int64_t kInlineAppend = 64 * 1024;
constexpr int64_t kAppendTokens = kPanel;
// Tasks for each thread, so that all of them end at about the same time.
constexpr int64_t kTasksPerThread = 4;
// How much the partial results of divided tiles may take, in floats: 32 MiB.
constexpr int64_t kMostPartialFloats = int64_t{8} << 20;

const PagedKernelsByType& kernels_by_type() {
#if defined(__x86_64__)
  switch (et_kernels_isa()) {
    case ET_KERNELS_AVX512:
      return kAvx512Paged;
    case ET_KERNELS_AVX2:
      return kAvx2Paged;
  }
#endif
  return kPlainPaged;
}

const PagedKernels& kernels_for(ElementType type) {
  const PagedKernelsByType& all = kernels_by_type();
  return type == ElementType::kInt8 ? all.int8 : type == ElementType::kBFloat16 ? all.bfloat16 : all.floats;
}

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

struct Task {
  Tile tile;
  int64_t division; // -1: the whole tile
  int64_t first_block;
  int64_t end_block;
};

int64_t rows_of(const PagedAttention& a, const Run& run) {
  return run.tokens * (a.heads / a.kv_heads);
}

/// Multiplications with keys, about.
int64_t cost_of(const PagedAttention& a, const Tile& t) {
  const int64_t last = t.first_row + t.rows - 1;
  return t.rows * a.head_size * (keys_end(a, t, last) - first_key(a, t, t.first_row));
}

/// The tasks of one call, the longest runs first.
class Plan {
 public:
  /// Throws std::bad_alloc.
  void make(const PagedAttention& a, int64_t runs, const PagedKernels& isa) {
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

  std::vector<Task> tasks;
  std::vector<Division> divisions;
  int64_t state_floats = 0; // of all divisions
  int64_t tile_rows = 0; // of the largest tile
  int64_t threads = 1;

 private:
  void order_runs(const PagedAttention& a, int64_t runs) {
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

  void add(const PagedAttention& a, const Tile& tile, const PagedKernels& isa) {
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

  std::vector<int64_t> order_;
  std::vector<int64_t> costs_; // of a run's last tile for one head
  int64_t work_ = 0;
  int64_t all_rows_ = 0;
};

/// Appends tokens first … end - 1 of the step for one head.
void append(
    const PagedAttention& a, int64_t count, const PagedKernels& isa, int64_t kv_head, int64_t first, int64_t end,
    float* scratch) {
  const auto begins_later = [](int64_t token, const Run& run) { return token < run.first_token; };
  const Run* run = std::upper_bound(a.runs, a.runs + count, first, begins_later) - 1;
  for (; run < a.runs + count && run->first_token < end; ++run) {
    const int64_t from = std::max(first - run->first_token, int64_t{0});
    isa.append(a, *run, kv_head, from, std::min(end - run->first_token, run->tokens), scratch);
  }
}

void attend(const PagedAttention& a, const PagedKernels& isa, Plan& plan, const Task& task, float* states, float* scratch) {
  if (task.division < 0) {
    isa.tile(a, task.tile, scratch);
    return;
  }
  Division& division = plan.divisions[size_t(task.division)];
  const int64_t floats = int64_t(isa.state_floats(a, task.tile.rows));
  float* first = states + division.states;
  for (int64_t block = task.first_block; block < task.end_block; ++block) {
    isa.block(a, task.tile, block, first + (block - division.first_block) * floats, scratch);
  }
  if (division.open_tasks.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    isa.combine(a, task.tile, division.blocks, first);
  }
}

} // namespace

bool attend_pages(const PagedAttention& a, int64_t count) {
  static thread_local Plan plan;
  static thread_local Workspace partial;
  const PagedKernels& isa = kernels_for(a.pages.type);
  try {
    plan.make(a, count, isa);
  } catch (const std::bad_alloc&) {
    return false;
  }
  const size_t scratch_floats = isa.scratch_floats(a, plan.tile_rows);
  float* states = partial.reserve(size_t(plan.state_floats));
  float* scratch = thread_scratch(scratch_floats);
  if ((states == nullptr && plan.state_floats > 0) || scratch == nullptr) {
    return false;
  }
  // A token may see keys that any run of the step appends, so attending waits for all of them. They come first: who
  // has a task of attending knows that the appending ones are done or being done.
  int64_t slices = (a.tokens + kAppendTokens - 1) / kAppendTokens * a.kv_heads;
  if (plan.threads == 1 || 2 * a.tokens * a.kv_heads * a.head_size <= kInlineAppend / plan.threads) {
    for (int64_t head = 0; head < a.kv_heads; ++head) {
      append(a, count, isa, head, 0, a.tokens, scratch);
    }
    slices = 0;
  }
  std::atomic<int64_t> next{0}, appended{0};
  std::atomic<bool> memory{true};
  const int64_t tasks = slices + int64_t(plan.tasks.size());
  Plan& shared = plan; // a lambda would take the thread's own
  const auto run = [&, states](int64_t, int64_t) {
    float* own = thread_scratch(scratch_floats);
    if (own == nullptr) {
      memory = false;
      return;
    }
    for (int64_t task = next++; task < tasks; task = next++) {
      if (task < slices) {
        const int64_t first = task / a.kv_heads * kAppendTokens;
        append(a, count, isa, task % a.kv_heads, first, std::min(first + kAppendTokens, a.tokens), own);
        appended.fetch_add(1, std::memory_order_release);
        continue;
      }
      while (appended.load(std::memory_order_acquire) < slices) {
        std::this_thread::yield();
      }
      attend(a, isa, shared, shared.tasks[size_t(task - slices)], states, own);
    }
  };
  const int64_t workers = std::min(plan.threads, tasks);
  if (workers <= 1) {
    run(0, 1);
  } else if (!executorch::extension::parallel_for(0, workers, 1, run)) {
    return false;
  }
  return memory;
}

} // namespace et_kernels
