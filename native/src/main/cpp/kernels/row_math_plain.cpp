// Compiled for the platform's baseline: vectors of four floats become SSE2 or NEON.
#define ROW_MATH_BYTES 16
#include "row_math.h"

namespace et_kernels {
const RowKernels kPlainRows = kRowMath;
} // namespace et_kernels
