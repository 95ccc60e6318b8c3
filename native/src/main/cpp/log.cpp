#include "log.h"

#include "et_bridge.h"
#include "threads.h"

#include <executorch/runtime/platform/platform.h>
#include <executorch/runtime/platform/runtime.h>

#include <atomic>
#include <cstdio>
#include <deque>
#include <mutex>

namespace bridge {
namespace {

constexpr size_t kMaxRecords = 1024;
constexpr size_t kMaxRecordBytes = 1024;
constexpr size_t kMaxErrorBytes = 4096;

// Records of all threads wait here until some Java thread takes them: the runtime's own threads never call Java.
std::mutex records_mutex;
std::deque<std::string>& records() {
  static auto* instance = new std::deque<std::string>(); // outlives every thread of the pool
  return *instance;
}
std::atomic<int64_t> pending{0};
int64_t dropped = 0;

thread_local bool capturing = false;
thread_local std::string captured;

void emit(
    et_timestamp_t,
    et_pal_log_level_t level,
    const char*,
    const char*,
    size_t,
    const char* message,
    size_t length) {
  if (level == kFatal) {
    // The process is about to abort: nobody will take the record.
    std::fprintf(stderr, "ExecuTorch: %.*s\n", static_cast<int>(length), message);
  }
  std::string text(message, length < kMaxRecordBytes ? length : kMaxRecordBytes);
  for (char& c : text) {
    if (c == '\n' || c == '\r') {
      c = ' ';
    }
  }
  if (capturing && level == kError && captured.size() < kMaxErrorBytes) {
    captured += captured.empty() ? "" : "; ";
    captured += text;
  }
  std::lock_guard<std::mutex> lock(records_mutex);
  if (records().size() == kMaxRecords) {
    dropped++;
    return;
  }
  records().push_back(static_cast<char>(level) + text);
  pending.store(static_cast<int64_t>(records().size()), std::memory_order_relaxed);
}

} // namespace

ErrorCapture::ErrorCapture() : outermost_(!capturing) {
  if (outermost_) {
    captured.clear();
    capturing = true;
  }
}

ErrorCapture::~ErrorCapture() {
  if (outermost_) {
    capturing = false;
  }
}

std::string& error_text() {
  return captured;
}

} // namespace bridge

int et_initialize(int processors) {
  using executorch::runtime::PalImpl;
  static const bool registered = [processors] {
    bridge::limit_pool(processors);
    const bool taken = executorch::runtime::register_pal(PalImpl::create(bridge::emit, __FILE__));
    executorch::runtime::runtime_init();
    return taken;
  }();
  return registered ? 0 : static_cast<int>(executorch::runtime::Error::Internal);
}

void et_error(int64_t* out) {
  const std::string& text = bridge::error_text();
  out[0] = et_address(text.data());
  out[1] = static_cast<int64_t>(text.size());
}

int64_t et_log_pending(void) {
  return bridge::pending.load(std::memory_order_relaxed);
}

void et_log_take(int64_t* out) {
  thread_local std::string taken;
  taken.clear();
  std::lock_guard<std::mutex> lock(bridge::records_mutex);
  for (const std::string& record : bridge::records()) {
    taken += record;
    taken += '\n';
  }
  if (bridge::dropped > 0) {
    taken += "E" + std::to_string(bridge::dropped) + " log records of the runtime were dropped, nobody took them\n";
  }
  bridge::records().clear();
  bridge::dropped = 0;
  bridge::pending.store(0, std::memory_order_relaxed);
  out[0] = et_address(taken.data());
  out[1] = static_cast<int64_t>(taken.size());
}
