#include "planned_memory.h"

#include "log.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace bridge {
namespace {

constexpr uintptr_t kAlignment = 64;
constexpr size_t kBlock = 4096;

// Below this, writing zeros is cheaper than giving pages back and faulting them in again.
constexpr size_t kReleaseFrom = 1 << 20;

uintptr_t round_up(uintptr_t address, uintptr_t alignment) {
  return (address + alignment - 1) & ~(alignment - 1);
}

bool is_zero(const uint8_t* bytes, size_t size) {
  return std::all_of(bytes, bytes + size, [](uint8_t byte) { return byte == 0; });
}

// Untouched pages of a private anonymous mapping read as zeros again after MADV_DONTNEED.
void zero(uint8_t* data, size_t size) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  uint8_t* first = reinterpret_cast<uint8_t*>(round_up(reinterpret_cast<uintptr_t>(data), page));
  uint8_t* last = reinterpret_cast<uint8_t*>(reinterpret_cast<uintptr_t>(data + size) & ~(page - 1));
  if (size < kReleaseFrom || madvise(first, static_cast<size_t>(last - first), MADV_DONTNEED) != 0) {
    std::memset(data, 0, size);
    return;
  }
  std::memset(data, 0, static_cast<size_t>(first - data));
  std::memset(last, 0, static_cast<size_t>(data + size - last));
}

} // namespace

PlannedMemory::PlannedMemory(size_t size) : size_(size), memory_(std::calloc(1, size + kAlignment), &std::free) {
  if (memory_ == nullptr) {
    ET_LOG(Error, "No memory for a planned buffer of %zu bytes", size);
    throw std::bad_alloc();
  }
  data_ = reinterpret_cast<uint8_t*>(round_up(reinterpret_cast<uintptr_t>(memory_.get()), kAlignment));
}

void PlannedMemory::keep() {
  kept_.clear();
  for (size_t offset = 0; offset < size_; offset += kBlock) {
    const size_t size = std::min(kBlock, size_ - offset);
    if (!is_zero(data_ + offset, size)) {
      kept_.push_back({offset, std::vector<uint8_t>(data_ + offset, data_ + offset + size)});
    }
  }
}

void PlannedMemory::restore() {
  zero(data_, size_);
  for (const Block& block : kept_) {
    std::memcpy(data_ + block.offset, block.bytes.data(), block.bytes.size());
  }
}

} // namespace bridge
