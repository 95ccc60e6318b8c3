// Values between the runtime's form and the one that Java sees.
#pragma once

#include "et_bridge.h"

#include <executorch/runtime/core/error.h>
#include <executorch/runtime/core/evalue.h>
#include <executorch/runtime/core/tag.h>

#include <array>
#include <optional>
#include <vector>

namespace bridge {

// The EtKind of a runtime tag, -1 if Java has none.
int64_t kind_of(executorch::runtime::Tag tag);

// A runtime value over memory that Java described; must not move while in use.
class InputValue final {
 public:
  executorch::runtime::Error set(const EtValue& from, executorch::runtime::EValue& out);

 private:
  std::array<executorch::aten::SizesType, 16> sizes_{};
  std::array<executorch::aten::DimOrderType, 16> dim_order_{};
  std::array<executorch::aten::StridesType, 16> strides_{};
  std::optional<executorch::aten::TensorImpl> tensor_;
};

// Describes a runtime value without copying its elements; a tensor list is described in "list".
executorch::runtime::Error describe(
    const executorch::runtime::EValue& from, EtValue& out, std::vector<EtValue>& list);

} // namespace bridge
