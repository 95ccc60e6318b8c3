#pragma once

#include <optional>

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/exec_aten/exec_aten.h>

namespace et_kernels {

/// What attention over pages takes beside its tensors.
struct PagedOptions {
  int64_t layer = 0;
  double scale = 1;
  int64_t window = 0; // a query sees its own and the window - 1 positions before; 0: all
  double softcap = 0; // scores become softcap * tanh(score / softcap); 0: they stay
  std::optional<executorch::aten::Tensor> sinks; // float [heads], one more logit each, without a value
};

/// Appends key and value, float [1, kv heads, tokens, head size], to the pages of the thread's step (step.h), then
/// attends them with query, float [1, heads, tokens, head size]: a token sees its sequence up to itself.
///
/// A token's result is the same bits whatever else is in the step, however its sequence was cut into steps, and on any
/// number of threads. Runs of one step must not write to the same page; they may read the same ones.
///
/// What narrow pages cost, with standard normal keys and values and scores of a standard deviation of 2 to 5: the
/// largest error of a result at contexts of 1 to 300 was 0.017 with bfloat16 and 0.054 with int8, the root of the mean
/// square 0.0017 and 0.007; with float pages they were 2.4e-6 and 2e-7.
///
/// Resizes `out` to [1, tokens, heads, head size]. Anything else than Ok comes with the reason in the log; the pages
/// that the step writes then have undefined contents.
executorch::runtime::Error paged_attention(
    const executorch::aten::Tensor& query, const executorch::aten::Tensor& key, const executorch::aten::Tensor& value,
    const PagedOptions& options, executorch::aten::Tensor& out, const char* op);

} // namespace et_kernels
