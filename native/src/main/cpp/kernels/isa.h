#pragma once

/// The instruction sets the kernels are compiled for. The best one that the CPU has is chosen at first use, unless
/// the environment variable ET_KERNELS_ISA names a lower one: plain, avx2 or avx512.
#define ET_KERNELS_PLAIN 0
#define ET_KERNELS_AVX2 1
#define ET_KERNELS_AVX512 2

#define ET_KERNELS_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/// The level now in force.
ET_KERNELS_API int et_kernels_isa(void);

/// Forces a level, for tests and for comparing machines: results are bit-identical only within one level. A level
/// above what the CPU has is lowered to it. Returns the level now in force. Not meant to be called during execution.
ET_KERNELS_API int et_kernels_set_isa(int level);

/// Whether the CPU has the AVX-512 instructions that add up products of bytes.
bool et_kernels_has_vnni(void);

#ifdef __cplusplus
}
#endif
