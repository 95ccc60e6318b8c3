#include "et_bridge.h"
#include "log.h"
#include "program.h"
#include "threads.h"
#include "trace.h"
#include "value.h"

#include <executorch/extension/memory_allocator/malloc_memory_allocator.h>
#include <executorch/runtime/backend/backend_options_map.h>
#include <executorch/runtime/core/hierarchical_allocator.h>
#include <executorch/runtime/executor/memory_manager.h>
#include <executorch/runtime/executor/method.h>

#include <cstdlib>

namespace bridge {
namespace {

using executorch::extension::MallocMemoryAllocator;
using executorch::runtime::BackendOptions;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using executorch::runtime::HierarchicalAllocator;
using executorch::runtime::LoadBackendOptionsMap;
using executorch::runtime::MemoryManager;
using executorch::runtime::Method;
using executorch::runtime::MethodMeta;
using executorch::runtime::Span;
using executorch::runtime::Tag;

// Zeroed memory aligned to a cache line; pages that nobody touches stay unallocated.
class Buffer final {
 public:
  explicit Buffer(size_t size)
      : size_(size), memory_(std::calloc(1, size + kAlignment), &std::free) {
    if (memory_ == nullptr) {
      ET_LOG(Error, "No memory for a planned buffer of %zu bytes", size);
      throw std::bad_alloc();
    }
  }
  uint8_t* data() const {
    const auto address = reinterpret_cast<uintptr_t>(memory_.get());
    return reinterpret_cast<uint8_t*>((address + kAlignment - 1) & ~(kAlignment - 1));
  }
  size_t size() const {
    return size_;
  }

 private:
  static constexpr uintptr_t kAlignment = 64;
  size_t size_;
  std::unique_ptr<void, decltype(&std::free)> memory_;
};

// An output that the program left without memory gets some of ours.
struct UnplannedOutput {
  size_t index;
  Buffer memory;
};

} // namespace
} // namespace bridge

struct EtMethod {
  std::shared_ptr<const bridge::LoadedProgram> program;
  bool inline_threads = false;
  bridge::MallocMemoryAllocator allocator;
  bridge::MallocMemoryAllocator temporary;
  std::vector<bridge::Buffer> planned;
  std::vector<bridge::Span<uint8_t>> planned_spans;
  std::optional<bridge::HierarchicalAllocator> planned_memory;
  std::optional<bridge::MemoryManager> memory;
  std::vector<bridge::UnplannedOutput> unplanned;
  std::vector<EtValue> inputs;
  std::vector<EtValue> outputs;
  std::vector<bridge::InputValue> input_values;
  std::vector<std::vector<EtValue>> output_lists;
  std::optional<bridge::Method> method; // last: freed before what it uses
};

