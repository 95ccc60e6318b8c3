// Compiled for the platform's baseline: the compiler's own vectors of four floats become SSE2 or NEON.
#include "attention_memory.h"
#include "paged_memory.h"

namespace {

struct Plain {
  static constexpr int64_t kLanes = 4;
#if defined(__aarch64__) // not tested yet: platforms.tsv
  static constexpr int kRows = 8;
  static constexpr int kRegisters = 32;
#else
  static constexpr int kRows = 6;
  static constexpr int kRegisters = 16;
#endif

  typedef float Floats __attribute__((vector_size(16)));
  typedef int32_t Ints __attribute__((vector_size(16)));
  typedef uint16_t Shorts __attribute__((vector_size(8)));
  typedef int8_t Bytes __attribute__((vector_size(4)));

  Floats v;

  static Plain load(const float* from) {
    Plain x;
    __builtin_memcpy(&x.v, from, sizeof(x.v));
    return x;
  }
  static Plain load(const uint16_t* bfloat16) {
    Shorts x;
    __builtin_memcpy(&x, bfloat16, sizeof(x));
    return {(Floats)(__builtin_convertvector(x, Ints) << 16)};
  }
  static Plain load(const int8_t* from) {
    Bytes x;
    __builtin_memcpy(&x, from, sizeof(x));
    return {__builtin_convertvector(__builtin_convertvector(x, Ints), Floats)};
  }
  static void store(float* to, Plain x) {
    __builtin_memcpy(to, &x.v, sizeof(x.v));
  }
  static Plain broadcast(float x) {
    return {Floats{x, x, x, x}};
  }
  static Plain add(Plain a, Plain b) {
    return {a.v + b.v};
  }
  static Plain sub(Plain a, Plain b) {
    return {a.v - b.v};
  }
  static Plain mul(Plain a, Plain b) {
    return {a.v * b.v};
  }
  static Plain div(Plain a, Plain b) {
    return {a.v / b.v};
  }
  /// Rounded once or twice, as the platform's baseline has it, but everywhere alike.
  static Plain fma(Plain a, Plain b, Plain c) {
    return {a.v * b.v + c.v};
  }
  /// The bits of `a` where `lanes` is all ones, those of `b` where it is zero.
  static Plain select(Ints lanes, Plain a, Plain b) {
    return {(Floats)((lanes & (Ints)a.v) | (~lanes & (Ints)b.v))};
  }
  /// The second where the first is NaN.
  static Plain max(Plain a, Plain b) {
    return select(a.v > b.v, a, b);
  }
  static Plain round(Plain a) {
    const Floats magic = broadcast(12582912.0f).v; // 1.5 * 2^23: its unit in the last place is 1
    return {(a.v + magic) - magic};
  }
  /// For normal results only: adds n to the exponent. What is no exponent (NaN, or far too low) leaves `a` as it is.
  static Plain scale_by_power(Plain a, Plain n) {
    const Plain whole = select(n.v > broadcast(-200).v, n, broadcast(0));
    const Ints exponent = __builtin_convertvector(whole.v, Ints) * (1 << 23);
    return {(Floats)((Ints)a.v + exponent)};
  }
  static Plain zero_below(Plain x, float limit, Plain otherwise) {
    return select(x.v < broadcast(limit).v, broadcast(0), otherwise);
  }
  static Ints first_lanes(int64_t n) {
    const int32_t count = n >= kLanes ? int32_t(kLanes) : int32_t(n);
    return Ints{0, 1, 2, 3} < Ints{count, count, count, count};
  }
  static Plain load_first(const float* from, int64_t n) {
    float lanes[kLanes] = {};
    for (int64_t i = 0; i < kLanes && i < n; ++i) {
      lanes[i] = from[i];
    }
    return load(lanes);
  }
  static Plain keep_first(Plain x, int64_t n, float rest) {
    return select(first_lanes(n), x, broadcast(rest));
  }
  static float first(Plain x) {
    return x.v[0];
  }
  static float reduce_max(Plain x) {
    const float low = x.v[0] > x.v[1] ? x.v[0] : x.v[1];
    const float high = x.v[2] > x.v[3] ? x.v[2] : x.v[3];
    return low > high ? low : high;
  }
  static float reduce_add(Plain x) {
    return (x.v[0] + x.v[1]) + (x.v[2] + x.v[3]);
  }

  /// Four columns of kLanes rows, each column to one vector.
  static void transpose4(const float* from, int64_t stride, float* to) {
    for (int column = 0; column < 4; ++column) {
      const float* row = from + column;
      store(to + column * kLanes, {Floats{row[0], row[stride], row[2 * stride], row[3 * stride]}});
    }
  }
};

} // namespace

namespace et_kernels {
const AttentionKernels kPlainAttention = attention_of<Plain>();
const PagedKernelsByType kPlainPaged = paged_of<Plain>();
} // namespace et_kernels
