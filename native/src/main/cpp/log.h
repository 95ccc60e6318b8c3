// What the runtime logs, and what a failed call says.
#pragma once

#include <executorch/runtime/core/error.h>

#include <exception>
#include <new>
#include <string>

namespace bridge {

// Collects the errors that the runtime logs on this thread while it lives.
class ErrorCapture final {
 public:
  ErrorCapture();
  ~ErrorCapture();
  ErrorCapture(const ErrorCapture&) = delete;
  ErrorCapture& operator=(const ErrorCapture&) = delete;

 private:
  bool outermost_;
};

// What et_error() shows on this thread.
std::string& error_text();

// Runs one call of the bridge: errors are captured, exceptions become codes.
template <typename Call>
int guarded(Call&& call) noexcept {
  using executorch::runtime::Error;
  try {
    ErrorCapture capture;
    try {
      return static_cast<int>(call());
    } catch (const std::bad_alloc&) {
      error_text() += "out of native memory";
      return static_cast<int>(Error::MemoryAllocationFailed);
    } catch (const std::exception& e) {
      error_text() += e.what();
      return static_cast<int>(Error::Internal);
    }
  } catch (...) {
    return static_cast<int>(Error::Internal);
  }
}

} // namespace bridge
