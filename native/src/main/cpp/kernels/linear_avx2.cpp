// Compiled with -mavx2 -mfma; run only where isa.h says so.
#if defined(__x86_64__)

#include <immintrin.h>

#include "linear_rows.h"

namespace et_kernels {
namespace {

constexpr int kMostRows = 4; // rows whose sums stay in registers

__m256i load(const uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

float reduce(__m256 x, __m128 (*of)(__m128, __m128)) {
  const __m128 four = of(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  const __m128 two = of(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(of(two, _mm_shuffle_ps(two, two, 1)));
}

__m128 smaller(__m128 a, __m128 b) {
  return _mm_min_ps(a, b);
}

__m128 larger(__m128 a, __m128 b) {
  return _mm_max_ps(a, b);
}

RowScale quantize(const float* row, int64_t size, uint8_t* to, int64_t group_stride) {
  __m256 low = _mm256_setzero_ps(), high = low, poison = low;
  const __m256 zero = low;
  int64_t i = 0;
  for (; i + 8 <= size; i += 8) {
    const __m256 x = _mm256_loadu_ps(row + i);
    low = _mm256_min_ps(low, x);
    high = _mm256_max_ps(high, x);
    poison = _mm256_fmadd_ps(x, zero, poison); // stays zero but for infinities and NaNs
  }
  float lowest = reduce(low, smaller), highest = reduce(high, larger);
  bool finite = _mm256_movemask_ps(_mm256_cmp_ps(poison, zero, _CMP_EQ_OQ)) == 0xff;
  for (; i < size; ++i) {
    lowest = row[i] < lowest ? row[i] : lowest;
    highest = row[i] > highest ? row[i] : highest;
    finite = finite && std::isfinite(row[i]);
  }
  const RowQuantizer quantizer(lowest, highest, finite);
  int64_t done = 0;
  if (quantizer.factor > 0) {
    const __m256 factor = _mm256_set1_ps(quantizer.factor);
    const __m256i offset = _mm256_set1_epi32(quantizer.row.zero);
    for (; done + 8 <= size; done += 8) {
      const __m256i rounded = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(row + done), factor));
      const __m256i number = _mm256_add_epi32(rounded, offset);
      const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(number), _mm256_extracti128_si256(number, 1));
      uint8_t* target = to + done / kGroupInputs * group_stride + done % kGroupInputs;
      _mm_storel_epi64(reinterpret_cast<__m128i*>(target), _mm_packus_epi16(words, words));
    }
  }
  quantize_rest(quantizer, row, done, size, to, group_stride);
  return quantizer.row;
}

__m256i four_bytes(const uint8_t* bytes) {
  int32_t four;
  std::memcpy(&four, bytes, sizeof(four));
  return _mm256_set1_epi32(four);
}

__m256i first_lanes(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(int(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/// Stores what the layer has of the eight channels from `channel` on.
void store(const LinearTile& tile, int64_t row, int64_t channel, __m256 result) {
  if (channel < tile.channels) {
    const int64_t left = tile.channels - channel;
    _mm256_maskstore_ps(tile.out + row * tile.out_stride + channel, first_lanes(left < 8 ? left : 8), result);
  }
}

__m256 widen(const uint8_t* bfloat16) {
  const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bfloat16));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}

/// 16 times the dots of four inputs' sums in pairs, as floats. Eight pairs of products of at most 255 * 8 fit 16 bits.
__m256 sixteenfold(__m256i pairs) {
  return _mm256_cvtepi32_ps(_mm256_slli_epi32(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)), 4));
}

/// Adds a group to the sums of `Rows` rows, for channels `first` to `first + 7` and those 16 after them.
template <int Rows>
void add_group4(const uint8_t* bytes, const uint8_t* group, int64_t first, float* sums) {
  const __m256i half = _mm256_set1_epi8(0x0f);
  const __m256i value = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1));
  __m256i low[Rows], high[Rows];
  for (int r = 0; r < Rows; ++r) {
    low[r] = high[r] = _mm256_setzero_si256();
  }
#pragma GCC unroll 8
  for (int64_t quad = 0; quad < kQuads; ++quad) {
    const __m256i packed = load(group + quad * 64 + first * 4);
    const __m256i low_weights = _mm256_shuffle_epi8(value, _mm256_and_si256(packed, half));
    const __m256i high_weights = _mm256_shuffle_epi8(value, _mm256_and_si256(_mm256_srli_epi16(packed, 4), half));
    for (int r = 0; r < Rows; ++r) {
      const __m256i four = four_bytes(bytes + r * kGroupInputs + quad * 4);
      low[r] = _mm256_add_epi16(low[r], _mm256_maddubs_epi16(four, low_weights));
      high[r] = _mm256_add_epi16(high[r], _mm256_maddubs_epi16(four, high_weights));
    }
  }
  const uint8_t* scales = group + kQuads * 64 + first * 2;
  const __m256 low_scale = widen(scales), high_scale = widen(scales + 32);
  for (int r = 0; r < Rows; ++r, sums += kPanelChannels) {
    float* sum = sums + first;
    _mm256_storeu_ps(sum, _mm256_fmadd_ps(sixteenfold(low[r]), low_scale, _mm256_loadu_ps(sum)));
    _mm256_storeu_ps(sum + 16, _mm256_fmadd_ps(sixteenfold(high[r]), high_scale, _mm256_loadu_ps(sum + 16)));
  }
}

