// How fast attention over pages is: `native/build benchmark VERSION [THREADS]`. Decoding is measured in bytes of keys
// and values read, beside what the machine reads from memory at best; prefill in floating-point operations of the
// definition.
#include "../kernels_test.h"

#include <atomic>
#include <chrono>
#include <numeric>

#include <executorch/runtime/kernel/thread_parallel_interface.h>
#include <executorch/runtime/platform/runtime.h>

#include "step.h"

namespace {

using namespace kernels_test;
using et_kernels::ElementType;
using et_kernels::Pages;

constexpr int kLayers = 8, kPageTokens = 16;

struct Shape {
  int heads, kv_heads, head_size;
};

struct Run {
  int tokens, position;
};

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The shortest time of one of several calls.
template <class Work>
double best(int rounds, const Work& work) {
  double least = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const double start = seconds();
    work();
    least = std::min(least, seconds() - start);
  }
  return least;
}

double memory_bandwidth() {
  const std::vector<uint64_t> memory(size_t{64} << 20, 1);
  constexpr int64_t kPieces = 64;
  std::atomic<uint64_t> total{0};
  const double time = best(10, [&] {
    executorch::extension::parallel_for(0, kPieces, 1, [&](int64_t first, int64_t end) {
      const size_t piece = memory.size() / kPieces;
      uint64_t sum = 0;
      for (size_t i = size_t(first) * piece; i < size_t(end) * piece; ++i) {
        sum += memory[i];
      }
      total += sum;
    });
  });
  return double(memory.size() * sizeof(uint64_t)) / time;
}

const char* name_of(ElementType type) {
  return type == ElementType::kFloat ? "float" : type == ElementType::kInt8 ? "int8" : "bfloat16";
}

void measure(const char* what, const Shape& s, ElementType type, const std::vector<Run>& runs) {
  int tokens = 0;
  double keys = 0, pairs = 0;
  std::vector<int32_t> words = {int32_t(runs.size())}, tables;
  for (const Run& run : runs) {
    const int end = run.position + run.tokens, count = (end + kPageTokens - 1) / kPageTokens;
    words.insert(words.end(), {run.tokens, run.position, int32_t(1 + 4 * runs.size() + tables.size()), count});
    for (int i = 0; i < count; ++i) {
      tables.push_back(int32_t(tables.size()));
    }
    tokens += run.tokens;
    keys += end;
    pairs += double(run.tokens) * (run.position + end + 1) / 2;
  }
  std::mt19937 generator(1);
  std::shuffle(tables.begin(), tables.end(), generator);
  words.insert(words.end(), tables.begin(), tables.end());

  Pages pages = {type, kLayers, s.kv_heads, s.head_size, kPageTokens, int64_t(tables.size()), nullptr};
  const size_t bytes = size_t(et_kernels::head_page_bytes(pages) * s.kv_heads * pages.pages * kLayers);
  constexpr size_t kHugePage = size_t{2} << 20;
  const size_t rounded = (bytes + et_kernels::kPagesSlack) / kHugePage * kHugePage + kHugePage;
  const std::unique_ptr<uint8_t, decltype(&std::free)> memory(
      static_cast<uint8_t*>(std::aligned_alloc(kHugePage, rounded)), &std::free);
  std::memset(memory.get(), 0, bytes); // keys of zero: the arithmetic is the same
  pages.memory = memory.get();
  et_kernels::Step step;
  if (!et_kernels::read_step(words.data(), int64_t(words.size()), pages, step)) {
    std::exit(1);
  }
  Floats query = random_floats({1, s.heads, tokens, s.head_size}, 1);
  Floats key = random_floats({1, s.kv_heads, tokens, s.head_size}, 2);
  Floats value = random_floats({1, s.kv_heads, tokens, s.head_size}, 3);
  Floats out = floats({1, tokens, s.heads, s.head_size});
  et_kernels::StepScope scope(step);
  const double time = best(tokens > 64 ? 8 : 30, [&] {
    for (int64_t layer = 0; layer < kLayers; ++layer) { // one after the other, as in a model: none stays in the cache
      const Error error = call(
          "llm::paged_attention.out", {query.value(), key.value(), value.value(), EValue(layer), EValue(0.125),
                                       EValue(int64_t{0}), EValue(0.0), none(), out.value()});
      if (error != Error::Ok) {
        std::exit(1);
      }
    }
  }) / kLayers;
  const double vector = double(et_kernels::head_page_bytes(pages)) / kPageTokens; // of a key and its value
  std::printf(
      "%-34s %2d/%-2d x %-3d  %-8s  %9.1f us a layer  %6.1f GB/s  %7.1f GFLOP/s\n", what, s.heads, s.kv_heads,
      s.head_size, name_of(type), time * 1e6, keys * s.kv_heads * vector / time / 1e9,
      4 * pairs * s.heads * s.head_size / time / 1e9);
}

} // namespace

int main(int count, char** arguments) {
  executorch::runtime::runtime_init();
  auto* pool = executorch::extension::threadpool::get_threadpool();
  if (count > 1) {
    pool->_unsafe_reset_threadpool(uint32_t(std::atoi(arguments[1])));
  }
  std::printf(
      "%zu threads, instruction set %d, memory reads at %.1f GB/s\n", pool->get_thread_count(), et_kernels_isa(),
      memory_bandwidth() / 1e9);
  std::vector<Run> many;
  for (int i = 0; i < 32; ++i) {
    many.push_back({1, 127 + i * (700 - 128) / 31});
  }
  std::vector<Run> mixed(many.begin(), many.begin() + 16);
  mixed.push_back({256, 256});
  for (const Shape& shape : {Shape{16, 4, 64}, Shape{32, 8, 64}, Shape{16, 8, 128}}) {
    for (const ElementType type : {ElementType::kFloat, ElementType::kBFloat16, ElementType::kInt8}) {
      measure("32 tokens at 128 to 700", shape, type, many);
      measure("1 token at 700", shape, type, {{1, 699}});
      measure("1 token at 8192", shape, type, {{1, 8191}});
      measure("prefill of 128", shape, type, {{128, 0}});
      measure("prefill of 512", shape, type, {{512, 0}});
      measure("512 more at 1536", shape, type, {{512, 1536}});
      measure("16 tokens and 256 at 256", shape, type, mixed);
    }
  }
  return 0;
}
