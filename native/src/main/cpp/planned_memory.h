// Memory that the runtime plans for a method's activations and mutable state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

namespace bridge {

// Zeroed memory aligned to a cache line; pages that nobody touches stay unallocated.
class PlannedMemory final {
 public:
  // Throws std::bad_alloc.
  explicit PlannedMemory(size_t size);

  uint8_t* data() const {
    return data_;
  }
  size_t size() const {
    return size_;
  }

  // Remembers what the memory holds: initial values of mutable state, mostly nothing.
  void keep();

  // Brings back what it held then, at a cost that grows with the pages touched since.
  void restore();

 private:
  struct Block {
    size_t offset;
    std::vector<uint8_t> bytes;
  };

  size_t size_;
  std::unique_ptr<void, decltype(&std::free)> memory_;
  uint8_t* data_;
  std::vector<Block> kept_;
};

} // namespace bridge
