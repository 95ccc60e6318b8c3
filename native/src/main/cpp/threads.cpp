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
std::atomic<int> processors{0}; // 0: unknown

// The pool as it is by default: it counts the machine's cores, and a container may use fewer. With the mutex held.
executorch::extension::threadpool::ThreadPool* default_pool() {
  auto* pool = get_threadpool();
  const int most = processors.load(std::memory_order_relaxed);
  if (pool != nullptr && pool_threads == 0 && !pool_used.load(std::memory_order_relaxed) && most > 0 &&
      static_cast<int>(pool->get_thread_count()) > most) {
    pool->_unsafe_reset_threadpool(static_cast<uint32_t>(most));
  }
  return pool;
}

} // namespace

void bridge::limit_pool(int threads) {
  processors.store(threads, std::memory_order_relaxed);
}

void bridge::ThreadScope::note_pool_use() {
  if (pool_used.load(std::memory_order_acquire)) {
    return;
  }
  std::lock_guard<std::mutex> lock(pool_mutex);
  default_pool();
  pool_used.store(true, std::memory_order_release);
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
  std::lock_guard<std::mutex> lock(pool_mutex);
  auto* pool = default_pool();
  return pool == nullptr ? 1 : static_cast<int>(pool->get_thread_count());
}
