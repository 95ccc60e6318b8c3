#include "paged_attention.h"

#include <cinttypes>
#include <cmath>

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include "check.h"
#include "paged.h"
#include "step.h"

namespace et_kernels {
namespace {

using executorch::aten::ScalarType;
using executorch::aten::SizesType;
using executorch::aten::Tensor;
using executorch::runtime::Error;

bool check_tensor(const Tensor& tensor, const char* op, const char* name) {
  return check_type(tensor, ScalarType::Float, op, name) &&
      check_dense(tensor, 4, "[1, heads, tokens, head size]", op, name);
}

bool check_sizes(const Tensor& tensor, int64_t heads, const Step& step, const char* op, const char* name) {
  ET_KERNELS_REQUIRE(
      tensor.size(0) == 1 && tensor.size(1) == heads && tensor.size(2) == step.tokens &&
          tensor.size(3) == step.pages.head_size,
      "%s: %s is [%d, %d, %d, %d], the step and its pages need [1, %" PRId64 ", %" PRId64 ", %" PRId64 "]", op, name,
      int(tensor.size(0)), int(tensor.size(1)), int(tensor.size(2)), int(tensor.size(3)), heads, step.tokens,
      step.pages.head_size);
  return true;
}

bool check_options(const PagedOptions& options, int64_t heads, const Step& step, const char* op) {
  ET_KERNELS_REQUIRE(
      options.layer >= 0 && options.layer < step.pages.layers, "%s: layer %" PRId64 ", the pages have %" PRId64, op,
      options.layer, step.pages.layers);
  ET_KERNELS_REQUIRE(options.window >= 0, "%s: the window of %" PRId64 " tokens is negative", op, options.window);
  ET_KERNELS_REQUIRE(
      options.softcap >= 0 && std::isfinite(options.softcap) && std::isfinite(options.scale),
      "%s: the scale must be finite and the soft cap finite and not negative, they are %g and %g", op, options.scale,
      options.softcap);
  if (!options.sinks.has_value()) {
    return true;
  }
  const Tensor& sinks = *options.sinks;
  if (!check_type(sinks, ScalarType::Float, op, "sinks") || !check_dense(sinks, 1, "[heads]", op, "sinks")) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      sinks.size(0) == heads, "%s: %d sinks for %" PRId64 " query heads", op, int(sinks.size(0)), heads);
  return true;
}

bool check(
    const Tensor& query, const Tensor& key, const Tensor& value, const PagedOptions& options, const Step* step,
    const char* op) {
  ET_KERNELS_REQUIRE(
      step != nullptr, "%s: no page tables are in force: execute the method with KV pages and a step", op);
  if (!check_tensor(query, op, "query") || !check_tensor(key, op, "key") || !check_tensor(value, op, "value")) {
    return false;
  }
  const int64_t heads = query.size(1);
  ET_KERNELS_REQUIRE(
      heads % step->pages.kv_heads == 0, "%s: %" PRId64 " query heads are no multiple of the pages' %" PRId64
      " key heads", op, heads, step->pages.kv_heads);
  return check_sizes(query, heads, *step, op, "query") &&
      check_sizes(key, step->pages.kv_heads, *step, op, "key") &&
      check_sizes(value, step->pages.kv_heads, *step, op, "value") && check_options(options, heads, *step, op);
}

bool prepare_out(const Tensor& query, Tensor& out, const char* op) {
  if (!check_type(out, ScalarType::Float, op, "out")) {
    return false;
  }
  const SizesType sizes[] = {1, SizesType(query.size(2)), SizesType(query.size(1)), SizesType(query.size(3))};
  ET_KERNELS_REQUIRE(
      out.dim() == 4 && executorch::runtime::resize_tensor(out, {sizes, 4}) == Error::Ok,
      "%s: out cannot take the shape [%d, %d, %d, %d]", op, int(sizes[0]), int(sizes[1]), int(sizes[2]),
      int(sizes[3]));
  if (!check_dense(out, 4, "[1, tokens, heads, head size]", op, "out")) {
    return false;
  }
  // A result that is the query's own tensor has resized that, too.
  ET_KERNELS_REQUIRE(!overlap(query, out), "%s: out shares memory with the query", op);
  return true;
}

} // namespace

Error paged_attention(
    const Tensor& query, const Tensor& key, const Tensor& value, const PagedOptions& options, Tensor& out,
    const char* op) {
  const Step* step = current_step();
  if (!check(query, key, value, options, step, op) || !prepare_out(query, out, op)) {
    return Error::InvalidArgument;
  }
  PagedAttention call = {};
  call.pages = step->pages;
  call.runs = step->runs.data();
  call.query = query.const_data_ptr<float>();
  call.key = key.const_data_ptr<float>();
  call.value = value.const_data_ptr<float>();
  call.sinks = options.sinks.has_value() ? options.sinks->const_data_ptr<float>() : nullptr;
  call.out = out.mutable_data_ptr<float>();
  call.layer = options.layer;
  call.tokens = step->tokens;
  call.heads = query.size(1);
  call.kv_heads = step->pages.kv_heads;
  call.head_size = step->pages.head_size;
  call.window = options.window;
  call.scale = static_cast<float>(options.scale);
  call.softcap = static_cast<float>(options.softcap);
  if (!attend_pages(call, int64_t(step->runs.size()))) {
    ET_LOG(Error, "%s: no memory for the working buffers of %" PRId64 " tokens", op, step->tokens);
    return Error::MemoryAllocationFailed;
  }
  return Error::Ok;
}

} // namespace et_kernels
