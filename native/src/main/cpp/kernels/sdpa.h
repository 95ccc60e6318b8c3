#pragma once

#include <optional>

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/exec_aten/exec_aten.h>

namespace et_kernels {

/// What scaled dot product attention takes beside its tensors.
struct SdpaOptions {
  int64_t start = 0;
  std::optional<executorch::aten::Tensor> mask;
  bool causal = false;
  std::optional<double> scale; // 1 / sqrt(head size) if absent
};

/// Attends key and value, [batch, capacity, kv heads, head size], with query, [batch, queries, heads, head size].
///
/// Without a mask the keys 0 … start + queries - 1 are attended, and with `causal` query i stops at key start + i; keys
/// beyond are never read. A mask is float [queries, capacity], is added to the scaled scores and cannot go with
/// `causal`. A row whose keys are all masked by -inf gives zeros. Half and BFloat16 are computed in float.
///
/// Resizes `out` to query's shape. Anything else than Ok comes with the reason in the log.
executorch::runtime::Error sdpa(
    const executorch::aten::Tensor& query, const executorch::aten::Tensor& key, const executorch::aten::Tensor& value,
    const SdpaOptions& options, executorch::aten::Tensor& out, const char* op);

/// An int8 tensor, quantized vector by vector: an element is (value - zero point) * scale. Zero points (int8) and
/// scales (float) have the tensor's shape, but 1 for the head size.
struct QuantizedTensor {
  executorch::aten::Tensor values;
  executorch::aten::Tensor zero_points;
  executorch::aten::Tensor scales;
};

/// The same for an int8 query and an int8 cache; `out` is float. With `heads_first` the tensors, zero points and scales
/// are [batch, heads, length, head size].
executorch::runtime::Error quantized_sdpa(
    const QuantizedTensor& query, const QuantizedTensor& key, const QuantizedTensor& value, const SdpaOptions& options,
    bool heads_first, executorch::aten::Tensor& out, const char* op);

} // namespace et_kernels
