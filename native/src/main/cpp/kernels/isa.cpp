#include "isa.h"

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace {

int supported_level() {
#if defined(__x86_64__)
  // These checks also ask whether the operating system saves the wide registers.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    return avx512 ? ET_KERNELS_AVX512 : ET_KERNELS_AVX2;
  }
#endif
  return ET_KERNELS_PLAIN;
}

int lowered_to_supported(int level) {
  const int best = supported_level();
  return level < ET_KERNELS_PLAIN ? ET_KERNELS_PLAIN : (level > best ? best : level);
}

int initial_level() {
  const char* wanted = std::getenv("ET_KERNELS_ISA");
  if (wanted != nullptr && std::strcmp(wanted, "plain") == 0) {
    return ET_KERNELS_PLAIN;
  }
  if (wanted != nullptr && std::strcmp(wanted, "avx2") == 0) {
    return lowered_to_supported(ET_KERNELS_AVX2);
  }
  return supported_level();
}

std::atomic<int>& level() {
  static std::atomic<int> current{initial_level()};
  return current;
}

} // namespace

int et_kernels_isa(void) {
  return level().load(std::memory_order_relaxed);
}

int et_kernels_set_isa(int wanted) {
  level().store(lowered_to_supported(wanted), std::memory_order_relaxed);
  return et_kernels_isa();
}

bool et_kernels_has_vnni(void) {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx512vnni");
  return has;
#else
  return false;
#endif
}
