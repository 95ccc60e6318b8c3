#include "threads.h"

#include "et_bridge.h"
#include "log.h"

#include <executorch/runtime/platform/log.h>

#include <atomic>
#include <mutex>

// The wheel has the library but not its header.
namespace executorch::extension::threadpool {
class ThreadPool final {
 public:
  size_t get_thread_count() const;
  bool _unsafe_reset_threadpool(uint32_t threads);
};
ThreadPool* get_threadpool();
} // namespace executorch::extension::threadpool

namespace {

using executorch::extension::threadpool::get_threadpool;
using executorch::runtime::Error;

std::mutex pool_mutex;
std::atomic<bool> pool_used{false};
int pool_threads = 0; // 0: nobody chose

} // namespace

void bridge::ThreadScope::note_pool_use() {
  pool_used.store(true, std::memory_order_relaxed);
}

int et_set_pool_threads(int threads) {
  return bridge::guarded([&] {
    std::lock_guard<std::mutex> lock(pool_mutex);
    auto* pool = get_threadpool();
    if (pool == nullptr) {
      return Error::Internal;
    }
    if (threads < 1) {
      return Error::InvalidArgument;
    }
    const int current = static_cast<int>(pool->get_thread_count());
    if (pool_threads == threads || (pool_threads == 0 && current == threads)) {
      pool_threads = threads;
      return Error::Ok;
    }
    if (pool_threads != 0 || pool_used.load(std::memory_order_relaxed)) {
      ET_LOG(Error, "The pool of this process has %d threads and is in use", current);
      return Error::InvalidState;
    }
    if (!pool->_unsafe_reset_threadpool(static_cast<uint32_t>(threads))) {
      return Error::Internal;
    }
    pool_threads = threads;
    return Error::Ok;
  });
}

int et_pool_threads(void) {
  auto* pool = get_threadpool();
  return pool == nullptr ? 1 : static_cast<int>(pool->get_thread_count());
}
