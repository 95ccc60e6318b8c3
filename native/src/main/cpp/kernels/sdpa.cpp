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

/// Which dimension is which.
struct Layout {
  int length;
  int heads;
};

constexpr Layout kLengthFirst = {1, 2};
constexpr Layout kHeadsFirst = {2, 1};

bool check_tensors(const Tensor& query, const Tensor& key, const Tensor& value, const Layout& at, const char* op) {
  const ScalarType type = query.scalar_type();
  if (!check_dense_4d(query, op, "query") || !check_dense_4d(key, op, "key") || !check_dense_4d(value, op, "value") ||
      !check_same_but_length(key, "key", value, "value", op, at.length)) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      key.scalar_type() == type, "%s: key has scalar type %d, query has %d", op, int(key.scalar_type()), int(type));
  ET_KERNELS_REQUIRE(
      key.size(at.length) == value.size(at.length), "%s: %d keys but %d values", op, int(key.size(at.length)),
      int(value.size(at.length)));
  ET_KERNELS_REQUIRE(
      key.size(0) == query.size(0) && key.size(3) == query.size(3),
      "%s: key has batch %d and head size %d, query has %d and %d", op, int(key.size(0)), int(key.size(3)),
      int(query.size(0)), int(query.size(3)));
  ET_KERNELS_REQUIRE(
      query.size(at.heads) % key.size(at.heads) == 0, "%s: %d query heads are no multiple of %d key heads", op,
      int(query.size(at.heads)), int(key.size(at.heads)));
  return true;
}

bool check_range(int64_t queries, int64_t capacity, const SdpaOptions& options, const char* op) {
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

bool check_scaling(const QuantizedTensor& tensor, const char* op, const char* name) {
  if (!check_type(tensor.values, ScalarType::Char, op, name) || !check_dense_4d(tensor.values, op, name)) {
    return false;
  }
  const auto check_one_per_vector = [&](const Tensor& each, ScalarType type, const char* what) {
    if (!check_type(each, type, op, what) || !check_dense_4d(each, op, what)) {
      return false;
    }
    for (int i = 0; i < 4; ++i) {
      const int wanted = i < 3 ? int(tensor.values.size(i)) : 1;
      ET_KERNELS_REQUIRE(
          int(each.size(i)) == wanted, "%s: %s of %s have size %d at dimension %d, need %d", op, what, name,
          int(each.size(i)), i, wanted);
    }
    return true;
  };
  return check_one_per_vector(tensor.zero_points, ScalarType::Char, "zero points") &&
      check_one_per_vector(tensor.scales, ScalarType::Float, "scales");
}

bool prepare_out(const Tensor& query, ScalarType type, Tensor& out, const char* op) {
  if (!check_type(out, type, op, "out")) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      out.dim() == 4 && executorch::runtime::resize_tensor(out, query.sizes()) == Error::Ok,
      "%s: out cannot take query's shape [%d, %d, %d, %d]", op, int(query.size(0)), int(query.size(1)),
      int(query.size(2)), int(query.size(3)));
  return check_dense_4d(out, op, "out");
}

ElementType element_type(ScalarType type) {
  switch (type) {
    case ScalarType::Char:
      return ElementType::kInt8;
    case ScalarType::Half:
      return ElementType::kHalf;
    case ScalarType::BFloat16:
      return ElementType::kBFloat16;
    default:
      return ElementType::kFloat;
  }
}

Scaling scaling_of(const QuantizedTensor& tensor) {
  return {tensor.zero_points.const_data_ptr<int8_t>(), tensor.scales.const_data_ptr<float>()};
}

/// The call of checked tensors.
Attention call_of(
    const Tensor& query, const Tensor& key, const Tensor& value, const SdpaOptions& options, const Layout& at,
    Tensor& out) {
  Attention call = {};
  call.type = element_type(query.scalar_type());
  call.out_type = element_type(out.scalar_type());
  call.query = query.const_data_ptr();
  call.key = key.const_data_ptr();
  call.value = value.const_data_ptr();
  call.mask = options.mask.has_value() ? options.mask->const_data_ptr<float>() : nullptr;
  call.out = out.mutable_data_ptr();
  call.heads_first = at.heads < at.length;
  call.batch = query.size(0);
  call.queries = query.size(at.length);
  call.heads = query.size(at.heads);
  call.kv_heads = key.size(at.heads);
  call.head_size = query.size(3);
  call.capacity = key.size(at.length);
  call.keys = options.mask.has_value() ? call.capacity : options.start + call.queries;
  call.start = options.start;
  call.causal = options.causal;
  call.scale = static_cast<float>(options.scale.value_or(1.0 / std::sqrt(static_cast<double>(call.head_size))));
  return call;
}

Error run(const Attention& call, const char* op) {
  if (!attend(call)) {
    ET_LOG(Error, "%s: no memory for the working buffers of head size %" PRId64, op, call.head_size);
    return Error::MemoryAllocationFailed;
  }
  return Error::Ok;
}

} // namespace

Error sdpa(
    const Tensor& query, const Tensor& key, const Tensor& value, const SdpaOptions& options, Tensor& out,
    const char* op) {
  const ScalarType type = query.scalar_type();
  if (type != ScalarType::Float && type != ScalarType::Half && type != ScalarType::BFloat16) {
    ET_LOG(Error, "%s: query has scalar type %d, need Float, Half or BFloat16", op, int(type));
    return Error::InvalidArgument;
  }
  if (!check_tensors(query, key, value, kLengthFirst, op) ||
      !check_range(query.size(1), key.size(1), options, op) || !prepare_out(query, type, out, op)) {
    return Error::InvalidArgument;
  }
  return run(call_of(query, key, value, options, kLengthFirst, out), op);
}

Error quantized_sdpa(
    const QuantizedTensor& query, const QuantizedTensor& key, const QuantizedTensor& value, const SdpaOptions& options,
    bool heads_first, Tensor& out, const char* op) {
  const Layout& at = heads_first ? kHeadsFirst : kLengthFirst;
  if (!check_scaling(query, op, "query") || !check_scaling(key, op, "key") || !check_scaling(value, op, "value") ||
      !check_tensors(query.values, key.values, value.values, at, op) ||
      !check_range(query.values.size(at.length), key.values.size(at.length), options, op) ||
      !prepare_out(query.values, ScalarType::Float, out, op)) {
    return Error::InvalidArgument;
  }
  Attention call = call_of(query.values, key.values, value.values, options, at, out);
  call.query_scaling = scaling_of(query);
  call.key_scaling = scaling_of(key);
  call.value_scaling = scaling_of(value);
  return run(call, op);
}

} // namespace et_kernels
