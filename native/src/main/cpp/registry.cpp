#include "et_bridge.h"

#include <executorch/runtime/backend/interface.h>
#include <executorch/runtime/kernel/operator_registry.h>

#include <cstring>

// The registry's own question, registry_has_op_function, logs an error for each "no".
int et_has_kernel(const char* name) {
  for (const auto& kernel : executorch::runtime::get_registered_kernels()) {
    if (std::strcmp(kernel.name_, name) == 0) {
      return 1;
    }
  }
  return 0;
}

int et_has_backend(const char* name) {
  const auto* backend = executorch::runtime::get_backend_class(name);
  return backend != nullptr && backend->is_available() ? 1 : 0;
}
