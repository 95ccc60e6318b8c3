#pragma once

#include <memory>
#include <new>

namespace et_kernels {

/// Floats that a thread keeps from call to call, so that decoding does not allocate.
class Workspace {
 public:
  /// At least `floats` floats, aligned to 64 bytes, with undefined contents; null if there is no memory.
  float* reserve(size_t floats) {
    if (floats > size_) {
      size_ = 0;
      memory_.reset(new (std::align_val_t{64}, std::nothrow) float[floats]);
      size_ = memory_ == nullptr ? 0 : floats;
    }
    return memory_.get();
  }

 private:
  struct Free {
    void operator()(float* memory) const {
      operator delete[](memory, std::align_val_t{64});
    }
  };
  std::unique_ptr<float[], Free> memory_;
  size_t size_ = 0;
};

/// The calling thread's working memory, as Workspace::reserve gives it.
inline float* thread_scratch(size_t floats) {
  static thread_local Workspace workspace;
  return workspace.reserve(floats);
}

} // namespace et_kernels
