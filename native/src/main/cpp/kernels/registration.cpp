#include <executorch/runtime/kernel/kernel_includes.h>
#include <executorch/runtime/kernel/operator_registry.h>

#include "cache.h"
#include "check.h"
#include "sdpa.h"

// The operators of exported LLMs, in their out form: the functional schema's arguments, then `out`. Dropout is for
// training and ignored. The `out` of the cache updates is a placeholder that nothing reads.
namespace {

using executorch::aten::Tensor;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using executorch::runtime::Kernel;
using executorch::runtime::KernelRuntimeContext;
using executorch::runtime::Span;

/// Reads a call's arguments one after the other; after the first of a wrong kind all reads give empty values.
class Arguments {
 public:
  Arguments(Span<EValue*> stack, const char* op) : stack_(stack), op_(op) {}

  Tensor* tensor() {
    EValue* value = next();
    return expect(value != nullptr && value->isTensor(), "a tensor") ? &value->toTensor() : nullptr;
  }

  std::optional<Tensor> optional_tensor() {
    EValue* value = next();
    if (!expect(value != nullptr && (value->isNone() || value->isTensor()), "a tensor or None") || value->isNone()) {
      return std::nullopt;
    }
    return value->toTensor();
  }

  int64_t integer() {
    EValue* value = next();
    return expect(value != nullptr && value->isInt(), "an integer") ? value->toInt() : 0;
  }

  bool boolean() {
    EValue* value = next();
    return expect(value != nullptr && value->isBool(), "a boolean") && value->toBool();
  }

  std::optional<double> optional_number() {
    EValue* value = next();
    const bool right = value != nullptr && (value->isNone() || value->isDouble() || value->isInt());
    if (!expect(right, "a number or None") || value->isNone()) {
      return std::nullopt;
    }
    return value->isInt() ? static_cast<double>(value->toInt()) : value->toDouble();
  }

  bool ok() const {
    return ok_;
  }

 private:
  EValue* next() {
    return index_ < stack_.size() ? stack_[index_++] : nullptr;
  }

  bool expect(bool right, const char* what) {
    if (ok_ && !right) {
      ET_LOG(Error, "%s: argument %zu of %zu is missing or not %s", op_, index_, stack_.size(), what);
      ok_ = false;
    }
    return ok_;
  }

  Span<EValue*> stack_;
  const char* op_;
  size_t index_ = 0;
  bool ok_ = true;
};

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

template <Error (*Op)(Span<EValue*>)>
void boxed(KernelRuntimeContext& context, Span<EValue*> stack) {
  const Error error = Op(stack);
  if (error != Error::Ok) {
    context.fail(error);
  }
}

const Kernel kKernels[] = {
    Kernel("llama::custom_sdpa.out", boxed<custom_sdpa>),
    Kernel("llama::sdpa_with_kv_cache.out", boxed<sdpa_with_kv_cache>),
    Kernel("llama::update_cache.out", boxed<update_cache>),
    Kernel("llama::update_cache_with_indices.out", boxed<update_cache_with_indices>),
};

[[maybe_unused]] const Error kRegistered =
    executorch::runtime::register_kernels(Span<const Kernel>(kKernels, sizeof(kKernels) / sizeof(kKernels[0])));

} // namespace
