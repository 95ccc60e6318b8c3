#pragma once

#include <optional>

#include <executorch/runtime/kernel/kernel_includes.h>

namespace et_kernels {

/// Reads a call's arguments one after the other; after the first of a wrong kind all reads give empty values. Arguments
/// that nobody reads are ignored: a program appends a list of the outputs where there are several.
class Arguments {
 public:
  using Stack = executorch::runtime::Span<executorch::runtime::EValue*>;

  Arguments(Stack stack, const char* op) : stack_(stack), op_(op) {}

  executorch::aten::Tensor* tensor() {
    executorch::runtime::EValue* value = next();
    return expect(value != nullptr && value->isTensor(), "a tensor") ? &value->toTensor() : nullptr;
  }

  std::optional<executorch::aten::Tensor> optional_tensor() {
    executorch::runtime::EValue* value = next();
    if (!expect(value != nullptr && (value->isNone() || value->isTensor()), "a tensor or None") || value->isNone()) {
      return std::nullopt;
    }
    return value->toTensor();
  }

  int64_t integer() {
    executorch::runtime::EValue* value = next();
    return expect(value != nullptr && value->isInt(), "an integer") ? value->toInt() : 0;
  }

  bool boolean() {
    executorch::runtime::EValue* value = next();
    return expect(value != nullptr && value->isBool(), "a boolean") && value->toBool();
  }

  double number() {
    executorch::runtime::EValue* value = next();
    if (!expect(value != nullptr && (value->isDouble() || value->isInt()), "a number")) {
      return 0;
    }
    return value->isInt() ? static_cast<double>(value->toInt()) : value->toDouble();
  }

  std::optional<double> optional_number() {
    executorch::runtime::EValue* value = next();
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
  executorch::runtime::EValue* next() {
    return index_ < stack_.size() ? stack_[index_++] : nullptr;
  }

  bool expect(bool right, const char* what) {
    if (ok_ && !right) {
      ET_LOG(Error, "%s: argument %zu of %zu is missing or not %s", op_, index_, stack_.size(), what);
      ok_ = false;
    }
    return ok_;
  }

  Stack stack_;
  const char* op_;
  size_t index_ = 0;
  bool ok_ = true;
};

} // namespace et_kernels
