// The operator that missing-operator.pte calls, as one with a bug: it ends the process that executes it.
#include <executorch/runtime/kernel/operator_registry.h>

#include <cstdlib>

namespace runtime = executorch::runtime;

static const runtime::Error registered = runtime::register_kernel(runtime::Kernel(
    "demo::unavailable.out", [](runtime::KernelRuntimeContext&, runtime::Span<runtime::EValue*>) { std::abort(); }));