template <int Rows>
void rows4(const LinearTile& tile, int64_t first) {
  float sums[Rows * kPanelChannels];
  const float* tail = reinterpret_cast<const float*>(tile.panel + tile.groups * kGroupBytes4);
  for (int r = 0; r < Rows; ++r) {
    const __m256 zero = _mm256_set1_ps(-static_cast<float>(tile.scales[first + r].zero));
    for (int64_t channel = 0; channel < kPanelChannels; channel += 8) {
      _mm256_storeu_ps(sums + r * kPanelChannels + channel, _mm256_mul_ps(zero, _mm256_loadu_ps(tail + channel)));
    }
  }
  for (int64_t g = 0; g < tile.groups; ++g) {
    const uint8_t* bytes = tile.bytes + (g * tile.rows + first) * kGroupInputs;
    add_group4<Rows>(bytes, tile.panel + g * kGroupBytes4, 0, sums);
    add_group4<Rows>(bytes, tile.panel + g * kGroupBytes4, 8, sums);
  }
  for (int r = 0; r < Rows; ++r) {
    const __m256 scale = _mm256_set1_ps(tile.scales[first + r].scale);
    for (int64_t channel = 0; channel < kPanelChannels; channel += 8) {
      const __m256 sum = _mm256_loadu_ps(sums + r * kPanelChannels + channel);
      store(tile, first + r, channel, _mm256_fmadd_ps(sum, scale, _mm256_loadu_ps(tail + kPanelChannels + channel)));
    }
  }
}

/// `Rows` rows, eight channels from `channel` on. Products of 8 bits do not fit 16, so even and odd inputs go apart.
template <int Rows>
void rows8(const LinearTile& tile, int64_t first, int64_t channel) {
  __m256i dots[Rows];
  for (int r = 0; r < Rows; ++r) {
    dots[r] = _mm256_setzero_si256();
  }
  const __m256i even_bytes = _mm256_set1_epi16(0x00ff);
  const uint8_t* weights = tile.panel + channel * 4;
  for (int64_t g = 0; g < tile.groups; ++g) {
    const uint8_t* bytes = tile.bytes + (g * tile.rows + first) * kGroupInputs;
    for (int64_t quad = 0; quad < kQuads; ++quad, weights += 4 * kPanelChannels) {
      const __m256i packed = load(weights);
      const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(packed, 8), 8), odd = _mm256_srai_epi16(packed, 8);
      for (int r = 0; r < Rows; ++r) {
        const __m256i four = four_bytes(bytes + r * kGroupInputs + quad * 4);
        dots[r] = _mm256_add_epi32(dots[r], _mm256_madd_epi16(_mm256_and_si256(four, even_bytes), even));
        dots[r] = _mm256_add_epi32(dots[r], _mm256_madd_epi16(_mm256_srli_epi16(four, 8), odd));
      }
    }
  }
  const float* tail = reinterpret_cast<const float*>(tile.panel + tile.groups * kGroupBytes8) + channel;
  const __m256i weight_sums = load(reinterpret_cast<const uint8_t*>(tail));
  for (int r = 0; r < Rows; ++r) {
    const RowScale& row = tile.scales[first + r];
    const __m256i exact = _mm256_sub_epi32(dots[r], _mm256_mullo_epi32(_mm256_set1_epi32(row.zero), weight_sums));
    const __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(exact), _mm256_loadu_ps(tail + kPanelChannels));
    const __m256 bias = _mm256_loadu_ps(tail + 2 * kPanelChannels);
    store(tile, first + r, channel, _mm256_fmadd_ps(scaled, _mm256_set1_ps(row.scale), bias));
  }
}

template <int Rows>
void all_channels8(const LinearTile& tile, int64_t first) {
  for (int64_t channel = 0; channel < tile.channels; channel += 8) {
    rows8<Rows>(tile, first, channel);
  }
}

template <class Many, class One>
void by_rows(const LinearTile& tile, const Many& many, const One& one) {
  int64_t row = 0;
  for (; row + kMostRows <= tile.rows; row += kMostRows) {
    many(tile, row);
  }
  for (; row < tile.rows; ++row) {
    one(tile, row);
  }
}

void tile4(const LinearTile& tile) {
  by_rows(tile, rows4<kMostRows>, rows4<1>);
}

void tile8(const LinearTile& tile) {
  by_rows(tile, all_channels8<kMostRows>, all_channels8<1>);
}

} // namespace

const LinearKernels kAvx2Linear = {quantize, tile4, tile8};

} // namespace et_kernels

#endif
