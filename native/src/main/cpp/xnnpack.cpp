#include "et_bridge.h"
#include "log.h"

#include <executorch/runtime/backend/interface.h>
#include <executorch/runtime/backend/options.h>
#include <executorch/runtime/platform/log.h>

#include <mutex>
#include <string>

using executorch::runtime::BackendOptions;
using executorch::runtime::Error;

namespace {
std::mutex packed_cache_mutex;
std::string packed_cache; // empty: not set
} // namespace

int et_set_packed_cache(const char* path) {
  return bridge::guarded([&] {
    std::lock_guard<std::mutex> lock(packed_cache_mutex);
    if (packed_cache == path) {
      return Error::Ok;
    }
    if (!packed_cache.empty()) {
      ET_LOG(Error, "The packed weights of this process are kept in %s already", packed_cache.c_str());
      return Error::InvalidState;
    }
    if (std::string(path).size() >= executorch::runtime::kMaxOptionValueLength) {
      ET_LOG(Error, "The path is longer than %zu bytes", executorch::runtime::kMaxOptionValueLength - 1);
      return Error::InvalidArgument;
    }
    BackendOptions<1> options;
    Error error = options.set_option("packed_cache_path", path);
    if (error == Error::Ok) {
      error = executorch::runtime::set_option("XnnpackBackend", options.view());
    }
    if (error == Error::Ok) {
      packed_cache = path;
    }
    return error;
  });
}
