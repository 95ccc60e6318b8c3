// Which threads a call computes on.
#pragma once

#include <executorch/extension/threadpool/threadpool_guard.h>

namespace bridge {

// The process-wide pool has no more threads than this, unless its size is set.
void limit_pool(int threads);

// While it lives, this thread computes inline or on the process-wide pool.
class ThreadScope final {
 public:
  explicit ThreadScope(bool inline_threads) : previous_(Guard::is_enabled()) {
    Guard::set_enabled(inline_threads);
    if (!inline_threads) {
      note_pool_use();
    }
  }
  ~ThreadScope() {
    Guard::set_enabled(previous_);
  }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  using Guard = executorch::extension::threadpool::NoThreadPoolGuard;
  static void note_pool_use();
  const bool previous_;
};

} // namespace bridge
