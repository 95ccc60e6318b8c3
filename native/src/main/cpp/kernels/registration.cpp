#include <executorch/runtime/kernel/kernel_includes.h>
#include <executorch/runtime/kernel/operator_registry.h>

#include "arguments.h"
#include "cache.h"
#include "check.h"
#include "delta_rule.h"
#include "hadamard.h"
#include "linear.h"
#include "paged_attention.h"
#include "sdpa.h"

// The operators of exported LLMs, in their out form: the functional schema's arguments, then `out`. Dropout is for
// training and ignored. The `out` of the cache updates is a placeholder that nothing reads.
namespace {

using et_kernels::Arguments;
using executorch::aten::Tensor;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using executorch::runtime::Kernel;
using executorch::runtime::KernelRuntimeContext;
using executorch::runtime::Span;

et_kernels::SdpaOptions read_options(Arguments& arguments, int64_t start) {
  et_kernels::SdpaOptions options;
  options.start = start;
  options.mask = arguments.optional_tensor();
  arguments.optional_number(); // dropout
  options.causal = arguments.boolean();
  options.scale = arguments.optional_number();
  return options;
}

Error custom_sdpa(Span<EValue*> stack) {
  const char* op = "llama::custom_sdpa.out";
  Arguments arguments(stack, op);
  const Tensor* query = arguments.tensor();
  const Tensor* key = arguments.tensor();
  const Tensor* value = arguments.tensor();
  const int64_t start = arguments.integer();
  const et_kernels::SdpaOptions options = read_options(arguments, start);
  Tensor* out = arguments.tensor();
  return arguments.ok() ? et_kernels::sdpa(*query, *key, *value, options, *out, op) : Error::InvalidArgument;
}

Error custom_quantized_sdpa(Span<EValue*> stack) {
  const char* op = "llama::custom_quantized_sdpa.out";
  Arguments arguments(stack, op);
  const Tensor* query = arguments.tensor();
  const Tensor* key = arguments.tensor();
  const Tensor* value = arguments.tensor();
  const int64_t start = arguments.integer();
  const et_kernels::SdpaOptions options = read_options(arguments, start);
  const Tensor* scaling[6]; // optional in the schema, but an int8 tensor means nothing without
  for (const Tensor*& each : scaling) {
    each = arguments.tensor();
  }
  const bool heads_first = arguments.boolean();
  Tensor* out = arguments.tensor();
  if (!arguments.ok()) {
    return Error::InvalidArgument;
  }
  return et_kernels::quantized_sdpa(
      {*query, *scaling[0], *scaling[1]}, {*key, *scaling[2], *scaling[3]}, {*value, *scaling[4], *scaling[5]}, options,
      heads_first, *out, op);
}

bool check_length(const Tensor& key, const Tensor& value, int64_t length, const char* op) {
  ET_KERNELS_REQUIRE(
      key.dim() == 4 && value.dim() == 4 && key.size(1) == length && value.size(1) == length,
      "%s: seq_len is %lld, but key or value are not of that length", op, static_cast<long long>(length));
  return true;
}

Error sdpa_with_kv_cache(Span<EValue*> stack) {
  const char* op = "llama::sdpa_with_kv_cache.out";
  Arguments arguments(stack, op);
  const Tensor* query = arguments.tensor();
  const Tensor* key = arguments.tensor();
  const Tensor* value = arguments.tensor();
  Tensor* key_cache = arguments.tensor();
  Tensor* value_cache = arguments.tensor();
  const int64_t start = arguments.integer();
  const int64_t length = arguments.integer();
  const et_kernels::SdpaOptions options = read_options(arguments, start);
  Tensor* out = arguments.tensor();
  if (!arguments.ok() || !check_length(*key, *value, length, op) ||
      !et_kernels::update_cache(*key, *key_cache, start, op) ||
      !et_kernels::update_cache(*value, *value_cache, start, op)) {
    return Error::InvalidArgument;
  }
  return et_kernels::sdpa(*query, *key_cache, *value_cache, options, *out, op);
}

Error update_cache(Span<EValue*> stack) {
  const char* op = "llama::update_cache.out";
  Arguments arguments(stack, op);
  const Tensor* value = arguments.tensor();
  Tensor* cache = arguments.tensor();
  const int64_t start = arguments.integer();
  return arguments.ok() && et_kernels::update_cache(*value, *cache, start, op) ? Error::Ok : Error::InvalidArgument;
}

Error update_cache_with_indices(Span<EValue*> stack) {
  const char* op = "llama::update_cache_with_indices.out";
  Arguments arguments(stack, op);
  const Tensor* value = arguments.tensor();
  Tensor* cache = arguments.tensor();
  arguments.integer(); // the start position: the indices say it all
  const Tensor* indices = arguments.tensor();
  return arguments.ok() && et_kernels::update_cache_at(*value, *cache, *indices, op) ? Error::Ok
                                                                                     : Error::InvalidArgument;
}

Error gated_delta_rule(Span<EValue*> stack) {
  const char* op = "llama::gated_delta_rule.out";
  Arguments arguments(stack, op);
  const Tensor* query = arguments.tensor();
  const Tensor* key = arguments.tensor();
  const Tensor* value = arguments.tensor();
  const Tensor* decay = arguments.tensor();
  const Tensor* beta = arguments.tensor();
  const Tensor* initial_state = arguments.tensor();
  Tensor* out = arguments.tensor();
  Tensor* final_state = arguments.tensor();
  if (!arguments.ok()) {
    return Error::InvalidArgument;
  }
  return et_kernels::gated_delta_rule(
      {*query, *key, *value, *decay, *beta, *initial_state}, *out, *final_state, op);
}

Error fast_hadamard_transform(Span<EValue*> stack) {
  const char* op = "llama::fast_hadamard_transform.out";
  Arguments arguments(stack, op);
  const Tensor* in = arguments.tensor();
  Tensor* out = arguments.tensor();
  return arguments.ok() ? et_kernels::fast_hadamard_transform(*in, *out, op) : Error::InvalidArgument;
}

Error fallback(Span<EValue*> stack) {
  const char* op = "llama::fallback.out";
  Arguments arguments(stack, op);
  const Tensor* in = arguments.tensor();
  Tensor* out = arguments.tensor();
  return arguments.ok() && et_kernels::copy_tensor(*in, *out, op) ? Error::Ok : Error::InvalidArgument;
}

Error paged_attention(Span<EValue*> stack) {
  const char* op = "llm::paged_attention.out";
  Arguments arguments(stack, op);
  const Tensor* query = arguments.tensor();
  const Tensor* key = arguments.tensor();
  const Tensor* value = arguments.tensor();
  et_kernels::PagedOptions options;
  options.layer = arguments.integer();
  options.scale = arguments.number();
  options.window = arguments.integer();
  options.softcap = arguments.number();
  options.sinks = arguments.optional_tensor();
  Tensor* out = arguments.tensor();
  return arguments.ok() ? et_kernels::paged_attention(*query, *key, *value, options, *out, op)
                        : Error::InvalidArgument;
}

Error packed_linear(Span<EValue*> stack, et_kernels::LinearWeights weights, const char* op) {
  Arguments arguments(stack, op);
  const Tensor* in = arguments.tensor();
  const Tensor* packed = arguments.tensor();
  const int64_t out_features = arguments.integer();
  Tensor* out = arguments.tensor();
  return arguments.ok() ? et_kernels::linear(*in, *packed, out_features, weights, *out, op) : Error::InvalidArgument;
}

Error linear_8da4w(Span<EValue*> stack) {
  return packed_linear(stack, et_kernels::LinearWeights::kInt4, "llm::linear_8da4w.out");
}

Error linear_8da8w(Span<EValue*> stack) {
  return packed_linear(stack, et_kernels::LinearWeights::kInt8, "llm::linear_8da8w.out");
}

template <Error (*Op)(Span<EValue*>)>
void boxed(KernelRuntimeContext& context, Span<EValue*> stack) {
  const Error error = Op(stack);
  if (error != Error::Ok) {
    context.fail(error);
  }
}

const Kernel kKernels[] = {
    Kernel("llama::custom_sdpa.out", boxed<custom_sdpa>),
    Kernel("llama::custom_quantized_sdpa.out", boxed<custom_quantized_sdpa>),
    Kernel("llama::sdpa_with_kv_cache.out", boxed<sdpa_with_kv_cache>),
    Kernel("llama::update_cache.out", boxed<update_cache>),
    Kernel("llama::update_cache_with_indices.out", boxed<update_cache_with_indices>),
    Kernel("llama::gated_delta_rule.out", boxed<gated_delta_rule>),
    Kernel("llama::channelwise_gated_delta_rule.out", boxed<gated_delta_rule>), // what it was called before
    Kernel("llama::fast_hadamard_transform.out", boxed<fast_hadamard_transform>),
    Kernel("llama::fallback.out", boxed<fallback>),
    Kernel("llm::linear_8da4w.out", boxed<linear_8da4w>),
    Kernel("llm::linear_8da8w.out", boxed<linear_8da8w>),
    Kernel("llm::paged_attention.out", boxed<paged_attention>),
};

[[maybe_unused]] const Error kRegistered =
    executorch::runtime::register_kernels(Span<const Kernel>(kKernels, sizeof(kKernels) / sizeof(kKernels[0])));

} // namespace
