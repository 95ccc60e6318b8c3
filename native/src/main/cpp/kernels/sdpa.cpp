#include "sdpa.h"

#include <cinttypes>
#include <cmath>

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include "attention.h"
#include "check.h"

namespace et_kernels {
namespace {

using executorch::aten::ScalarType;
using executorch::aten::Tensor;
using executorch::runtime::Error;

bool check_tensors(const Tensor& query, const Tensor& key, const Tensor& value, const char* op) {
  const ScalarType type = query.scalar_type();
  ET_KERNELS_REQUIRE(
      type == ScalarType::Float || type == ScalarType::Half || type == ScalarType::BFloat16,
      "%s: query has scalar type %d, need Float, Half or BFloat16", op, int(type));
  if (!check_dense_4d(query, op, "query") || !check_dense_4d(key, op, "key") || !check_dense_4d(value, op, "value") ||
      !check_same_but_length(key, "key", value, "value", op)) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      key.scalar_type() == type, "%s: key has scalar type %d, query has %d", op, int(key.scalar_type()), int(type));
  ET_KERNELS_REQUIRE(
      key.size(1) == value.size(1), "%s: %d keys but %d values", op, int(key.size(1)), int(value.size(1)));
  ET_KERNELS_REQUIRE(
      key.size(0) == query.size(0) && key.size(3) == query.size(3),
      "%s: key has batch %d and head size %d, query has %d and %d", op, int(key.size(0)), int(key.size(3)),
      int(query.size(0)), int(query.size(3)));
  ET_KERNELS_REQUIRE(
      query.size(2) % key.size(2) == 0, "%s: %d query heads are no multiple of %d key heads", op, int(query.size(2)),
      int(key.size(2)));
  return true;
}

bool check_range(const Tensor& query, const Tensor& key, const SdpaOptions& options, const char* op) {
  const int64_t queries = query.size(1), capacity = key.size(1);
  ET_KERNELS_REQUIRE(options.start >= 0, "%s: start position %" PRId64 " is negative", op, options.start);
  if (!options.mask.has_value()) {
    ET_KERNELS_REQUIRE(
        queries <= capacity && options.start <= capacity - queries,
        "%s: %" PRId64 " queries from position %" PRId64 " on need as many keys, there are %" PRId64
        ": shorten the input or export with a larger context",
        op, queries, options.start, capacity);
    return true;
  }
  const Tensor& mask = *options.mask;
  ET_KERNELS_REQUIRE(!options.causal, "%s: a mask and is_causal exclude each other", op);
  ET_KERNELS_REQUIRE(
      mask.scalar_type() == ScalarType::Float && mask.dim() == 2 && mask.const_data_ptr() != nullptr &&
          executorch::runtime::is_contiguous_dim_order(mask.dim_order().data(), 2),
      "%s: mask has scalar type %d and %d dimensions, need contiguous Float [queries, keys]", op,
      int(mask.scalar_type()), int(mask.dim()));
  ET_KERNELS_REQUIRE(
      mask.size(0) == queries && mask.size(1) == capacity,
      "%s: mask is [%d, %d], need [%" PRId64 ", %" PRId64 "]: queries and keys", op, int(mask.size(0)),
      int(mask.size(1)), queries, capacity);
  return true;
}

bool prepare_out(const Tensor& query, Tensor& out, const char* op) {
  ET_KERNELS_REQUIRE(
      out.scalar_type() == query.scalar_type(), "%s: out has scalar type %d, query has %d", op, int(out.scalar_type()),
      int(query.scalar_type()));
  ET_KERNELS_REQUIRE(
      out.dim() == 4 && executorch::runtime::resize_tensor(out, query.sizes()) == Error::Ok,
      "%s: out cannot take query's shape [%d, %d, %d, %d]", op, int(query.size(0)), int(query.size(1)),
      int(query.size(2)), int(query.size(3)));
  return check_dense_4d(out, op, "out");
}

ElementType element_type(ScalarType type) {
  return type == ScalarType::Float ? ElementType::kFloat
                                   : (type == ScalarType::Half ? ElementType::kHalf : ElementType::kBFloat16);
}

} // namespace

Error sdpa(
    const Tensor& query, const Tensor& key, const Tensor& value, const SdpaOptions& options, Tensor& out,
    const char* op) {
  if (!check_tensors(query, key, value, op) || !check_range(query, key, options, op) || !prepare_out(query, out, op)) {
    return Error::InvalidArgument;
  }
  Attention call = {};
  call.type = element_type(query.scalar_type());
  call.query = query.const_data_ptr();
  call.key = key.const_data_ptr();
  call.value = value.const_data_ptr();
  call.mask = options.mask.has_value() ? options.mask->const_data_ptr<float>() : nullptr;
  call.out = out.mutable_data_ptr();
  call.batch = query.size(0);
  call.queries = query.size(1);
  call.heads = query.size(2);
  call.kv_heads = key.size(2);
  call.head_size = query.size(3);
  call.capacity = key.size(1);
  call.keys = options.mask.has_value() ? call.capacity : options.start + call.queries;
  call.start = options.start;
  call.causal = options.causal;
  call.scale = static_cast<float>(options.scale.value_or(1.0 / std::sqrt(static_cast<double>(call.head_size))));
  if (!attend(call)) {
    ET_LOG(Error, "%s: no memory for the working buffers of head size %" PRId64, op, call.head_size);
    return Error::MemoryAllocationFailed;
  }
  return Error::Ok;
}

} // namespace et_kernels
