// Compiled with -mavx2 -mfma; run only where isa.h says so.
#if defined(__x86_64__)

#include <immintrin.h>

#include "attention_memory.h"
#include "paged_memory.h"

namespace {

struct Avx2 {
  static constexpr int64_t kLanes = 8;
  static constexpr int kRows = 6;
  static constexpr int kRegisters = 16;

  __m256 v;

  static Avx2 load(const float* from) {
    return {_mm256_loadu_ps(from)};
  }
  static Avx2 load(const uint16_t* bfloat16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bfloat16));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16))};
  }
  static Avx2 load(const int8_t* from) {
    const __m128i x = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(x))};
  }
  static void store(float* to, Avx2 x) {
    _mm256_storeu_ps(to, x.v);
  }
  static Avx2 broadcast(float x) {
    return {_mm256_set1_ps(x)};
  }
  static Avx2 add(Avx2 a, Avx2 b) {
    return {_mm256_add_ps(a.v, b.v)};
  }
  static Avx2 sub(Avx2 a, Avx2 b) {
    return {_mm256_sub_ps(a.v, b.v)};
  }
  static Avx2 mul(Avx2 a, Avx2 b) {
    return {_mm256_mul_ps(a.v, b.v)};
  }
  static Avx2 div(Avx2 a, Avx2 b) {
    return {_mm256_div_ps(a.v, b.v)};
  }
  static Avx2 fma(Avx2 a, Avx2 b, Avx2 c) {
    return {_mm256_fmadd_ps(a.v, b.v, c.v)};
  }
  /// The second where the first is NaN.
  static Avx2 max(Avx2 a, Avx2 b) {
    return {_mm256_max_ps(a.v, b.v)};
  }
  static Avx2 round(Avx2 a) {
    return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
  }
  /// For normal results only: adds n to the exponent.
  static Avx2 scale_by_power(Avx2 a, Avx2 n) {
    const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(n.v), 23);
    return {_mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a.v), exponent))};
  }
  static Avx2 zero_below(Avx2 x, float limit, Avx2 otherwise) {
    return {_mm256_andnot_ps(_mm256_cmp_ps(x.v, _mm256_set1_ps(limit), _CMP_LT_OQ), otherwise.v)};
  }
  static __m256i first_lanes(int64_t n) {
    const int count = n >= kLanes ? int(kLanes) : int(n);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Avx2 load_first(const float* from, int64_t n) {
    return {_mm256_maskload_ps(from, first_lanes(n))};
  }
  static Avx2 keep_first(Avx2 x, int64_t n, float rest) {
    return {_mm256_blendv_ps(_mm256_set1_ps(rest), x.v, _mm256_castsi256_ps(first_lanes(n)))};
  }
  static float first(Avx2 x) {
    return _mm256_cvtss_f32(x.v);
  }
  static float reduce_max(Avx2 x) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
  }
  static float reduce_add(Avx2 x) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
  }

  /// Four columns of kLanes rows, each column to one vector.
  static void transpose4(const float* from, int64_t stride, float* to) {
    __m256 row[4]; // the halves of row[i] hold rows i and 4 + i
    for (int i = 0; i < 4; ++i) {
      row[i] = _mm256_castps128_ps256(_mm_loadu_ps(from + i * stride));
      row[i] = _mm256_insertf128_ps(row[i], _mm_loadu_ps(from + (4 + i) * stride), 1);
    }
    const __m256d low01 = _mm256_castps_pd(_mm256_unpacklo_ps(row[0], row[1]));
    const __m256d low23 = _mm256_castps_pd(_mm256_unpacklo_ps(row[2], row[3]));
    const __m256d high01 = _mm256_castps_pd(_mm256_unpackhi_ps(row[0], row[1]));
    const __m256d high23 = _mm256_castps_pd(_mm256_unpackhi_ps(row[2], row[3]));
    _mm256_storeu_ps(to, _mm256_castpd_ps(_mm256_unpacklo_pd(low01, low23)));
    _mm256_storeu_ps(to + 8, _mm256_castpd_ps(_mm256_unpackhi_pd(low01, low23)));
    _mm256_storeu_ps(to + 16, _mm256_castpd_ps(_mm256_unpacklo_pd(high01, high23)));
    _mm256_storeu_ps(to + 24, _mm256_castpd_ps(_mm256_unpackhi_pd(high01, high23)));
  }
};

} // namespace

namespace et_kernels {
const AttentionKernels kAvx2Attention = attention_of<Avx2>();
const PagedKernelsByType kAvx2Paged = paged_of<Avx2>();
} // namespace et_kernels

#endif
