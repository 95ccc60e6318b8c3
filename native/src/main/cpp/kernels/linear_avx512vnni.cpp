// Compiled with -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mfma; run only where isa.h says so.
#if defined(__x86_64__)

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own _mm512_undefined_ps; the other levels compile the same algorithm with the warnings on.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include "linear_rows.h"

namespace et_kernels {
namespace {

constexpr int64_t kAhead = 2048; // bytes that weights are fetched ahead: further than a memory page's rest

RowScale quantize(const float* row, int64_t size, uint8_t* to, int64_t group_stride) {
  __m512 low = _mm512_setzero_ps(), high = low, poison = low;
  const __m512 zero = low;
  int64_t i = 0;
  for (; i < size; i += 16) {
    const __mmask16 some = size - i >= 16 ? __mmask16(0xffff) : __mmask16((1u << (size - i)) - 1);
    const __m512 x = _mm512_maskz_loadu_ps(some, row + i);
    low = _mm512_min_ps(low, x);
    high = _mm512_max_ps(high, x);
    poison = _mm512_fmadd_ps(x, zero, poison); // stays zero but for infinities and NaNs
  }
  const bool finite = _mm512_cmp_ps_mask(poison, zero, _CMP_EQ_OQ) == 0xffff;
  const RowQuantizer quantizer(_mm512_reduce_min_ps(low), _mm512_reduce_max_ps(high), finite);
  int64_t done = 0;
  if (finite && quantizer.factor > 0) {
    const __m512 factor = _mm512_set1_ps(quantizer.factor);
    const __m512i offset = _mm512_set1_epi32(quantizer.row.zero);
    for (; done + 16 <= size; done += 16) {
      const __m512i rounded = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(row + done), factor));
      const __m512i byte = _mm512_max_epi32(_mm512_add_epi32(rounded, offset), _mm512_setzero_si512());
      uint8_t* target = to + done / kGroupInputs * group_stride + done % kGroupInputs;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(target), _mm512_cvtusepi32_epi8(byte));
    }
  }
  quantize_rest(quantizer, row, done, size, to, group_stride);
  return quantizer.row;
}

__m512i four_bytes(const uint8_t* bytes) {
  int32_t four;
  std::memcpy(&four, bytes, sizeof(four));
  return _mm512_set1_epi32(four);
}

/// Results lie far apart, a line or two a row: asked for when a tile begins, they are there when it ends.
void fetch_results(const LinearTile& tile) {
  for (int64_t row = 0; row < tile.rows; ++row) {
    const char* to = reinterpret_cast<const char*>(tile.out + row * tile.out_stride);
    _mm_prefetch(to, _MM_HINT_T0);
    _mm_prefetch(to + 64, _MM_HINT_T0);
  }
}

/// As _mm512_dpbusd_epi32. GCC 12 copies the sums of that from register to register and to memory, this it does not.
void add_products(__m512i& sums, __m512i bytes, __m512i weights) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(bytes), "v"(weights));
}

__m512 widen(const uint8_t* bfloat16) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bfloat16));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

struct Channels { // which of a panel's channels are stored
  __mmask16 low, high;

  explicit Channels(int64_t count)
      : low(count >= 16 ? 0xffff : __mmask16((1u << count) - 1)),
        high(count >= 32 ? 0xffff : (count > 16 ? __mmask16((1u << (count - 16)) - 1) : 0)) {}

  void store(float* to, __m512 first, __m512 second) const {
    _mm512_mask_storeu_ps(to, low, first);
    _mm512_mask_storeu_ps(to + 16, high, second);
  }
};

