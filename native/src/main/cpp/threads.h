// Which threads a call computes on.
#pragma once

#include <executorch/extension/threadpool/threadpool_guard.h>

#include <optional>

namespace bridge {

// While it lives, this thread computes inline or on the process-wide pool.
class ThreadScope final {
 public:
  explicit ThreadScope(bool inline_threads) {
    if (inline_threads) {
      guard_.emplace();
    } else {
      note_pool_use();
    }
  }

 private:
  static void note_pool_use();
  std::optional<executorch::extension::threadpool::NoThreadPoolGuard> guard_;
};

} // namespace bridge
