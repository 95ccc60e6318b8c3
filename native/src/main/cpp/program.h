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

// The data files of a program without any: XNNPACK does not check whether there is a map before it asks for a name.
// It asks here first, also for what the program file itself holds, so a "no" is nothing to log.
class NoData final : public executorch::runtime::NamedDataMap {
 public:
  executorch::runtime::Result<const executorch::runtime::TensorLayout> get_tensor_layout(std::string_view) const override {
    return executorch::runtime::Error::NotFound;
  }
  executorch::runtime::Result<executorch::runtime::FreeableBuffer> get_data(std::string_view) const override {
    return executorch::runtime::Error::NotFound;
  }
  executorch::runtime::Error load_data_into(std::string_view, void*, size_t) const override {
    return executorch::runtime::Error::NotFound;
  }
  executorch::runtime::Result<uint32_t> get_num_keys() const override {
    return 0u;
  }
  executorch::runtime::Result<const char*> get_key(uint32_t) const override {
    return executorch::runtime::Error::InvalidArgument;
  }
};

// Lives behind a shared_ptr and never moves: the parts point to each other.
struct LoadedProgram {
  std::unique_ptr<executorch::runtime::DataLoader> loader;
  std::vector<std::unique_ptr<executorch::runtime::DataLoader>> data_loaders;
  std::vector<std::unique_ptr<executorch::extension::FlatTensorDataMap>> data_maps;
  std::optional<executorch::extension::merged_data_map::MergedDataMap> merged_data;
  std::unique_ptr<executorch::runtime::Program> program;
  std::string description;
  NoData no_data;

  // The data files as one map.
  const executorch::runtime::NamedDataMap* data() const {
    return merged_data ? static_cast<const executorch::runtime::NamedDataMap*>(&*merged_data) : &no_data;
  }
};

} // namespace bridge

struct EtProgram {
  std::shared_ptr<const bridge::LoadedProgram> loaded;
};