namespace bridge {
namespace {

// Java writes tensors row by row only.
Error check_inputs(const MethodMeta& meta) {
  for (size_t i = 0; i < meta.num_inputs(); i++) {
    auto tag = meta.input_tag(i);
    if (!tag.ok() || *tag != Tag::Tensor) {
      continue;
    }
    auto info = meta.input_tensor_meta(i);
    if (!info.ok()) {
      return info.error();
    }
    const auto dim_order = info->dim_order();
    for (size_t j = 0; j < dim_order.size(); j++) {
      if (dim_order[j] != j) {
        ET_LOG(Error, "Input %zu is not in row-major order: export the program with contiguous inputs", i);
        return Error::NotSupported;
      }
    }
  }
  return Error::Ok;
}

Error plan(const MethodMeta& meta, EtMethod& out) {
  for (size_t i = 0; i < meta.num_memory_planned_buffers(); i++) {
    auto size = meta.memory_planned_buffer_size(i);
    if (!size.ok()) {
      return size.error();
    }
    out.planned.emplace_back(static_cast<size_t>(*size));
  }
  for (const Buffer& buffer : out.planned) {
    out.planned_spans.emplace_back(buffer.data(), buffer.size());
  }
  out.planned_memory.emplace(Span<Span<uint8_t>>(out.planned_spans.data(), out.planned_spans.size()));
  out.memory.emplace(&out.allocator, &*out.planned_memory, &out.temporary);
  for (size_t i = 0; i < meta.num_outputs(); i++) {
    auto tag = meta.output_tag(i);
    if (!tag.ok() || *tag != Tag::Tensor) {
      continue;
    }
    auto info = meta.output_tensor_meta(i);
    if (!info.ok()) {
      return info.error();
    }
    if (!info->is_memory_planned()) {
      out.unplanned.push_back({i, Buffer(info->nbytes())});
    }
  }
  return Error::Ok;
}

Error load(const char* name, const int64_t* options, EtTrace* trace, EtMethod& out) {
  auto meta = out.program->program->method_meta(name);
  if (!meta.ok()) {
    return meta.error();
  }
  if (Error error = check_inputs(*meta); error != Error::Ok) {
    return error;
  }
  if (Error error = plan(*meta, out); error != Error::Ok) {
    return error;
  }
  BackendOptions<2> xnnpack;
  LoadBackendOptionsMap backends;
  if (xnnpack.set_option("workspace_sharing_mode", static_cast<int>(options[1])) != Error::Ok ||
      xnnpack.set_option("weight_cache_enabled", options[2] != 0) != Error::Ok ||
      backends.set_options("XnnpackBackend", xnnpack.view()) != Error::Ok) {
    return Error::Internal;
  }
  out.inline_threads = options[0] != 0;
  ThreadScope threads(out.inline_threads);
  auto method = out.program->program->load_method(
      name, &*out.memory, trace == nullptr ? nullptr : &trace->generator, out.program->data(), &backends);
  if (!method.ok()) {
    return method.error();
  }
  out.method.emplace(std::move(method.get()));
  out.inputs.resize(out.method->inputs_size());
  out.input_values.resize(out.inputs.size());
  out.outputs.resize(out.method->outputs_size());
  out.output_lists.resize(out.outputs.size());
  return Error::Ok;
}

Error execute(EtMethod& m) {
  ThreadScope threads(m.inline_threads);
  for (const UnplannedOutput& output : m.unplanned) {
    Error error = m.method->set_output_data_ptr(output.memory.data(), output.memory.size(), output.index);
    if (error != Error::Ok) {
      return error;
    }
  }
  EValue value;
  for (size_t i = 0; i < m.inputs.size(); i++) {
    if (Error error = m.input_values[i].set(m.inputs[i], value); error != Error::Ok) {
      return error;
    }
    if (Error error = m.method->set_input(value, i); error != Error::Ok) {
      return error;
    }
  }
  if (Error error = m.method->execute(); error != Error::Ok) {
    return error;
  }
  for (size_t i = 0; i < m.outputs.size(); i++) {
    if (Error error = describe(m.method->get_output(i), m.outputs[i], m.output_lists[i]); error != Error::Ok) {
      return error;
    }
  }
  return Error::Ok;
}

} // namespace
} // namespace bridge

int et_method_load(EtProgram* program, const char* name, const int64_t* options, EtTrace* trace, int64_t* out) {
  return bridge::guarded([&] {
    auto method = std::make_unique<EtMethod>();
    method->program = program->loaded;
    const auto error = bridge::load(name, options, trace, *method);
    if (error == bridge::Error::Ok) {
      out[1] = et_address(method->inputs.data());
      out[2] = et_address(method->outputs.data());
      out[0] = et_address(method.release());
    }
    return error;
  });
}

int et_method_execute(EtMethod* method) {
  return bridge::guarded([&] { return bridge::execute(*method); });
}

void et_method_close(EtMethod* method) {
  bridge::guarded([&] {
    delete method;
    return bridge::Error::Ok;
  });
}
