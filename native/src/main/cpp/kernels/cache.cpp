#include "cache.h"

#include <cinttypes>
#include <cstring>

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include "check.h"

namespace et_kernels {
namespace {

using executorch::aten::Tensor;

bool check(const Tensor& value, const Tensor& cache, const char* op) {
  return check_dense_4d(value, op, "value") && check_dense_4d(cache, op, "cache") &&
      check_same_but_length(value, "value", cache, "cache", op);
}

/// Bytes of one position of one batch entry.
size_t position_bytes(const Tensor& tensor) {
  return size_t(tensor.size(2)) * size_t(tensor.size(3)) * size_t(tensor.element_size());
}

/// Copies `n` positions of one batch entry.
void copy(const Tensor& value, int64_t from, Tensor& cache, int64_t to, int64_t n, int64_t batch) {
  const size_t bytes = position_bytes(value);
  const char* source = static_cast<const char*>(value.const_data_ptr()) + size_t(batch * value.size(1) + from) * bytes;
  char* target = static_cast<char*>(cache.mutable_data_ptr()) + size_t(batch * cache.size(1) + to) * bytes;
  std::memmove(target, source, size_t(n) * bytes);
}

} // namespace

bool update_cache(const Tensor& value, Tensor& cache, int64_t start, const char* op) {
  if (!check(value, cache, op)) {
    return false;
  }
  const int64_t length = value.size(1), capacity = cache.size(1);
  ET_KERNELS_REQUIRE(
      start >= 0 && length <= capacity && start <= capacity - length,
      "%s: %" PRId64 " positions from %" PRId64 " on do not fit a cache of %" PRId64
      ": shorten the input or export with a larger context",
      op, length, start, capacity);
  for (int64_t batch = 0; batch < value.size(0); ++batch) {
    copy(value, 0, cache, start, length, batch);
  }
  return true;
}

bool update_cache_at(const Tensor& value, Tensor& cache, const Tensor& indices, const char* op) {
  if (!check(value, cache, op)) {
    return false;
  }
  const int64_t length = value.size(1), capacity = cache.size(1);
  ET_KERNELS_REQUIRE(
      indices.scalar_type() == executorch::aten::ScalarType::Long && indices.dim() == 2 &&
          indices.size(0) == value.size(0) && indices.size(1) == length && indices.const_data_ptr() != nullptr &&
          executorch::runtime::is_contiguous_dim_order(indices.dim_order().data(), 2),
      "%s: indices have scalar type %d and %d dimensions, need contiguous int64 [%d, %" PRId64 "]", op,
      int(indices.scalar_type()), int(indices.dim()), int(value.size(0)), length);
  const int64_t* position = indices.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < indices.numel(); ++i) {
    ET_KERNELS_REQUIRE(
        position[i] >= 0 && position[i] < capacity,
        "%s: index %" PRId64 " at %" PRId64 " is outside of a cache of %" PRId64, op, position[i], i, capacity);
  }
  for (int64_t batch = 0; batch < value.size(0); ++batch) {
    for (int64_t i = 0; i < length; ++i) {
      copy(value, i, cache, position[batch * length + i], 1, batch);
    }
  }
  return true;
}

bool copy_tensor(const Tensor& in, Tensor& out, const char* op) {
  if (!check_type(out, in.scalar_type(), op, "out")) {
    return false;
  }
  const auto contiguous = [](const Tensor& tensor) {
    return executorch::runtime::is_contiguous_dim_order(tensor.dim_order().data(), tensor.dim());
  };
  ET_KERNELS_REQUIRE(contiguous(in) && contiguous(out), "%s: in or out is not contiguous", op);
  ET_KERNELS_REQUIRE(
      executorch::runtime::resize_tensor(out, in.sizes()) == executorch::runtime::Error::Ok,
      "%s: out cannot take the shape of %zd elements", op, ssize_t(in.numel()));
  if (in.nbytes() > 0) {
    ET_KERNELS_REQUIRE(in.const_data_ptr() != nullptr && out.mutable_data_ptr() != nullptr, "%s: no memory", op);
    std::memmove(out.mutable_data_ptr(), in.const_data_ptr(), in.nbytes());
  }
  return true;
}

} // namespace et_kernels
