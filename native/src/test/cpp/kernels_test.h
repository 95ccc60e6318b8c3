// What the kernels' tests share: tensors, calls through the operator registry, and the count of what they expect.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <executorch/extension/threadpool/threadpool_guard.h>
#include <executorch/runtime/kernel/kernel_includes.h>
#include <executorch/runtime/kernel/operator_registry.h>

#include "isa.h"

// The wheel has the library but not its header.
namespace executorch::extension::threadpool {
class ThreadPool final {
 public:
  size_t get_thread_count() const;
  bool _unsafe_reset_threadpool(uint32_t threads);
};
ThreadPool* get_threadpool();
} // namespace executorch::extension::threadpool

namespace kernels_test {

using executorch::aten::BFloat16;
using executorch::aten::Half;
using executorch::aten::ScalarType;
using executorch::aten::TensorImpl;
using executorch::extension::threadpool::ThreadPool;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using executorch::runtime::KernelRuntimeContext;
using executorch::runtime::Span;

inline int passed = 0, failed = 0;

inline void expect(bool condition, const std::string& what) {
  (condition ? passed : failed)++;
  if (!condition) {
    std::printf("FAILED: %s\n", what.c_str());
  }
}

/// A dense tensor that owns its memory.
template <class T>
class Dense {
 public:
  Dense(ScalarType type, std::vector<int32_t> sizes, T fill = T())
      : sizes_(std::move(sizes)), order_(sizes_.size()), strides_(sizes_.size()) {
    int32_t n = 1;
    for (size_t i = sizes_.size(); i-- > 0;) {
      order_[i] = static_cast<uint8_t>(i);
      strides_[i] = n;
      n *= sizes_[i];
    }
    data.assign(n, fill);
    impl_ = std::make_unique<TensorImpl>(
        type, sizes_.size(), sizes_.data(), data.data(), order_.data(), strides_.data(),
        executorch::runtime::TensorShapeDynamism::DYNAMIC_BOUND);
  }

  EValue value() {
    return EValue(executorch::aten::Tensor(impl_.get()));
  }

  std::vector<T> data;

 private:
  std::vector<int32_t> sizes_;
  std::vector<uint8_t> order_;
  std::vector<int32_t> strides_;
  std::unique_ptr<TensorImpl> impl_;
};

using Floats = Dense<float>;

inline Floats floats(std::vector<int32_t> sizes) {
  return Floats(ScalarType::Float, std::move(sizes));
}

inline Floats random_floats(std::vector<int32_t> sizes, unsigned seed) {
  Floats tensor = floats(std::move(sizes));
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::generate(tensor.data.begin(), tensor.data.end(), [&] { return normal(generator); });
  return tensor;
}

inline Error call(const char* op, std::vector<EValue> arguments) {
  const auto function = executorch::runtime::get_op_function_from_registry(op);
  if (!function.ok()) {
    return function.error();
  }
  std::vector<EValue*> stack;
  for (EValue& argument : arguments) {
    stack.push_back(&argument);
  }
  KernelRuntimeContext context;
  (*function)(context, Span<EValue*>(stack.data(), stack.size()));
  return context.failure_state();
}

inline EValue none() {
  return EValue();
}

template <class T>
double largest_error(const std::vector<T>& actual, const std::vector<double>& expected) {
  double largest = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double error = std::fabs(double(actual[i]) - expected[i]);
    largest = error <= largest ? largest : error; // a NaN stays
  }
  return largest;
}

inline bool same_bits(const float* a, const float* b, size_t n) {
  return std::memcmp(a, b, n * sizeof(float)) == 0;
}

/// Calls `same` with the pool at several sizes, and without a pool.
template <class Same>
void on_any_threads(const Same& same) {
  ThreadPool* pool = executorch::extension::threadpool::get_threadpool();
  const size_t before = pool->get_thread_count();
  for (const uint32_t threads : {1, 2, 3, 8}) {
    pool->_unsafe_reset_threadpool(threads);
    expect(pool->get_thread_count() == threads, "pool of " + std::to_string(threads));
    same(std::to_string(threads) + " threads");
  }
  pool->_unsafe_reset_threadpool(static_cast<uint32_t>(before));
  executorch::extension::threadpool::NoThreadPoolGuard guard;
  same("the calling thread only");
}

/// The tests of the other files; those that depend on the instruction set are run for each.
void test_quantized_attention();
void test_quantized_attention_refusals();
void test_paged_attention();
void test_paged_attention_refusals();
void test_delta_rule();
void test_transforms();
void test_linear();
void test_linear_refusals();

} // namespace kernels_test
