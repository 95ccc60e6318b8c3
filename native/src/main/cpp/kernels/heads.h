#pragma once

#include <optional>

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/exec_aten/exec_aten.h>

namespace et_kernels {

/// What may be done with the heads of queries and keys before attention.
struct HeadOptions {
  int64_t heads = 0;
  int64_t kv_heads = 0;
  std::optional<executorch::aten::Tensor> cosines, sines; // [1, tokens, rotated]: rotary embedding; both or none
  std::optional<executorch::aten::Tensor> query_norm, key_norm; // [head size]: weights of an RMS norm
  double epsilon = 0; // of the norms
};

/// Where the heads go: float [1, heads, tokens, head size], keys and values with their number of heads.
struct Heads {
  executorch::aten::Tensor &query, &key, &value;
};

/// Splits float [1, tokens, (heads + 2 * kv heads) * head size], a token's queries, then its keys, then its values,
/// into tensors that have the heads first. Queries and keys are normalized first, then rotated: the first `rotated`
/// numbers of a head, of which the first half are paired with the second half.
///
/// A token's result has the same bits whatever tokens come with it, with any number of threads and any instruction
/// set. Resizes the results. Anything else than Ok comes with the reason in the log.
executorch::runtime::Error split_heads(
    const executorch::aten::Tensor& in, const HeadOptions& options, const Heads& out, const char* op);

} // namespace et_kernels
