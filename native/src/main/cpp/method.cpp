#include "et_bridge.h"
#include "log.h"
#include "pages.h"
#include "planned_memory.h"
#include "program.h"
#include "threads.h"
#include "trace.h"
#include "value.h"

#include <executorch/extension/memory_allocator/malloc_memory_allocator.h>
#include <executorch/runtime/backend/backend_options_map.h>
#include <executorch/runtime/core/hierarchical_allocator.h>
#include <executorch/runtime/executor/memory_manager.h>
#include <executorch/runtime/executor/method.h>

#include <cstring>

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

constexpr size_t kXnnpackOptions = 4;

// An output that the program left without memory gets some of ours.
struct UnplannedOutput {
  size_t index;
  PlannedMemory memory;
};

} // namespace
} // namespace bridge

struct EtMethod {
  std::shared_ptr<const bridge::LoadedProgram> program;
  bool inline_threads = false;
  bridge::MallocMemoryAllocator allocator;
  bridge::MallocMemoryAllocator temporary;
  std::vector<std::shared_ptr<bridge::PlannedMemory>> planned;
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

// The buffer that exporters plan for mutable state that several methods share (mem_id 2).
constexpr size_t kSharedState = 1;

// Whether a method can take over the mutable state of another one of its module.
Error check_sharing(const MethodMeta& meta, const EtMethod& other) {
  auto size = meta.memory_planned_buffer_size(kSharedState);
  if (size.ok() && other.planned.size() > kSharedState && other.planned[kSharedState]->size() == size_t(*size)) {
    return Error::Ok;
  }
  ET_LOG(Error, "The methods do not share their mutable state: export them with share_mutable_buffers");
  return Error::InvalidProgram;
}

Error plan(const MethodMeta& meta, const EtMethod* sharing, EtMethod& out) {
  if (sharing != nullptr) {
    if (Error error = check_sharing(meta, *sharing); error != Error::Ok) {
      return error;
    }
  }
  for (size_t i = 0; i < meta.num_memory_planned_buffers(); i++) {
    auto size = meta.memory_planned_buffer_size(i);
    if (!size.ok()) {
      return size.error();
    }
    const bool shared = sharing != nullptr && i == kSharedState;
    out.planned.push_back(shared ? sharing->planned[i] : std::make_shared<PlannedMemory>(static_cast<size_t>(*size)));
  }
  for (const auto& buffer : out.planned) {
    out.planned_spans.emplace_back(buffer->data(), buffer->size());
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
      out.unplanned.push_back({i, PlannedMemory(info->nbytes())});
    }
  }
  return Error::Ok;
}

Error load(
    const char* name,
    BackendOptions<kXnnpackOptions>& xnnpack,
    bool inline_threads,
    EtTrace* trace,
    const EtMethod* sharing,
    EtMethod& out) {
  auto meta = out.program->program->method_meta(name);
  if (!meta.ok()) {
    return meta.error();
  }
  if (Error error = check_inputs(*meta); error != Error::Ok) {
    return error;
  }
  if (Error error = plan(*meta, sharing, out); error != Error::Ok) {
    return error;
  }
  LoadBackendOptionsMap backends;
  if (Error error = backends.set_options("XnnpackBackend", xnnpack.view()); error != Error::Ok) {
    return error;
  }
  out.inline_threads = inline_threads;
  ThreadScope threads(inline_threads);
  auto method = out.program->program->load_method(
      name, &*out.memory, trace == nullptr ? nullptr : &trace->generator, out.program->data(), &backends);
  if (!method.ok()) {
    return method.error();
  }
  out.method.emplace(std::move(method.get()));
  for (const auto& buffer : out.planned) {
    buffer->keep();
  }
  out.inputs.resize(out.method->inputs_size());
  out.input_values.resize(out.inputs.size());
  out.outputs.resize(out.method->outputs_size());
  out.output_lists.resize(out.outputs.size());
  return Error::Ok;
}

Error set_options(int workspace_sharing, bool weight_cache, const char* packed_cache, BackendOptions<kXnnpackOptions>& out) {
  Error error = out.set_option("workspace_sharing_mode", workspace_sharing);
  if (error == Error::Ok) {
    error = out.set_option("weight_cache_enabled", weight_cache);
  }
  if (error != Error::Ok || *packed_cache == 0) {
    return error;
  }
  if (std::strlen(packed_cache) >= executorch::runtime::kMaxOptionValueLength) {
    ET_LOG(
        Error,
        "The path of the packed weights has more than %zu bytes",
        executorch::runtime::kMaxOptionValueLength - 1);
    return Error::InvalidArgument;
  }
  error = out.set_option("packed_cache_path", packed_cache);
  return error == Error::Ok ? out.set_option("save_weight_cache_on_disk", true) : error;
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

int et_method_load(
    EtProgram* program,
    const char* name,
    int inline_threads,
    int workspace_sharing,
    int weight_cache,
    const char* packed_cache,
    EtTrace* trace,
    const EtMethod* sharing,
    int64_t* out) {
  return bridge::guarded([&] {
    auto method = std::make_unique<EtMethod>();
    method->program = program->loaded;
    bridge::BackendOptions<bridge::kXnnpackOptions> xnnpack;
    auto error = bridge::set_options(workspace_sharing, weight_cache != 0, packed_cache, xnnpack);
    if (error == bridge::Error::Ok) {
      error = bridge::load(name, xnnpack, inline_threads != 0, trace, sharing, *method);
    }
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

int et_method_execute_paged(EtMethod* method, EtPages* pages, const int32_t* step, int64_t words) {
  return bridge::guarded([&] {
    if (!et_kernels::read_step(step, words, pages->pages, pages->step)) {
      return bridge::Error::InvalidArgument;
    }
    et_kernels::StepScope scope(pages->step);
    return bridge::execute(*method);
  });
}

void et_method_restore(EtMethod* method) {
  bridge::guarded([&] {
    for (const auto& buffer : method->planned) {
      buffer->restore();
    }
    return bridge::Error::Ok;
  });
}

void et_method_close(EtMethod* method) {
  bridge::guarded([&] {
    delete method;
    return bridge::Error::Ok;
  });
}
