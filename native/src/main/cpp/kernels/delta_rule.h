#pragma once

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/exec_aten/exec_aten.h>

namespace et_kernels {

/// The float tensors of a gated delta rule. Query head h reads the state of head h / (heads / state heads).
struct DeltaRule {
  const executorch::aten::Tensor& query; // [batch, heads, length, key size]
  const executorch::aten::Tensor& key; // [batch, state heads, length, key size]
  const executorch::aten::Tensor& value; // [batch, state heads, length, value size]
  const executorch::aten::Tensor& decay; // factors, not logarithms: [batch, state heads, length], or like key
  const executorch::aten::Tensor& beta; // [batch, state heads, length]
  const executorch::aten::Tensor& initial_state; // [batch, state heads, key size, value size]
};

/// The recurrence of gated linear attention (Yang et al., "Gated Delta Networks", 2024), token by token with state S:
/// S = diag(decay) S;  S = S + key (beta (value - S^T key))^T;  out = S^T query.
///
/// `out` becomes [batch, heads, length, value size], `final_state` the state after the last token; it must not overlap
/// the initial one. A sequence may be split over calls anywhere and gives the same bits, on any number of threads.
/// Anything else than Ok comes with the reason in the log.
executorch::runtime::Error gated_delta_rule(
    const DeltaRule& inputs, executorch::aten::Tensor& out, executorch::aten::Tensor& final_state, const char* op);

} // namespace et_kernels
