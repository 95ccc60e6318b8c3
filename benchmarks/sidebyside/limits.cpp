// What this machine can do at most: reads of memory, and multiply-adds of f32 and of int8, on all given threads at once.
//   limits THREADS  ->  {"bandwidth": bytes/s, "f32": operations/s, "int8": operations/s}
// Each is the best of several short runs. A multiply-add is two operations; both kinds work in registers alone.
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace {

constexpr int kRuns = 7;
constexpr size_t kBufferBytes = size_t{256} << 20;  // of each thread: far more than its share of the caches
constexpr int kChains = 12;
constexpr int64_t kSteps = 60'000'000;

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#else
constexpr int kVectorBytes = 32;
#endif
using Floats = float __attribute__((vector_size(kVectorBytes)));
using Words = uint64_t __attribute__((vector_size(kVectorBytes), aligned(8)));

std::atomic<uint64_t> sink{0};

double read_memory(const std::vector<uint64_t>& buffer) {
  Words sums[4] = {};
  const size_t step = 4 * sizeof(Words) / sizeof(uint64_t);
  for (size_t i = 0; i + step <= buffer.size(); i += step) {
    const auto* words = reinterpret_cast<const Words*>(&buffer[i]);
    for (int k = 0; k < 4; k++) sums[k] += words[k];
  }
  sink += sums[0][0] + sums[1][1] + sums[2][2] + sums[3][3];
  return static_cast<double>(buffer.size() * sizeof(uint64_t));
}

// Twelve chains that do not wait for each other: enough to hide how long one multiply-add takes. The empty assembly keeps
// every result in its register and out of the compiler's sight.
template <typename Vector, typename Step>
void run_chains(Vector start, Step step) {
  Vector a = start, b = start, c = start, d = start, e = start, f = start;
  Vector g = start, h = start, i = start, j = start, k = start, l = start;
  for (int64_t n = 0; n < kSteps; n++) {
    a = step(a), b = step(b), c = step(c), d = step(d), e = step(e), f = step(f);
    g = step(g), h = step(h), i = step(i), j = step(j), k = step(k), l = step(l);
    asm volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f));
    asm volatile("" : "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k), "+v"(l));
  }
}

double multiply_floats() {
  const Floats factor = Floats{} + 0.999f, addend = Floats{} + 0.001f;
  run_chains(Floats{}, [&](Floats sum) { return sum * factor + addend; });
  return 2.0 * kSteps * kChains * (kVectorBytes / sizeof(float));
}

#if defined(__AVX512VNNI__)
using Integers = __m512i;
Integers dot(Integers sum, Integers a, Integers b) { return _mm512_dpbusd_epi32(sum, a, b); }
#elif defined(__AVXVNNI__)
using Integers = __m256i;
Integers dot(Integers sum, Integers a, Integers b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }
#else
using Integers = __m256i;
Integers dot(Integers sum, Integers a, Integers b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)));
}
#endif

double multiply_integers() {
  Integers factors = Integers{} + 0x0101010101010101;
  asm volatile("" : "+v"(factors));
  run_chains(Integers{}, [&](Integers sum) { return dot(sum, factors, factors); });
  return 2.0 * kSteps * kChains * sizeof(Integers);
}

// Work per second of all threads together, in the best run.
double best(int threads, const std::function<double(int)>& work) {
  double best_rate = 0;
  for (int run = 0; run < kRuns; run++) {
    std::vector<double> done(threads);
    std::vector<std::thread> workers;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < threads; i++) workers.emplace_back([&, i] { done[i] = work(i); });
    for (auto& worker : workers) worker.join();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    double total = 0;
    for (double part : done) total += part;
    best_rate = std::max(best_rate, total / seconds.count());
  }
  return best_rate;
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  std::vector<std::vector<uint64_t>> buffers(threads);
  for (auto& buffer : buffers) buffer.assign(kBufferBytes / sizeof(uint64_t), 1);
  const double bandwidth = best(threads, [&](int i) { return read_memory(buffers[i]); });
  const double f32 = best(threads, [](int) { return multiply_floats(); });
  const double int8 = best(threads, [](int) { return multiply_integers(); });
  std::printf("{\"bandwidth\": %.4g, \"f32\": %.4g, \"int8\": %.4g}\n", bandwidth, f32, int8);
}
