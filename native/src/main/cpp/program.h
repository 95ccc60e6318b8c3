// A loaded program with the data files it needs; shared by the methods loaded from it.
#pragma once

#include <executorch/extension/flat_tensor/flat_tensor_data_map.h>
#include <executorch/extension/named_data_map/merged_data_map.h>
#include <executorch/runtime/core/data_loader.h>
#include <executorch/runtime/executor/program.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bridge {

// Lives behind a shared_ptr and never moves: the parts point to each other.
struct LoadedProgram {
  std::unique_ptr<executorch::runtime::DataLoader> loader;
  std::vector<std::unique_ptr<executorch::runtime::DataLoader>> data_loaders;
  std::vector<std::unique_ptr<executorch::extension::FlatTensorDataMap>> data_maps;
  std::optional<executorch::extension::merged_data_map::MergedDataMap> merged_data;
  std::unique_ptr<executorch::runtime::Program> program;
  std::string description;

  // The data files as one map, or null without data files.
  const executorch::runtime::NamedDataMap* data() const {
    return merged_data ? &*merged_data : nullptr;
  }
};

} // namespace bridge

struct EtProgram {
  std::shared_ptr<const bridge::LoadedProgram> loaded;
};
