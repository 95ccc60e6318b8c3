#pragma once

#include <cstdint>

#include <executorch/runtime/core/exec_aten/exec_aten.h>
#include <executorch/runtime/core/exec_aten/util/dim_order_util.h>
#include <executorch/runtime/platform/log.h>

/// Logs and returns false unless the condition holds. Kernels never abort: the process is shared with other models.
#define ET_KERNELS_REQUIRE(condition, ...) \
  do {                                     \
    if (!(condition)) {                    \
      ET_LOG(Error, __VA_ARGS__);          \
      return false;                        \
    }                                      \
  } while (0)

namespace et_kernels {

/// Whether the tensor has `layout`'s number of dimensions, all positive, dense in their order, and memory behind them.
inline bool check_dense(
    const executorch::aten::Tensor& tensor, int dimensions, const char* layout, const char* op, const char* name) {
  ET_KERNELS_REQUIRE(
      tensor.dim() == dimensions, "%s: %s has %d dimensions, need %d: %s", op, name, static_cast<int>(tensor.dim()),
      dimensions, layout);
  for (int i = 0; i < dimensions; ++i) {
    ET_KERNELS_REQUIRE(tensor.size(i) > 0, "%s: %s has size %d at dimension %d", op, name, int(tensor.size(i)), i);
  }
  ET_KERNELS_REQUIRE(
      executorch::runtime::is_contiguous_dim_order(tensor.dim_order().data(), dimensions), "%s: %s is not contiguous",
      op, name);
  ET_KERNELS_REQUIRE(tensor.const_data_ptr() != nullptr, "%s: %s has no memory", op, name);
  return true;
}

inline bool check_dense_4d(const executorch::aten::Tensor& tensor, const char* op, const char* name) {
  return check_dense(tensor, 4, "[batch, length, heads, head size]", op, name);
}

/// Whether the tensor's elements are of this type.
inline bool check_type(
    const executorch::aten::Tensor& tensor, executorch::aten::ScalarType type, const char* op, const char* name) {
  ET_KERNELS_REQUIRE(
      tensor.scalar_type() == type, "%s: %s has scalar type %d, need %d", op, name, int(tensor.scalar_type()),
      int(type));
  return true;
}

/// Whether two tensors agree in type and in every size but the one at dimension `length`.
inline bool check_same_but_length(
    const executorch::aten::Tensor& a, const char* a_name, const executorch::aten::Tensor& b, const char* b_name,
    const char* op, int length = 1) {
  ET_KERNELS_REQUIRE(
      a.scalar_type() == b.scalar_type(), "%s: %s has scalar type %d, %s has %d", op, a_name, int(a.scalar_type()),
      b_name, int(b.scalar_type()));
  for (int i = 0; i < 4; ++i) {
    ET_KERNELS_REQUIRE(
        i == length || a.size(i) == b.size(i), "%s: at dimension %d %s has size %d, %s has %d", op, i, a_name,
        int(a.size(i)), b_name, int(b.size(i)));
  }
  return true;
}

/// Whether two tensors share memory.
inline bool overlap(const executorch::aten::Tensor& a, const executorch::aten::Tensor& b) {
  const auto first = [](const executorch::aten::Tensor& tensor) {
    return reinterpret_cast<uintptr_t>(tensor.const_data_ptr());
  };
  return first(a) < first(b) + b.nbytes() && first(b) < first(a) + a.nbytes();
}

} // namespace et_kernels
