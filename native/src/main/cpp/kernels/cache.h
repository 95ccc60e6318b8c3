#pragma once

#include <executorch/runtime/core/exec_aten/exec_aten.h>

namespace et_kernels {

/// Copies `value` [batch, length, heads, head_size] into `cache` [batch, capacity, heads, head_size] at positions
/// start, start + 1, … of every batch entry. False, with the reason logged and the cache untouched, if it does not fit.
bool update_cache(
    const executorch::aten::Tensor& value, executorch::aten::Tensor& cache, int64_t start, const char* op);

/// The same, but to the positions that `indices` (int64 [batch, length]) names; of equal positions the last wins.
bool update_cache_at(
    const executorch::aten::Tensor& value, executorch::aten::Tensor& cache, const executorch::aten::Tensor& indices,
    const char* op);

/// Copies all of `in` into `out`, resized to its shape. False, with the reason logged, if it does not fit.
bool copy_tensor(const executorch::aten::Tensor& in, executorch::aten::Tensor& out, const char* op);

} // namespace et_kernels
