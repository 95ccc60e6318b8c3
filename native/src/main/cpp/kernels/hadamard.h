#pragma once

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/exec_aten/exec_aten.h>

namespace et_kernels {

/// The Walsh-Hadamard transform of every vector of the last dimension, in natural order, divided by the square root of
/// its size. The size is m = 2^k, or 28 m: then the vector is 28 parts of m, each is transformed, and the parts are
/// multiplied with a Hadamard matrix of order 28, as rotations of models whose size is no power of two need (Ashkboos
/// et al., "QuaRot", 2024). As in the official operator the square root of 28 is not divided out.
///
/// Float, Half or BFloat16, computed in float. Resizes `out` to the shape of `in`; anything else than Ok comes with the
/// reason in the log.
executorch::runtime::Error fast_hadamard_transform(
    const executorch::aten::Tensor& in, executorch::aten::Tensor& out, const char* op);

} // namespace et_kernels
