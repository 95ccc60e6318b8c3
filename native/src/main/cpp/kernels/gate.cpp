#include "gate.h"

#include "rows.h"

namespace et_kernels {
namespace {

using executorch::aten::Tensor;
using executorch::runtime::Error;

bool check(const Tensor& in, Tensor& out, const char* op) {
  if (!check_rows(in, op, "input")) {
    return false;
  }
  const int64_t both = in.size(in.dim() - 1);
  ET_KERNELS_REQUIRE(
      both % 2 == 0, "%s: rows of %lld numbers have no two halves", op, static_cast<long long>(both));
  if (!resize_rows(in, both / 2, out, op, "out")) {
    return false;
  }
  // A result that is the input's own tensor has resized that, too.
  ET_KERNELS_REQUIRE(!overlap(in, out), "%s: out shares memory with the input", op);
  return true;
}

} // namespace

Error gated(const Tensor& in, Gate gate, Tensor& out, const char* op) {
  if (!check(in, out, op)) {
    return Error::InvalidArgument;
  }
  const int64_t size = in.size(in.dim() - 1) / 2;
  const float* from = in.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  const auto gate_row = row_kernels().gate;
  const bool done = for_each_row(in.numel() / (2 * size), 2 * size, [=](int64_t row) {
    const float* halves = from + row * 2 * size;
    gate_row(gate, halves, halves + size, size, to + row * size);
  });
  return done ? Error::Ok : Error::Internal;
}

} // namespace et_kernels
