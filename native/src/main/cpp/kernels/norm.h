#pragma once

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/exec_aten/exec_aten.h>

namespace et_kernels {

/// out = weight * (in / sqrt(mean of in^2 + epsilon)) for each row of float [..., size], with float [size] weights.
/// A row's result has the same bits whatever rows come with it, with any number of threads and any instruction set.
/// Resizes `out`. Anything else than Ok comes with the reason in the log.
executorch::runtime::Error rms_norm(
    const executorch::aten::Tensor& in, const executorch::aten::Tensor& weight, double epsilon,
    executorch::aten::Tensor& out, const char* op);

/// sum = a + b, both float [..., size], and out = the sum, normalized as rms_norm does. Resizes both.
executorch::runtime::Error add_rms_norm(
    const executorch::aten::Tensor& a, const executorch::aten::Tensor& b, const executorch::aten::Tensor& weight,
    double epsilon, executorch::aten::Tensor& sum, executorch::aten::Tensor& out, const char* op);

} // namespace et_kernels
