// Compiled with -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma; run only where isa.h says so.
#if defined(__x86_64__)

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own _mm512_undefined_ps; the other levels compile the same algorithm with the warnings on.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include "attention_memory.h"
#include "paged_memory.h"

namespace {

struct Avx512 {
  static constexpr int64_t kLanes = 16;
  static constexpr int kRows = 8;
  static constexpr int kRegisters = 32;

  __m512 v;

  static Avx512 load(const float* from) {
    return {_mm512_loadu_ps(from)};
  }
  static Avx512 load(const uint16_t* bfloat16) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bfloat16));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16))};
  }
  static Avx512 load(const int8_t* from) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(x))};
  }
  static void store(float* to, Avx512 x) {
    _mm512_storeu_ps(to, x.v);
  }
  static Avx512 broadcast(float x) {
    return {_mm512_set1_ps(x)};
  }
  static Avx512 add(Avx512 a, Avx512 b) {
    return {_mm512_add_ps(a.v, b.v)};
  }
  static Avx512 sub(Avx512 a, Avx512 b) {
    return {_mm512_sub_ps(a.v, b.v)};
  }
  static Avx512 mul(Avx512 a, Avx512 b) {
    return {_mm512_mul_ps(a.v, b.v)};
  }
  static Avx512 div(Avx512 a, Avx512 b) {
    return {_mm512_div_ps(a.v, b.v)};
  }
  static Avx512 fma(Avx512 a, Avx512 b, Avx512 c) {
    return {_mm512_fmadd_ps(a.v, b.v, c.v)};
  }
  /// The second where the first is NaN.
  static Avx512 max(Avx512 a, Avx512 b) {
    return {_mm512_max_ps(a.v, b.v)};
  }
  static Avx512 round(Avx512 a) {
    return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  static Avx512 scale_by_power(Avx512 a, Avx512 n) {
    return {_mm512_scalef_ps(a.v, n.v)};
  }
  static Avx512 zero_below(Avx512 x, float limit, Avx512 otherwise) {
    return {_mm512_mask_mov_ps(
        otherwise.v, _mm512_cmp_ps_mask(x.v, _mm512_set1_ps(limit), _CMP_LT_OQ), _mm512_setzero_ps())};
  }
  static __mmask16 first_lanes(int64_t n) {
    return n >= kLanes ? __mmask16(0xffff) : __mmask16((1u << n) - 1);
  }
  static Avx512 load_first(const float* from, int64_t n) {
    return {_mm512_maskz_loadu_ps(first_lanes(n), from)};
  }
  static Avx512 keep_first(Avx512 x, int64_t n, float rest) {
    return {_mm512_mask_mov_ps(_mm512_set1_ps(rest), first_lanes(n), x.v)};
  }
  static float first(Avx512 x) {
    return _mm512_cvtss_f32(x.v);
  }
  static float reduce_max(Avx512 x) {
    return _mm512_reduce_max_ps(x.v);
  }
  static float reduce_add(Avx512 x) {
    return _mm512_reduce_add_ps(x.v);
  }

  /// Four columns of kLanes rows, each column to one vector.
  static void transpose4(const float* from, int64_t stride, float* to) {
    __m512 row[4]; // lane group g of row[i] holds row 4 g + i
    for (int i = 0; i < 4; ++i) {
      row[i] = _mm512_castps128_ps512(_mm_loadu_ps(from + i * stride));
      row[i] = _mm512_insertf32x4(row[i], _mm_loadu_ps(from + (4 + i) * stride), 1);
      row[i] = _mm512_insertf32x4(row[i], _mm_loadu_ps(from + (8 + i) * stride), 2);
      row[i] = _mm512_insertf32x4(row[i], _mm_loadu_ps(from + (12 + i) * stride), 3);
    }
    const __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(row[0], row[1]));
    const __m512d low23 = _mm512_castps_pd(_mm512_unpacklo_ps(row[2], row[3]));
    const __m512d high01 = _mm512_castps_pd(_mm512_unpackhi_ps(row[0], row[1]));
    const __m512d high23 = _mm512_castps_pd(_mm512_unpackhi_ps(row[2], row[3]));
    _mm512_storeu_ps(to, _mm512_castpd_ps(_mm512_unpacklo_pd(low01, low23)));
    _mm512_storeu_ps(to + 16, _mm512_castpd_ps(_mm512_unpackhi_pd(low01, low23)));
    _mm512_storeu_ps(to + 32, _mm512_castpd_ps(_mm512_unpacklo_pd(high01, high23)));
    _mm512_storeu_ps(to + 48, _mm512_castpd_ps(_mm512_unpackhi_pd(high01, high23)));
  }
};

} // namespace

namespace et_kernels {
const AttentionKernels kAvx512Attention = attention_of<Avx512>();
const PagedKernelsByType kAvx512Paged = paged_of<Avx512>();
} // namespace et_kernels

#endif
