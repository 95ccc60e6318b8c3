#include <algorithm>
#include <atomic>
#include <new>
#include <thread>

#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include "isa.h"
#include "paged_plan.h"
#include "workspace.h"

// Which thread does what part of attention over pages: none of it changes a row's bits.
namespace et_kernels {
namespace {

// The calling thread appends up to this many elements, divided by the threads, before the others wake up.
constexpr int64_t kInlineAppend = 64 * 1024;
constexpr int64_t kAppendTokens = kPanel;

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

void attend(
    const PagedAttention& a, const PagedKernels& isa, PagedPlan& plan, const PagedTask& task, float* states,
    float* scratch) {
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
  static thread_local PagedPlan plan;
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
  PagedPlan& shared = plan; // a lambda would take the thread's own
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
