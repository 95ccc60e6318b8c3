#include "heads.h"

#include <cmath>
#include <cstring>

#include "rows.h"

namespace et_kernels {
namespace {

using executorch::aten::SizesType;
using executorch::aten::Tensor;
using executorch::runtime::Error;

constexpr int64_t kMostHeads = 65536;

/// What happens to each head of queries or keys, and of one token.
struct Steps {
  const float* norm; // null: none
  double epsilon;
  const float *cosines, *sines; // of all tokens; null: none
  int64_t rotated;
};

/// Some heads of a token: those from `from` on go to `to`, `to_stride` floats apart.
struct Group {
  const float* from;
  float* to;
  int64_t heads, size, to_stride;

  void split(const RowKernels& kernels, const Steps& steps, int64_t token) const {
    for (int64_t head = 0; head < heads; ++head) {
      const float* in = from + head * size;
      float* out = to + head * to_stride;
      if (steps.norm != nullptr) {
        kernels.normalize(in, steps.norm, steps.epsilon, size, out);
        in = out;
      }
      if (steps.cosines != nullptr) {
        const int64_t at = token * steps.rotated;
        kernels.rotate(in, steps.cosines + at, steps.sines + at, steps.rotated, size, out);
        in = out;
      }
      if (in != out) {
        std::memcpy(out, in, size_t(size) * sizeof(float));
      }
    }
  }
};

bool check_angles(const Tensor& angles, int64_t tokens, int64_t size, const char* op, const char* name) {
  if (!check_rows(angles, op, name)) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      angles.dim() == 3 && angles.size(0) == 1 && angles.size(1) == tokens && angles.size(2) % 2 == 0 &&
          angles.size(2) <= size,
      "%s: %s need the shape [1, %lld, an even number of at most %lld]", op, name, static_cast<long long>(tokens),
      static_cast<long long>(size));
  return true;
}

bool check_options(const HeadOptions& options, int64_t tokens, int64_t size, const char* op) {
  ET_KERNELS_REQUIRE(
      options.cosines.has_value() == options.sines.has_value(), "%s: cosines and sines come together", op);
  if (options.cosines.has_value()) {
    if (!check_angles(*options.cosines, tokens, size, op, "cosines") ||
        !check_angles(*options.sines, tokens, size, op, "sines")) {
      return false;
    }
    ET_KERNELS_REQUIRE(
        options.cosines->size(2) == options.sines->size(2), "%s: %d cosines for %d sines", op,
        int(options.cosines->size(2)), int(options.sines->size(2)));
  }
  ET_KERNELS_REQUIRE(
      options.epsilon >= 0 && std::isfinite(options.epsilon), "%s: epsilon must be finite and not negative, it is %g",
      op, options.epsilon);
  return (!options.query_norm.has_value() || check_vector(*options.query_norm, size, op, "query norm")) &&
      (!options.key_norm.has_value() || check_vector(*options.key_norm, size, op, "key norm"));
}

bool prepare(Tensor& out, int64_t heads, int64_t tokens, int64_t size, const char* op, const char* name) {
  const SizesType sizes[] = {1, SizesType(heads), SizesType(tokens), SizesType(size)};
  ET_KERNELS_REQUIRE(
      out.dim() == 4 && executorch::runtime::resize_tensor(out, {sizes, 4}) == Error::Ok,
      "%s: %s cannot take the shape [1, %d, %d, %d]", op, name, int(heads), int(tokens), int(size));
  return check_rows(out, op, name);
}

bool check(const Tensor& in, const HeadOptions& options, const Heads& out, const char* op) {
  if (!check_rows(in, op, "input")) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      options.heads > 0 && options.heads <= kMostHeads && options.kv_heads > 0 && options.kv_heads <= kMostHeads,
      "%s: %lld query heads and %lld key heads, 1 to %lld are possible", op, static_cast<long long>(options.heads),
      static_cast<long long>(options.kv_heads), static_cast<long long>(kMostHeads));
  const int64_t all = options.heads + 2 * options.kv_heads;
  ET_KERNELS_REQUIRE(
      in.dim() == 3 && in.size(0) == 1 && in.size(2) % all == 0,
      "%s: the input needs the shape [1, tokens, a multiple of %lld heads]", op, static_cast<long long>(all));
  const int64_t tokens = in.size(1), size = in.size(2) / all;
  return check_options(options, tokens, size, op) && prepare(out.query, options.heads, tokens, size, op, "query") &&
      prepare(out.key, options.kv_heads, tokens, size, op, "key") &&
      prepare(out.value, options.kv_heads, tokens, size, op, "value");
}

const float* data(const std::optional<Tensor>& tensor) {
  return tensor.has_value() ? tensor->const_data_ptr<float>() : nullptr;
}

} // namespace

Error split_heads(const Tensor& in, const HeadOptions& options, const Heads& out, const char* op) {
  if (!check(in, options, out, op)) {
    return Error::InvalidArgument;
  }
  const int64_t tokens = in.size(1), row = in.size(2), size = row / (options.heads + 2 * options.kv_heads);
  const int64_t heads = options.heads, kv_heads = options.kv_heads, stride = tokens * size;
  const int64_t rotated = options.cosines.has_value() ? options.cosines->size(2) : 0;
  const Steps of_query{data(options.query_norm), options.epsilon, data(options.cosines), data(options.sines), rotated};
  Steps of_key = of_query;
  of_key.norm = data(options.key_norm);
  const Steps of_value{};
  const float* from = in.const_data_ptr<float>();
  float* query = out.query.mutable_data_ptr<float>();
  float* key = out.key.mutable_data_ptr<float>();
  float* value = out.value.mutable_data_ptr<float>();
  const RowKernels& kernels = row_kernels();
  const bool done = for_each_row(tokens, row, [&](int64_t token) {
    const float* queries = from + token * row;
    const float* keys = queries + heads * size;
    const float* values = keys + kv_heads * size;
    const int64_t to = token * size;
    Group{queries, query + to, heads, size, stride}.split(kernels, of_query, token);
    Group{keys, key + to, kv_heads, size, stride}.split(kernels, of_key, token);
    Group{values, value + to, kv_heads, size, stride}.split(kernels, of_value, token);
  });
  return done ? Error::Ok : Error::Internal;
}

} // namespace et_kernels