/// A tile of `Rows` rows. All loops over rows are unrolled, or else the sums do not stay in registers.
template <int Rows>
void rows4(const LinearTile& tile) {
  fetch_results(tile);
  alignas(64) float sums[Rows * kPanelChannels];
  const float* tail = reinterpret_cast<const float*>(tile.panel + tile.groups * kGroupBytes4);
  for (int r = 0; r < Rows; ++r) {
    const __m512 zero = _mm512_set1_ps(-static_cast<float>(tile.scales[r].zero));
    _mm512_store_ps(sums + r * kPanelChannels, _mm512_mul_ps(zero, _mm512_loadu_ps(tail)));
    _mm512_store_ps(sums + r * kPanelChannels + 16, _mm512_mul_ps(zero, _mm512_loadu_ps(tail + 16)));
  }
  const __m512i upper = _mm512_set1_epi8(char(0xf0));
  const uint8_t* bytes = tile.bytes;
  const uint8_t* group = tile.panel;
  for (int64_t g = 0; g < tile.groups; ++g, bytes += Rows * kGroupInputs, group += kGroupBytes4) {
    __m512i low[Rows], high[Rows];
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      low[r] = high[r] = _mm512_setzero_si512();
    }
#pragma GCC unroll 2
    for (int64_t quad = 0; quad < kQuads; ++quad) {
      _mm_prefetch(reinterpret_cast<const char*>(group + kAhead + quad * 64), _MM_HINT_T0);
      const __m512i halves = _mm512_loadu_si512(group + quad * 64);
      const __m512i low_weights = _mm512_and_si512(_mm512_slli_epi32(halves, 4), upper);
      const __m512i high_weights = _mm512_and_si512(halves, upper);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const __m512i four = four_bytes(bytes + r * kGroupInputs + quad * 4);
        add_products(low[r], four, low_weights);
        add_products(high[r], four, high_weights);
      }
    }
    const __m512 low_scale = widen(group + kQuads * 64), high_scale = widen(group + kQuads * 64 + 32);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      float* sum = sums + r * kPanelChannels;
      _mm512_store_ps(sum, _mm512_fmadd_ps(_mm512_cvtepi32_ps(low[r]), low_scale, _mm512_load_ps(sum)));
      _mm512_store_ps(
          sum + 16, _mm512_fmadd_ps(_mm512_cvtepi32_ps(high[r]), high_scale, _mm512_load_ps(sum + 16)));
    }
  }
  const Channels channels(tile.channels);
  for (int r = 0; r < Rows; ++r) {
    const __m512 scale = _mm512_set1_ps(tile.scales[r].scale);
    const float* sum = sums + r * kPanelChannels;
    channels.store(
        tile.out + r * tile.out_stride, _mm512_fmadd_ps(_mm512_load_ps(sum), scale, _mm512_loadu_ps(tail + 32)),
        _mm512_fmadd_ps(_mm512_load_ps(sum + 16), scale, _mm512_loadu_ps(tail + 48)));
  }
}

/// A tile of `Rows` rows; `Chains` sums a result keep the multipliers busy where there are few rows.
template <int Rows, int Chains>
void rows8(const LinearTile& tile) {
  fetch_results(tile);
  __m512i low[Chains][Rows], high[Chains][Rows];
#pragma GCC unroll 4
  for (int c = 0; c < Chains; ++c) {
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      low[c][r] = high[c][r] = _mm512_setzero_si512();
    }
  }
  const uint8_t* bytes = tile.bytes;
  const uint8_t* weights = tile.panel;
  for (int64_t g = 0; g < tile.groups; ++g, bytes += Rows * kGroupInputs, weights += kGroupBytes8) {
#pragma GCC unroll 1
    for (int64_t first = 0; first < kQuads; first += Chains) {
#pragma GCC unroll 4
      for (int c = 0; c < Chains; ++c) {
        const int64_t quad = first + c;
        _mm_prefetch(reinterpret_cast<const char*>(weights + kAhead + quad * 128), _MM_HINT_T0);
        _mm_prefetch(reinterpret_cast<const char*>(weights + kAhead + quad * 128 + 64), _MM_HINT_T0);
        const __m512i low_weights = _mm512_loadu_si512(weights + quad * 128);
        const __m512i high_weights = _mm512_loadu_si512(weights + quad * 128 + 64);
#pragma GCC unroll 16
        for (int r = 0; r < Rows; ++r) {
          const __m512i four = four_bytes(bytes + r * kGroupInputs + quad * 4);
          add_products(low[c][r], four, low_weights);
          add_products(high[c][r], four, high_weights);
        }
      }
    }
  }
  const Channels channels(tile.channels);
  const float* tail = reinterpret_cast<const float*>(weights); // the first are integers
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int c = 1; c < Chains; ++c) {
      low[0][r] = _mm512_add_epi32(low[0][r], low[c][r]);
      high[0][r] = _mm512_add_epi32(high[0][r], high[c][r]);
    }
    const RowScale& row = tile.scales[r];
    const __m512 scale = _mm512_set1_ps(row.scale);
    const auto result = [&](__m512i dot, int64_t from) {
      const __m512i sum = _mm512_mullo_epi32(_mm512_set1_epi32(row.zero), _mm512_loadu_si512(tail + from));
      const __m512 exact = _mm512_cvtepi32_ps(_mm512_sub_epi32(dot, sum));
      return _mm512_fmadd_ps(
          _mm512_mul_ps(exact, _mm512_loadu_ps(tail + 32 + from)), scale, _mm512_loadu_ps(tail + 64 + from));
    };
    channels.store(tile.out + r * tile.out_stride, result(low[0][r], 0), result(high[0][r], 16));
  }
}

template <int Rows>
void rows8(const LinearTile& tile) {
  rows8<Rows, (Rows <= 2 ? 4 : (Rows <= 5 ? 2 : 1))>(tile);
}

template <int Rows, bool FourBits>
void tile_of(const LinearTile& tile) {
  if (tile.rows == Rows) {
    (FourBits ? rows4<Rows> : rows8<Rows>)(tile);
  } else if constexpr (Rows > 1) {
    tile_of<Rows - 1, FourBits>(tile);
  }
}

} // namespace

const LinearKernels kVnniLinear = {quantize, tile_of<kMostTileRows, true>, tile_of<kMostTileRows, false>};

} // namespace et_kernels

#endif
