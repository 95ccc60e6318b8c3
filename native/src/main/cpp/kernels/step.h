#pragma once

#include <vector>

#include "isa.h"
#include "pages.h"

namespace et_kernels {

/// Which sequences the tokens of a step belong to, and where their keys and values are.
struct Step {
  Pages pages;
  std::vector<Run> runs;
  int64_t tokens = 0;
};

/// Reads a step's words: the number of runs; for each run its tokens, its first position, the index of its first table
/// word and the number of its table words; and the tables. The words must outlive the step. False, with the reason in
/// the log, for anything that would lead out of the words, the tables or the pages.
ET_KERNELS_API bool read_step(const int32_t* words, int64_t count, const Pages& pages, Step& step);

/// While it lives, the calling thread's kernels work on a step.
class ET_KERNELS_API StepScope {
 public:
  explicit StepScope(const Step& step);
  ~StepScope();
  StepScope(const StepScope&) = delete;
  StepScope& operator=(const StepScope&) = delete;

 private:
  const Step* previous_;
};

/// The calling thread's step, or null.
const Step* current_step();

} // namespace et_kernels
