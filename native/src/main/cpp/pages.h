// Keys and values outside of programs, and the step that reads them now.
#pragma once

#include "et_bridge.h"
#include "kernels/step.h"

#include <cstddef>
#include <memory>

namespace bridge {

struct Unmap {
  size_t bytes;
  void operator()(uint8_t* memory) const;
};

} // namespace bridge

struct EtPages {
  std::unique_ptr<uint8_t, bridge::Unmap> mapping;
  et_kernels::Pages pages;
  et_kernels::Step step; // kept from execution to execution, so that its list need not grow again
};
