#include "step.h"

#include <cinttypes>

#include "check.h"

namespace et_kernels {
namespace {

thread_local const Step* current = nullptr;

constexpr int64_t kRunWords = 4;

bool read_run(const int32_t* words, int64_t count, int64_t index, const Pages& pages, Step& step) {
  const int32_t* run = words + 1 + index * kRunWords;
  const int64_t tokens = run[0], position = run[1], first = run[2], length = run[3];
  ET_KERNELS_REQUIRE(
      tokens > 0 && position >= 0, "Run %" PRId64 " of the step has %" PRId64 " tokens at position %" PRId64, index,
      tokens, position);
  ET_KERNELS_REQUIRE(
      first >= 0 && length >= 0 && first <= count - length,
      "Run %" PRId64 " of the step has its page table at %" PRId64 "+%" PRId64 " of %" PRId64 " words", index, first,
      length, count);
  ET_KERNELS_REQUIRE(
      position + tokens <= length * pages.page_tokens,
      "Run %" PRId64 " of the step ends at position %" PRId64 ", its %" PRId64 " pages at %" PRId64
      ": add pages to its table",
      index, position + tokens, length, length * pages.page_tokens);
  for (int64_t i = 0; i < length; ++i) {
    const int64_t page = words[first + i];
    ET_KERNELS_REQUIRE(
        page >= 0 && page < pages.pages, "Run %" PRId64 " of the step names page %" PRId64 ", there are %" PRId64,
        index, page, pages.pages);
  }
  step.runs.push_back({tokens, position, step.tokens, words + first});
  step.tokens += tokens;
  return true;
}

} // namespace

bool read_step(const int32_t* words, int64_t count, const Pages& pages, Step& step) {
  step.pages = pages;
  step.runs.clear();
  step.tokens = 0;
  const int64_t runs = count < 1 ? 0 : words[0];
  ET_KERNELS_REQUIRE(
      runs > 0 && runs <= (count - 1) / kRunWords, "The step has %" PRId64 " runs in %" PRId64 " words", runs, count);
  for (int64_t i = 0; i < runs; ++i) {
    if (!read_run(words, count, i, pages, step)) {
      return false;
    }
  }
  return true;
}

StepScope::StepScope(const Step& step) : previous_(current) {
  current = &step;
}

StepScope::~StepScope() {
  current = previous_;
}

const Step* current_step() {
  return current;
}

} // namespace et_kernels
