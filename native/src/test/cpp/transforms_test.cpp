// The Hadamard transform against its definition, and the operator that only copies.
#include "kernels_test.h"

namespace kernels_test {
namespace {

constexpr const char* kTransform = "llama::fast_hadamard_transform.out";

std::vector<double> transform_by_definition(const Floats& in, int size) {
  std::vector<double> out(in.data.size());
  for (size_t row = 0; row < in.data.size(); row += size) {
    for (int i = 0; i < size; ++i) {
      for (int j = 0; j < size; ++j) {
        out[row + i] += (__builtin_popcount(i & j) % 2 == 0 ? 1 : -1) * double(in.data[row + j]);
      }
      out[row + i] /= std::sqrt(double(size));
    }
  }
  return out;
}

void should_transform_powers_of_two() {
  for (const int size : {1, 2, 4, 64, 128, 1024}) {
    Floats in = random_floats({2, 3, size}, 7), out = floats({2, 3, size});
    expect(call(kTransform, {in.value(), out.value()}) == Error::Ok, "transform of " + std::to_string(size));
    expect(
        largest_error(out.data, transform_by_definition(in, size)) < 5e-6,
        "result of the transform of " + std::to_string(size));
  }
}

/// A Hadamard matrix times its transpose is its order times the identity, so lengths grow by the root of 28.
void should_be_orthogonal_for_multiples_of_28() {
  for (const int size : {28, 56, 28 * 16}) {
    Floats unit = floats({size, size}), rows = floats({size, size});
    for (int i = 0; i < size; ++i) {
      unit.data[size_t(i) * size + i] = 1;
    }
    expect(call(kTransform, {unit.value(), rows.value()}) == Error::Ok, "transform of " + std::to_string(size));
    double error = 0;
    for (int a = 0; a < size; ++a) {
      for (int b = 0; b < size; ++b) {
        double product = 0;
        for (int i = 0; i < size; ++i) {
          product += double(rows.data[size_t(a) * size + i]) * rows.data[size_t(b) * size + i];
        }
        error = std::max(error, std::fabs(product - (a == b ? 28 : 0)));
      }
    }
    expect(error < 1e-4, "orthogonal for " + std::to_string(size));
  }
}

void should_round_once_to_16_bits() {
  Dense<Half> in(ScalarType::Half, {1, 64}), out(ScalarType::Half, {1, 64});
  Floats wide = random_floats({1, 64}, 8);
  for (int i = 0; i < 64; ++i) {
    in.data[i] = Half(wide.data[i]);
    wide.data[i] = float(in.data[i]);
  }
  expect(call(kTransform, {in.value(), out.value()}) == Error::Ok, "transform of halves");
  expect(largest_error(out.data, transform_by_definition(wide, 64)) < 2e-3, "result of the transform of halves");
}

void should_transform_alike_on_any_threads() {
  Floats in = random_floats({100, 28 * 64}, 9), expected = floats({100, 28 * 64});
  expect(call(kTransform, {in.value(), expected.value()}) == Error::Ok, "transform of many rows");
  on_any_threads([&](const std::string& threads) {
    Floats out = floats({100, 28 * 64});
    expect(call(kTransform, {in.value(), out.value()}) == Error::Ok, "transform with " + threads);
    expect(out.data == expected.data, "bits of the transform with " + threads);
  });
}

void should_refuse_transforms() {
  for (const int size : {3, 27, 28 * 3, 100}) {
    Floats in = floats({2, size}), out = floats({2, size});
    expect(
        call(kTransform, {in.value(), out.value()}) == Error::InvalidArgument,
        "refuse a transform of " + std::to_string(size));
  }
  Floats in = floats({2, 8}), small = floats({1, 8}), scalar = floats({});
  Dense<int32_t> integers(ScalarType::Int, {2, 8});
  Dense<Half> half(ScalarType::Half, {2, 8});
  const auto refused = [](const char* what, EValue from, EValue to) {
    expect(call(kTransform, {from, to}) == Error::InvalidArgument, std::string("refuse to transform ") + what);
  };
  refused("into less memory", in.value(), small.value());
  refused("a scalar", scalar.value(), scalar.value());
  refused("integers", integers.value(), integers.value());
  refused("into another type", in.value(), half.value());
  refused("a number", EValue(1.0), in.value());
}

void should_copy() {
  Dense<int64_t> in(ScalarType::Long, {2, 3}), out(ScalarType::Long, {2, 3}), small(ScalarType::Long, {5});
  in.data = {1, 2, 3, 4, 5, 6};
  expect(call("llama::fallback.out", {in.value(), out.value()}) == Error::Ok, "fallback");
  expect(out.data == in.data, "fallback copies");
  expect(call("llama::fallback.out", {in.value(), small.value()}) == Error::InvalidArgument, "fallback into less");
  Floats other = floats({2, 3});
  expect(call("llama::fallback.out", {in.value(), other.value()}) == Error::InvalidArgument, "fallback to floats");
}

} // namespace

void test_transforms() {
  should_transform_powers_of_two();
  should_be_orthogonal_for_multiples_of_28();
  should_round_once_to_16_bits();
  should_transform_alike_on_any_threads();
  should_refuse_transforms();
  should_copy();
}

} // namespace kernels_test
