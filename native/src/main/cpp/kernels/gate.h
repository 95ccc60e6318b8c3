#pragma once

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/exec_aten/exec_aten.h>

#include "row_kernels.h"

namespace et_kernels {

/// out float [..., size] = gate(first half) * second half of each row of float [..., 2 * size]. A row's result has the
/// same bits whatever rows come with it, with any number of threads and any instruction set. Resizes `out`. Anything
/// else than Ok comes with the reason in the log.
executorch::runtime::Error gated(
    const executorch::aten::Tensor& in, Gate gate, executorch::aten::Tensor& out, const char* op);

} // namespace et_kernels
