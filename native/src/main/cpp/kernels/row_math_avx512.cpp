// Compiled with -mavx512f -mavx512bw -mavx512vl -mavx512dq; run only where isa.h says so.
#if defined(__x86_64__)

#define ROW_MATH_BYTES 64
#include "row_math.h"

namespace et_kernels {
const RowKernels kAvx512Rows = kRowMath;
} // namespace et_kernels

#endif
