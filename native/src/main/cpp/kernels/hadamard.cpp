#include "hadamard.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>
#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include "check.h"
#include "element.h"

namespace et_kernels {
namespace {

using executorch::aten::ScalarType;
using executorch::aten::Tensor;
using executorch::runtime::Error;

constexpr int64_t kParts = 28;
constexpr int64_t kInlineFloats = 64 * 1024; // fewer are transformed before other threads would have woken up

/// The sign at a row and column of the Hadamard matrix of order 28 by Williamson's construction: blocks of circulant
/// matrices of order 7, given by their first rows.
float sign28(int64_t row, int64_t column) {
  constexpr const char* kFirstRows[] = {"+------", "--++++-", "-+-++-+", "-++--++"};
  constexpr int kBlocks[4][4] = {{0, 1, 2, 3}, {1, 0, 3, 2}, {2, 3, 0, 1}, {3, 2, 1, 0}};
  constexpr const char* kSigns[] = {"+---", "+++-", "+-++", "++-+"};
  const bool plus = kFirstRows[kBlocks[row / 7][column / 7]][(column % 7 - row % 7 + 7) % 7] == '+';
  return plus == (kSigns[row / 7][column / 7] == '+') ? 1.0f : -1.0f;
}

void transform_power_of_two(float* x, int64_t size) {
  for (int64_t half = 1; half < size; half *= 2) {
    for (int64_t first = 0; first < size; first += 2 * half) {
      float* low = x + first;
      float* high = low + half;
      for (int64_t i = 0; i < half; ++i) {
        const float sum = low[i] + high[i], difference = low[i] - high[i];
        low[i] = sum;
        high[i] = difference;
      }
    }
  }
  const float scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(size)));
  for (int64_t i = 0; i < size; ++i) {
    x[i] *= scale;
  }
}

/// From [28, size] to the product with the matrix of order 28; `to` must not be `x`.
void mix_parts(const float* x, int64_t size, float* to) {
  for (int64_t row = 0; row < kParts; ++row) {
    float* sum = to + row * size;
    std::memset(sum, 0, size_t(size) * sizeof(float));
    for (int64_t column = 0; column < kParts; ++column) {
      const float sign = sign28(row, column);
      const float* part = x + column * size;
      for (int64_t i = 0; i < size; ++i) {
        sum[i] += sign * part[i];
      }
    }
  }
}

bool check(const Tensor& in, Tensor& out, const char* op) {
  const ScalarType type = in.scalar_type();
  ET_KERNELS_REQUIRE(
      type == ScalarType::Float || type == ScalarType::Half || type == ScalarType::BFloat16,
      "%s: input has scalar type %d, need Float, Half or BFloat16", op, int(type));
  ET_KERNELS_REQUIRE(in.dim() > 0, "%s: input has no dimension", op);
  if (!check_dense(in, int(in.dim()), "any", op, "input") || !check_type(out, type, op, "out")) {
    return false;
  }
  const int64_t size = in.size(in.dim() - 1), power = size % kParts == 0 ? size / kParts : size;
  ET_KERNELS_REQUIRE(
      (power & (power - 1)) == 0, "%s: last size is %lld, need a power of two, or 28 times one", op,
      static_cast<long long>(size));
  ET_KERNELS_REQUIRE(
      out.dim() == in.dim() && executorch::runtime::resize_tensor(out, in.sizes()) == Error::Ok,
      "%s: out cannot take the input's shape", op);
  return check_dense(out, int(out.dim()), "any", op, "out");
}

} // namespace

Error fast_hadamard_transform(const Tensor& in, Tensor& out, const char* op) {
  if (!check(in, out, op)) {
    return Error::InvalidArgument;
  }
  const int64_t size = in.size(in.dim() - 1), rows = in.numel() / size;
  const bool mixed = size % kParts == 0;
  const int64_t parts = mixed ? kParts : 1, power = size / parts;
  const ElementType type = in.scalar_type() == ScalarType::Float
      ? ElementType::kFloat
      : (in.scalar_type() == ScalarType::Half ? ElementType::kHalf : ElementType::kBFloat16);
  std::atomic<bool> memory{true};
  const auto run = [&](int64_t begin, int64_t end) {
    const std::unique_ptr<float[]> scratch(new (std::nothrow) float[size_t(size) * (mixed ? 2 : 1)]);
    if (scratch == nullptr) {
      memory = false;
      return;
    }
    for (int64_t row = begin; row < end; ++row) {
      float* result = scratch.get();
      read_elements(type, in.const_data_ptr(), row * size, size, result);
      for (int64_t part = 0; part < parts; ++part) {
        transform_power_of_two(result + part * power, power);
      }
      if (mixed) {
        mix_parts(result, power, result + size);
        result += size;
      }
      write_elements(type, result, size, out.mutable_data_ptr(), row * size);
    }
  };
  if (in.numel() < kInlineFloats) {
    run(0, rows);
  } else if (!executorch::extension::parallel_for(0, rows, 1, run)) {
    return Error::Internal;
  }
  if (!memory) {
    ET_LOG(Error, "%s: no memory for a vector of %lld", op, static_cast<long long>(size));
    return Error::MemoryAllocationFailed;
  }
  return Error::Ok;
}

} // namespace et_kernels
