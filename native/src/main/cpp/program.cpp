#include "program.h"

#include "et_bridge.h"
#include "log.h"
#include "value.h"

#include <executorch/extension/data_loader/file_data_loader.h>
#include <executorch/extension/data_loader/mmap_data_loader.h>

#include <cstring>

namespace bridge {
namespace {

using executorch::extension::FileDataLoader;
using executorch::extension::FlatTensorDataMap;
using executorch::extension::MmapDataLoader;
using executorch::extension::merged_data_map::MergedDataMap;
using executorch::runtime::DataLoader;
using executorch::runtime::Error;
using executorch::runtime::MethodMeta;
using executorch::runtime::NamedDataMap;
using executorch::runtime::Program;
using executorch::runtime::Result;
using executorch::runtime::Span;
using executorch::runtime::Tag;
using executorch::runtime::TensorInfo;

template <typename Loader>
Error own(Result<Loader> opened, std::unique_ptr<DataLoader>& out) {
  if (!opened.ok()) {
    return opened.error();
  }
  out = std::make_unique<Loader>(std::move(opened.get()));
  return Error::Ok;
}

Error open_loader(const char* path, int mode, std::unique_ptr<DataLoader>& out) {
  switch (mode) {
    case 0:
      return own(FileDataLoader::from(path), out);
    case 1:
      return own(MmapDataLoader::from(path, MmapDataLoader::MlockConfig::NoMlock), out);
    case 2:
      return own(MmapDataLoader::from(path, MmapDataLoader::MlockConfig::UseMlock), out);
    case 3:
      return own(MmapDataLoader::from(path, MmapDataLoader::MlockConfig::UseMlockIgnoreErrors), out);
    default:
      return Error::InvalidArgument;
  }
}

// The description is a sequence of 64-bit integers and strings (length, bytes, padding to 8):
//   methods; each: name, planned bytes, backends; each: name; inputs; each: value; outputs; each: value
//   value: kind (-1 unknown), element type, bytes, rank, sizes
class Writer final {
 public:
  void number(int64_t value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void string(const char* value) {
    const size_t length = std::strlen(value);
    number(static_cast<int64_t>(length));
    text_.append(value, length);
    text_.append((8 - length % 8) % 8, '\0');
  }
  std::string take() {
    return std::move(text_);
  }

 private:
  std::string text_;
};

void describe_tensor(const TensorInfo& tensor, Writer& out) {
  out.number(static_cast<int64_t>(tensor.scalar_type()));
  out.number(static_cast<int64_t>(tensor.nbytes()));
  out.number(static_cast<int64_t>(tensor.sizes().size()));
  for (const int32_t size : tensor.sizes()) {
    out.number(size);
  }
}

// tensor_of is asked for tensors only: for other kinds the question is an error.
template <typename TensorOf>
Error describe_value(const Result<Tag>& tag, TensorOf&& tensor_of, Writer& out) {
  if (!tag.ok()) {
    return tag.error();
  }
  const int64_t kind = kind_of(*tag);
  out.number(kind);
  if (kind != ET_KIND_TENSOR) {
    for (int i = 0; i < 3; i++) {
      out.number(0);
    }
    return Error::Ok;
  }
  const Result<TensorInfo> tensor = tensor_of();
  if (!tensor.ok()) {
    return tensor.error();
  }
  describe_tensor(*tensor, out);
  return Error::Ok;
}

Error describe_method(const MethodMeta& meta, Writer& out) {
  out.string(meta.name());
  int64_t planned = 0;
  for (size_t i = 0; i < meta.num_memory_planned_buffers(); i++) {
    auto size = meta.memory_planned_buffer_size(i);
    if (!size.ok() || *size < 0 || __builtin_add_overflow(planned, *size, &planned)) {
      return Error::InvalidProgram;
    }
  }
  out.number(planned);
  out.number(static_cast<int64_t>(meta.num_backends()));
  for (size_t i = 0; i < meta.num_backends(); i++) {
    auto name = meta.get_backend_name(i);
    if (!name.ok()) {
      return name.error();
    }
    out.string(*name);
  }
  out.number(static_cast<int64_t>(meta.num_inputs()));
  for (size_t i = 0; i < meta.num_inputs(); i++) {
    if (Error error = describe_value(meta.input_tag(i), [&] { return meta.input_tensor_meta(i); }, out); error != Error::Ok) {
      return error;
    }
  }
  out.number(static_cast<int64_t>(meta.num_outputs()));
  for (size_t i = 0; i < meta.num_outputs(); i++) {
    if (Error error = describe_value(meta.output_tag(i), [&] { return meta.output_tensor_meta(i); }, out); error != Error::Ok) {
      return error;
    }
  }
  return Error::Ok;
}

Error describe(const Program& program, std::string& description) {
  Writer out;
  out.number(static_cast<int64_t>(program.num_methods()));
  for (size_t i = 0; i < program.num_methods(); i++) {
    auto name = program.get_method_name(i);
    if (!name.ok()) {
      return name.error();
    }
    auto meta = program.method_meta(*name);
    if (!meta.ok()) {
      return meta.error();
    }
    if (Error error = describe_method(*meta, out); error != Error::Ok) {
      return error;
    }
  }
  description = out.take();
  return Error::Ok;
}

Error load_data(const char* paths, int count, int mode, LoadedProgram& out) {
  std::vector<const NamedDataMap*> maps;
  for (int i = 0; i < count; i++, paths += std::strlen(paths) + 1) {
    std::unique_ptr<DataLoader> loader;
    if (Error error = open_loader(paths, mode, loader); error != Error::Ok) {
      return error;
    }
    auto map = FlatTensorDataMap::load(loader.get());
    if (!map.ok()) {
      return map.error();
    }
    out.data_loaders.push_back(std::move(loader));
    out.data_maps.push_back(std::make_unique<FlatTensorDataMap>(std::move(map.get())));
    maps.push_back(out.data_maps.back().get());
  }
  if (maps.empty()) {
    return Error::Ok;
  }
  auto merged = MergedDataMap::load(Span<const NamedDataMap*>(maps.data(), maps.size()));
  if (!merged.ok()) {
    return merged.error();
  }
  out.merged_data.emplace(std::move(merged.get()));
  return Error::Ok;
}

Error load(const char* path, const char* data_paths, int n_data, int mode, LoadedProgram& out) {
  if (Error error = open_loader(path, mode, out.loader); error != Error::Ok) {
    return error;
  }
  auto program = Program::load(out.loader.get(), Program::Verification::InternalConsistency);
  if (!program.ok()) {
    return program.error();
  }
  out.program = std::make_unique<Program>(std::move(program.get()));
  if (Error error = describe(*out.program, out.description); error != Error::Ok) {
    return error;
  }
  return load_data(data_paths, n_data, mode, out);
}

} // namespace
} // namespace bridge

int et_program_open(const char* path, const char* data_paths, int n_data, int load_mode, int64_t* out) {
  return bridge::guarded([&] {
    auto loaded = std::make_shared<bridge::LoadedProgram>();
    const auto error = bridge::load(path, data_paths, n_data, load_mode, *loaded);
    if (error == bridge::Error::Ok) {
      out[1] = et_address(loaded->description.data());
      out[2] = static_cast<int64_t>(loaded->description.size());
      out[0] = et_address(new EtProgram{std::move(loaded)});
    }
    return error;
  });
}

void et_program_close(EtProgram* program) {
  bridge::guarded([&] {
    delete program;
    return bridge::Error::Ok;
  });
}
