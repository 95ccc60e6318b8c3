#include "delta_rule.h"

#include <cstring>
#include <initializer_list>

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>
#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include "check.h"
#include "delta_rule_step.h"

namespace et_kernels {
namespace {

using executorch::aten::ScalarType;
using executorch::aten::SizesType;
using executorch::aten::Tensor;
using executorch::runtime::Error;

// A call of fewer multiplications than this is done before other threads would have woken up.
constexpr int64_t kInlineWork = 256 * 1024;

bool check_sizes(
    const Tensor& tensor, const char* name, const char* layout, std::initializer_list<int64_t> sizes, const char* op) {
  const int dimensions = int(sizes.size());
  if (!check_type(tensor, ScalarType::Float, op, name) || !check_dense(tensor, dimensions, layout, op, name)) {
    return false;
  }
  for (int i = 0; i < dimensions; ++i) {
    const int wanted = int(sizes.begin()[i]);
    ET_KERNELS_REQUIRE(
        int(tensor.size(i)) == wanted, "%s: %s has size %d at dimension %d, need %d: %s", op, name, int(tensor.size(i)),
        i, wanted, layout);
  }
  return true;
}

bool check(const DeltaRule& in, const char* op) {
  const char* heads_first = "[batch, heads, length, size]";
  if (!check_dense(in.query, 4, heads_first, op, "query") || !check_dense(in.key, 4, heads_first, op, "key") ||
      !check_dense(in.value, 4, heads_first, op, "value")) {
    return false;
  }
  const int64_t batch = in.key.size(0), heads = in.key.size(1), length = in.key.size(2);
  const int64_t key_size = in.key.size(3), value_size = in.value.size(3);
  ET_KERNELS_REQUIRE(
      in.query.size(1) % heads == 0, "%s: %d query heads are no multiple of %d key heads", op, int(in.query.size(1)),
      int(heads));
  const char* per_token = "[batch, heads, length]";
  const bool channelwise = in.decay.dim() == 4;
  return check_sizes(in.query, "query", heads_first, {batch, in.query.size(1), length, key_size}, op) &&
      check_sizes(in.key, "key", heads_first, {batch, heads, length, key_size}, op) &&
      check_sizes(in.value, "value", heads_first, {batch, heads, length, value_size}, op) &&
      (channelwise ? check_sizes(in.decay, "decay", heads_first, {batch, heads, length, key_size}, op)
                   : check_sizes(in.decay, "decay", per_token, {batch, heads, length}, op)) &&
      check_sizes(in.beta, "beta", per_token, {batch, heads, length}, op) &&
      check_sizes(
             in.initial_state, "initial_state", "[batch, heads, key size, value size]",
             {batch, heads, key_size, value_size}, op);
}

bool prepare(Tensor& out, const char* name, const SizesType (&sizes)[4], const char* op) {
  if (!check_type(out, ScalarType::Float, op, name)) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      out.dim() == 4 && executorch::runtime::resize_tensor(out, {sizes, 4}) == Error::Ok,
      "%s: %s cannot take the shape [%d, %d, %d, %d]", op, name, int(sizes[0]), int(sizes[1]), int(sizes[2]),
      int(sizes[3]));
  return check_dense(out, 4, "[batch, heads, length or key size, value size]", op, name);
}

/// One batch entry's state head: pointers to its first token.
DeltaHead head_of(const DeltaRule& in, int64_t index, Tensor& out, Tensor& final_state) {
  DeltaHead head = {};
  head.length = in.key.size(2);
  head.key_size = in.key.size(3);
  head.value_size = in.value.size(3);
  head.group = in.query.size(1) / in.key.size(1);
  head.decay_stride = in.decay.dim() == 4 ? 1 : 0;
  const int64_t decays = in.decay.dim() == 4 ? head.key_size : 1;
  head.query = in.query.const_data_ptr<float>() + index * head.group * head.length * head.key_size;
  head.key = in.key.const_data_ptr<float>() + index * head.length * head.key_size;
  head.value = in.value.const_data_ptr<float>() + index * head.length * head.value_size;
  head.decay = in.decay.const_data_ptr<float>() + index * head.length * decays;
  head.beta = in.beta.const_data_ptr<float>() + index * head.length;
  head.state = final_state.mutable_data_ptr<float>() + index * head.key_size * head.value_size;
  head.out = out.mutable_data_ptr<float>() + index * head.group * head.length * head.value_size;
  return head;
}

void copy_columns(const float* from, const DeltaHead& head, int64_t column, int64_t columns) {
  for (int64_t k = 0; k < head.key_size; ++k) {
    const int64_t at = k * head.value_size + column;
    std::memcpy(head.state + at, from + at, size_t(columns) * sizeof(float));
  }
}

} // namespace

Error gated_delta_rule(const DeltaRule& in, Tensor& out, Tensor& final_state, const char* op) {
  if (!check(in, op)) {
    return Error::InvalidArgument;
  }
  const SizesType batch = in.key.size(0), heads = in.key.size(1), length = in.key.size(2);
  const SizesType key_size = in.key.size(3), value_size = in.value.size(3);
  if (!prepare(out, "out", {batch, SizesType(in.query.size(1)), length, value_size}, op) ||
      !prepare(final_state, "final_state", {batch, heads, key_size, value_size}, op)) {
    return Error::InvalidArgument;
  }
  if (overlap(in.initial_state, final_state) || overlap(out, final_state)) {
    ET_LOG(Error, "%s: final_state shares memory with initial_state or out", op);
    return Error::InvalidArgument;
  }
  // The columns of a state never meet: every task carries a few of them through all tokens, in its core's cache.
  const int64_t blocks = (value_size + kDeltaColumns - 1) / kDeltaColumns;
  const auto run = [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t index = task / blocks, column = task % blocks * kDeltaColumns;
      const int64_t columns = value_size - column < kDeltaColumns ? value_size - column : kDeltaColumns;
      const DeltaHead head = head_of(in, index, out, final_state);
      copy_columns(
          in.initial_state.const_data_ptr<float>() + index * key_size * value_size, head, column, columns);
      run_columns(head, column, columns);
    }
  };
  const int64_t tasks = int64_t{batch} * heads * blocks;
  if (in.value.numel() < kInlineWork / key_size) {
    run(0, tasks);
    return Error::Ok;
  }
  return executorch::extension::parallel_for(0, tasks, 1, run) ? Error::Ok : Error::Internal;
}

} // namespace et_kernels
