#pragma once

#include <executorch/runtime/kernel/kernel_includes.h>

namespace et_kernels {

/// How a linear layer's weights were quantized; linear_kernel.h has the layout.
enum class LinearWeights {
  kInt4, ///< symmetric, a bfloat16 scale for each channel and 32 inputs
  kInt8, ///< symmetric, a float scale for each channel
};

/// out f32[..., out_features] = bias + in f32[..., in_features] times the packed weights, a uint8 vector that holds the
/// bias too. Every row of the input is quantized to 8 bits on its own, asymmetrically. A row's result has the same
/// bits whatever rows come with it, with any number of threads and any instruction set.
executorch::runtime::Error linear(
    const executorch::aten::Tensor& in, const executorch::aten::Tensor& packed, int64_t out_features,
    LinearWeights weights, executorch::aten::Tensor& out, const char* op);

} // namespace et_kernels
