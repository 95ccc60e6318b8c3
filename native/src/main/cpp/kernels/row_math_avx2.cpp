// Compiled with -mavx2; run only where isa.h says so.
#if defined(__x86_64__)

#define ROW_MATH_BYTES 32
#include "row_math.h"

namespace et_kernels {
const RowKernels kAvx2Rows = kRowMath;
} // namespace et_kernels

#endif
