#pragma once

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>
#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include "check.h"
#include "isa.h"
#include "row_kernels.h"

// What the operators share that work row by row.
namespace et_kernels {

/// What is done before another thread would have woken up.
constexpr int64_t kInlineFloats = 64 * 1024;

inline const RowKernels& row_kernels() {
#if defined(__x86_64__)
  switch (et_kernels_isa()) {
    case ET_KERNELS_AVX512:
      return kAvx512Rows;
    case ET_KERNELS_AVX2:
      return kAvx2Rows;
  }
#endif
  return kPlainRows;
}

/// Calls work(row) for all rows, over the runtime's threads if there is enough to do: a row takes `floats` floats.
template <class Work>
bool for_each_row(int64_t rows, int64_t floats, const Work& work) {
  const auto some = [&work](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      work(row);
    }
  };
  if (rows * floats < kInlineFloats) {
    some(0, rows);
    return true;
  }
  const int64_t least = kInlineFloats / 2 / floats;
  return executorch::extension::parallel_for(0, rows, least < 1 ? 1 : least, some);
}

/// Whether the tensor is one of floats, dense, of at least one dimension, all positive.
inline bool check_rows(const executorch::aten::Tensor& tensor, const char* op, const char* name) {
  ET_KERNELS_REQUIRE(tensor.dim() > 0, "%s: %s has no dimensions", op, name);
  return check_type(tensor, executorch::aten::ScalarType::Float, op, name) &&
      check_dense(tensor, int(tensor.dim()), "[..., size]", op, name);
}

/// Whether the tensor is float [size].
inline bool check_vector(const executorch::aten::Tensor& tensor, int64_t size, const char* op, const char* name) {
  if (!check_type(tensor, executorch::aten::ScalarType::Float, op, name) ||
      !check_dense(tensor, 1, "[size]", op, name)) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      tensor.size(0) == size, "%s: %s has %d numbers, need %lld", op, name, int(tensor.size(0)),
      static_cast<long long>(size));
  return true;
}

/// Gives `out` the shape [..., size], with the input's other dimensions.
inline bool resize_rows(
    const executorch::aten::Tensor& in, int64_t size, executorch::aten::Tensor& out, const char* op,
    const char* name) {
  executorch::aten::SizesType sizes[executorch::runtime::kTensorDimensionLimit];
  ET_KERNELS_REQUIRE(
      out.dim() == in.dim() && in.dim() <= int(executorch::runtime::kTensorDimensionLimit),
      "%s: %s has %d dimensions, the input %d", op, name, int(out.dim()), int(in.dim()));
  for (int i = 0; i + 1 < in.dim(); ++i) {
    sizes[i] = in.size(i);
  }
  sizes[in.dim() - 1] = static_cast<executorch::aten::SizesType>(size);
  ET_KERNELS_REQUIRE(
      executorch::runtime::resize_tensor(out, {sizes, size_t(in.dim())}) == executorch::runtime::Error::Ok,
      "%s: %s cannot take the result's shape", op, name);
  return check_rows(out, op, name);
}

} // namespace et_kernels
