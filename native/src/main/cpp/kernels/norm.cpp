#include "norm.h"

#include <cmath>

#include "rows.h"

namespace et_kernels {
namespace {

using executorch::aten::Tensor;
using executorch::runtime::Error;

bool check(const Tensor& in, const Tensor& weight, double epsilon, Tensor& out, const char* op) {
  if (!check_rows(in, op, "input") || !check_vector(weight, in.size(in.dim() - 1), op, "weight")) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      epsilon >= 0 && std::isfinite(epsilon), "%s: epsilon must be finite and not negative, it is %g", op, epsilon);
  return resize_rows(in, in.size(in.dim() - 1), out, op, "out");
}

bool check_same_shape(const Tensor& a, const Tensor& b, const char* op) {
  ET_KERNELS_REQUIRE(
      a.dim() == b.dim(), "%s: the summands have %d and %d dimensions", op, int(a.dim()), int(b.dim()));
  for (int i = 0; i < a.dim(); ++i) {
    ET_KERNELS_REQUIRE(
        a.size(i) == b.size(i), "%s: at dimension %d the summands have sizes %d and %d", op, i, int(a.size(i)),
        int(b.size(i)));
  }
  return true;
}

} // namespace

Error rms_norm(const Tensor& in, const Tensor& weight, double epsilon, Tensor& out, const char* op) {
  if (!check(in, weight, epsilon, out, op)) {
    return Error::InvalidArgument;
  }
  const int64_t size = weight.numel();
  const float *from = in.const_data_ptr<float>(), *weights = weight.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  const auto normalize = row_kernels().normalize;
  const bool done = for_each_row(in.numel() / size, size, [=](int64_t row) {
    normalize(from + row * size, weights, epsilon, size, to + row * size);
  });
  return done ? Error::Ok : Error::Internal;
}

Error add_rms_norm(
    const Tensor& a, const Tensor& b, const Tensor& weight, double epsilon, Tensor& sum, Tensor& out,
    const char* op) {
  if (!check(a, weight, epsilon, out, op) || !check_rows(b, op, "other input") || !check_same_shape(a, b, op) ||
      !resize_rows(a, weight.numel(), sum, op, "sum")) {
    return Error::InvalidArgument;
  }
  const int64_t size = weight.numel();
  const float *first = a.const_data_ptr<float>(), *second = b.const_data_ptr<float>();
  const float* weights = weight.const_data_ptr<float>();
  float *sums = sum.mutable_data_ptr<float>(), *to = out.mutable_data_ptr<float>();
  const auto add_and_normalize = row_kernels().add_and_normalize;
  const bool done = for_each_row(a.numel() / size, 2 * size, [=](int64_t row) {
    const int64_t at = row * size;
    add_and_normalize(first + at, second + at, weights, epsilon, size, sums + at, to + at);
  });
  return done ? Error::Ok : Error::Internal;
}

} // namespace et_kernels
