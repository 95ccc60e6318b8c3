// Tests the LLM kernels through the operator registry, as a loaded program calls them: every instruction set that the
// CPU has, against a naive reference in double precision. Prints "N passed, 0 failed"; any failure gives exit code 1.
#include "kernels_test.h"

#include <functional>

#include <executorch/runtime/platform/runtime.h>

namespace kernels_test {
namespace {

constexpr float kMasked = -INFINITY;

struct Shape {
  int batch, queries, heads, kv_heads, head_size, capacity, start;
  bool causal;
  bool masked = false;

  std::string name() const {
    char text[160];
    std::snprintf(
        text, sizeof(text), "isa %d batch %d queries %d heads %d/%d head size %d capacity %d start %d%s%s",
        et_kernels_isa(), batch, queries, heads, kv_heads, head_size, capacity, start, causal ? " causal" : "",
        masked ? " masked" : "");
    return text;
  }
};

struct Inputs {
  Floats query, key, value, mask;

  explicit Inputs(const Shape& s, unsigned seed = 1)
      : query(random_floats({s.batch, s.queries, s.heads, s.head_size}, seed)),
        key(random_floats({s.batch, s.capacity, s.kv_heads, s.head_size}, seed + 1)),
        value(random_floats({s.batch, s.capacity, s.kv_heads, s.head_size}, seed + 2)),
        mask(random_floats({s.queries, s.capacity}, seed + 3)) {
    // Masks as models make them: a window of visible keys, everything else -inf.
    for (int i = 0; i < s.queries; ++i) {
      for (int k = 0; k < s.capacity; ++k) {
        if (k > s.start + i || k + 40 < s.start + i) {
          mask.data[i * s.capacity + k] = kMasked;
        }
      }
    }
  }
};

Error custom_sdpa(const Shape& s, Inputs& in, EValue out, EValue scale = none()) {
  return call(
      "llama::custom_sdpa.out",
      {in.query.value(), in.key.value(), in.value.value(), EValue(int64_t{s.start}),
       s.masked ? in.mask.value() : none(), EValue(0.0), EValue(s.causal), scale, out});
}

std::vector<float> attend(const Shape& s, Inputs& in) {
  Floats out = floats({s.batch, s.queries, s.heads, s.head_size});
  expect(custom_sdpa(s, in, out.value()) == Error::Ok, s.name() + ": call");
  return out.data;
}

std::vector<double> reference(const Shape& s, const Inputs& in, double scale) {
  std::vector<double> out(in.query.data.size());
  for (int b = 0; b < s.batch; ++b) {
    for (int i = 0; i < s.queries; ++i) {
      for (int h = 0; h < s.heads; ++h) {
        const int kv = h / (s.heads / s.kv_heads);
        const int keys = s.masked ? s.capacity : s.start + (s.causal ? i + 1 : s.queries);
        const float* q = &in.query.data[((size_t(b) * s.queries + i) * s.heads + h) * s.head_size];
        const auto at = [&](const Floats& cache, int k) {
          return &cache.data[((size_t(b) * s.capacity + k) * s.kv_heads + kv) * s.head_size];
        };
        std::vector<double> score(keys);
        double highest = -INFINITY, sum = 0;
        for (int k = 0; k < keys; ++k) {
          for (int d = 0; d < s.head_size; ++d) {
            score[k] += double(q[d]) * at(in.key, k)[d];
          }
          score[k] = score[k] * scale + (s.masked ? in.mask.data[size_t(i) * s.capacity + k] : 0);
          highest = std::max(highest, score[k]);
        }
        double* row = &out[((size_t(b) * s.queries + i) * s.heads + h) * s.head_size];
        for (int k = 0; k < keys && highest > -INFINITY; ++k) {
          const double weight = std::exp(score[k] - highest);
          sum += weight;
          for (int d = 0; d < s.head_size; ++d) {
            row[d] += weight * at(in.value, k)[d];
          }
        }
        for (int d = 0; d < s.head_size && sum > 0; ++d) {
          row[d] /= sum;
        }
      }
    }
  }
  return out;
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const int head_size : {5, 8, 20, 32, 64, 80, 96, 128, 192, 256}) {
    for (const auto& [heads, kv_heads] : {std::pair{4, 4}, {8, 2}, {6, 1}, {14, 2}}) {
      all.push_back({1, 1, heads, kv_heads, head_size, 300, 0, true});
      all.push_back({1, 1, heads, kv_heads, head_size, 300, 299, true});
      all.push_back({2, 17, heads, kv_heads, head_size, 150, 0, true});
      all.push_back({2, 17, heads, kv_heads, head_size, 150, 120, true});
      all.push_back({1, 33, heads, kv_heads, head_size, 90, 50, false});
      all.push_back({1, 9, heads, kv_heads, head_size, 200, 130, false, true});
    }
  }
  all.push_back({1, 200, 8, 2, 64, 200, 0, true});
  all.push_back({1, 1, 8, 1, 64, 1500, 1400, true});
  return all;
}

void should_equal_reference() {
  for (const Shape& s : shapes()) {
    Inputs in(s);
    const double scale = 1 / std::sqrt(double(s.head_size));
    const double error = largest_error(attend(s, in), reference(s, in, scale));
    expect(error < 5e-6, s.name() + ": error " + std::to_string(error * 1e6) + "e-6");
  }
}

void should_take_scale() {
  const Shape s = {1, 5, 4, 2, 64, 20, 3, true};
  Inputs in(s);
  Floats out = floats({1, 5, 4, 64});
  expect(custom_sdpa(s, in, out.value(), EValue(0.37)) == Error::Ok, s.name() + ": scale");
  expect(largest_error(out.data, reference(s, in, 0.37)) < 5e-6, s.name() + ": scaled result");
}

template <class T>
void should_compute_16_bits_in_float(ScalarType type, double tolerance) {
  for (const int head_size : {20, 64, 96}) {
    for (const int queries : {1, 19}) {
      const Shape s = {1, queries, 8, 2, head_size, 200, 150, true};
      Inputs in(s);
      const auto narrow = [&](Floats& wide, std::vector<int32_t> sizes) {
        Dense<T> tensor(type, sizes);
        for (size_t i = 0; i < wide.data.size(); ++i) {
          tensor.data[i] = T(wide.data[i]);
          wide.data[i] = float(tensor.data[i]);
        }
        return tensor;
      };
      Dense<T> query = narrow(in.query, {1, queries, 8, head_size});
      Dense<T> key = narrow(in.key, {1, 200, 2, head_size});
      Dense<T> value = narrow(in.value, {1, 200, 2, head_size});
      Dense<T> out(type, {1, queries, 8, head_size});
      const Error error = call(
          "llama::custom_sdpa.out", {query.value(), key.value(), value.value(), EValue(int64_t{150}), none(),
                                     EValue(0.0), EValue(true), none(), out.value()});
      expect(error == Error::Ok, s.name() + ": 16-bit call");
      // The float result, rounded: the same conversion gives the same bits.
      const std::vector<float> wide = attend(s, in);
      bool same = true;
      for (size_t i = 0; i < wide.size(); ++i) {
        same = same && float(out.data[i]) == float(T(wide[i]));
      }
      expect(same, s.name() + ": 16-bit result is the rounded float result");
      expect(largest_error(out.data, reference(s, in, 1 / std::sqrt(double(head_size)))) < tolerance, s.name());
    }
  }
}

void should_give_row_alone_the_bits_it_has_in_prefill() {
  for (const auto& [heads, kv_heads] : {std::pair{8, 8}, {8, 2}, {8, 1}, {9, 3}}) {
    for (const int head_size : {20, 64, 128}) {
      const int queries = 17, start = 600;
      const Shape whole = {1, queries, heads, kv_heads, head_size, 700, start, true};
      Inputs in(whole);
      const std::vector<float> together = attend(whole, in);
      const size_t row = size_t(heads) * head_size;
      for (int i = 0; i < queries; ++i) {
        const Shape one = {1, 1, heads, kv_heads, head_size, 700, start + i, true};
        Inputs alone(one);
        alone.key.data = in.key.data;
        alone.value.data = in.value.data;
        std::copy_n(in.query.data.begin() + i * row, row, alone.query.data.begin());
        expect(same_bits(attend(one, alone).data(), &together[i * row], row), one.name() + ": bits of a row alone");
      }
    }
  }
}

void should_give_same_bits_on_any_threads() {
  for (const Shape& s : {Shape{1, 1, 8, 1, 64, 2048, 2047, true}, {1, 1, 8, 2, 64, 2048, 2047, true},
                         {1, 300, 8, 2, 64, 512, 100, true}, {3, 40, 6, 3, 96, 512, 300, false},
                         {1, 1, 9, 3, 128, 2048, 1999, false, true}}) {
    Inputs in(s);
    const std::vector<float> expected = attend(s, in);
    const auto same = [&](const std::string& threads) {
      const std::vector<float> actual = attend(s, in);
      expect(same_bits(actual.data(), expected.data(), actual.size()), s.name() + ": bits with " + threads);
    };
    on_any_threads(same);
  }
}

void should_not_depend_on_batch() {
  const Shape two = {2, 7, 8, 2, 64, 300, 250, true}, one = {1, 7, 8, 2, 64, 300, 250, true};
  Inputs in(two);
  const std::vector<float> both = attend(two, in);
  for (int b = 0; b < 2; ++b) {
    Inputs alone(one);
    const auto part = [b](const Floats& from, Floats& to) {
      std::copy_n(from.data.begin() + b * to.data.size(), to.data.size(), to.data.begin());
    };
    part(in.query, alone.query);
    part(in.key, alone.key);
    part(in.value, alone.value);
    const std::vector<float> out = attend(one, alone);
    expect(same_bits(out.data(), &both[b * out.size()], out.size()), one.name() + ": bits of a batch entry alone");
  }
}

void should_never_read_keys_beyond() {
  for (const int queries : {1, 30}) {
    const Shape s = {1, queries, 8, 2, 64, 300, 131, true};
    Inputs in(s);
    const std::vector<float> before = attend(s, in);
    const size_t visible = size_t(131 + queries) * 2 * 64;
    std::fill(in.key.data.begin() + visible, in.key.data.end(), NAN);
    std::fill(in.value.data.begin() + visible, in.value.data.end(), NAN);
    expect(same_bits(attend(s, in).data(), before.data(), before.size()), s.name() + ": NaN beyond the last key");
  }
}

void should_give_zeros_for_fully_masked_row_and_nan_for_nan() {
  const Shape s = {1, 3, 4, 2, 64, 150, 100, false, true};
  Inputs in(s);
  std::fill_n(in.mask.data.begin() + 150, 150, kMasked);
  const std::vector<float> out = attend(s, in);
  expect(largest_error(out, reference(s, in, 1 / 8.0)) < 5e-6, s.name() + ": a fully masked row gives zeros");
  in.query.data[0] = NAN;
  const std::vector<float> poisoned = attend(s, in);
  expect(std::isnan(poisoned[0]) && std::isnan(poisoned[63]), s.name() + ": a NaN query gives NaN");
  expect(same_bits(&out[64], &poisoned[64], out.size() - 64), s.name() + ": other rows keep their bits");
}

void should_skip_blocks_that_the_mask_hides() {
  const Shape s = {1, 3, 4, 2, 64, 700, 600, false, true};
  Inputs in(s);
  const std::vector<float> before = attend(s, in);
  expect(largest_error(before, reference(s, in, 1 / 8.0)) < 5e-6, s.name() + ": window at the end");
  std::fill_n(in.key.data.begin(), 500 * 2 * 64, NAN);
  std::fill_n(in.value.data.begin(), 500 * 2 * 64, NAN);
  expect(same_bits(attend(s, in).data(), before.data(), before.size()), s.name() + ": NaN in hidden blocks");
}

void should_survive_large_scores() {
  const Shape s = {1, 4, 4, 2, 64, 200, 150, true};
  Inputs in(s);
  for (float& x : in.query.data) {
    x *= 300;
  }
  expect(largest_error(attend(s, in), reference(s, in, 1 / 8.0)) < 1e-3, s.name() + ": scores in the thousands");
}

void should_fill_cache_and_attend() {
  const Shape s = {2, 6, 8, 2, 64, 50, 20, true};
  Inputs in(s);
  Floats key = random_floats({2, 6, 2, 64}, 11), value = random_floats({2, 6, 2, 64}, 12);
  Floats out = floats({2, 6, 8, 64});
  Inputs expected = Inputs(s);
  for (int b = 0; b < 2; ++b) {
    std::copy_n(key.data.begin() + b * 768, 768, expected.key.data.begin() + (b * 50 + 20) * 128);
    std::copy_n(value.data.begin() + b * 768, 768, expected.value.data.begin() + (b * 50 + 20) * 128);
  }
  const Error error = call(
      "llama::sdpa_with_kv_cache.out",
      {in.query.value(), key.value(), value.value(), in.key.value(), in.value.value(), EValue(int64_t{20}),
       EValue(int64_t{6}), none(), EValue(0.0), EValue(true), none(), out.value()});
  expect(error == Error::Ok, s.name() + ": sdpa_with_kv_cache");
  expect(in.key.data == expected.key.data && in.value.data == expected.value.data, s.name() + ": caches");
  expect(out.data == attend(s, expected), s.name() + ": attends the filled caches");
}

void should_update_cache() {
  Dense<int8_t> value(ScalarType::Char, {2, 3, 2, 4}), cache(ScalarType::Char, {2, 10, 2, 4}, 7);
  for (size_t i = 0; i < value.data.size(); ++i) {
    value.data[i] = static_cast<int8_t>(i + 10);
  }
  Dense<int8_t> out(ScalarType::Char, {1});
  const auto position = [&](int b, int p) { return cache.data.begin() + (b * 10 + p) * 8; };
  expect(
      call("llama::update_cache.out", {value.value(), cache.value(), EValue(int64_t{7}), out.value()}) == Error::Ok,
      "update_cache");
  expect(std::equal(position(1, 7), position(1, 10), value.data.begin() + 24), "update_cache at the end of the cache");
  expect(std::count(cache.data.begin(), cache.data.end(), 7) == 2 * 7 * 8, "update_cache touches nothing else");

  Dense<int64_t> indices(ScalarType::Long, {2, 3});
  indices.data = {0, 5, 5, 9, 2, 0};
  expect(
      call(
          "llama::update_cache_with_indices.out",
          {value.value(), cache.value(), EValue(int64_t{0}), indices.value(), out.value()}) == Error::Ok,
      "update_cache_with_indices");
  expect(std::equal(position(0, 5), position(0, 6), value.data.begin() + 16), "of equal indices the last wins");
  expect(std::equal(position(1, 9), position(1, 10), value.data.begin() + 24), "each batch entry has its indices");
}

void should_refuse() {
  const Shape s = {1, 4, 8, 2, 64, 50, 20, true};
  const auto refused = [&](const char* what, std::function<Error(Inputs&, Floats&)> call) {
    Inputs in(s);
    Floats out = floats({1, 4, 8, 64});
    expect(call(in, out) == Error::InvalidArgument, std::string("refuse ") + what);
  };
  const auto with_start = [&](int64_t start) {
    return [start](Inputs& in, Floats& out) {
      return call(
          "llama::custom_sdpa.out", {in.query.value(), in.key.value(), in.value.value(), EValue(start), none(),
                                     EValue(0.0), EValue(true), none(), out.value()});
    };
  };
  refused("a start beyond the cache", with_start(47));
  refused("a negative start", with_start(-1));
  refused("a start that would overflow", with_start(INT64_MAX));
  refused("a mask together with causal", [&](Inputs& in, Floats& out) {
    Shape both = s;
    both.masked = true;
    return custom_sdpa(both, in, out.value());
  });
  refused("a mask of the wrong shape", [&](Inputs& in, Floats& out) {
    in.mask = floats({4, 49});
    return custom_sdpa({1, 4, 8, 2, 64, 50, 20, false, true}, in, out.value());
  });
  refused("keys of another head size", [&](Inputs& in, Floats& out) {
    in.key = floats({1, 50, 2, 32});
    in.value = floats({1, 50, 2, 32});
    return custom_sdpa(s, in, out.value());
  });
  refused("heads that do not divide", [&](Inputs& in, Floats& out) {
    in.key = floats({1, 50, 3, 64});
    in.value = floats({1, 50, 3, 64});
    return custom_sdpa(s, in, out.value());
  });
  refused("an output that is too small", [&](Inputs& in, Floats&) {
    Floats small = floats({1, 3, 8, 64});
    return custom_sdpa(s, in, small.value());
  });
  refused("an integer query", [&](Inputs& in, Floats& out) {
    Dense<int32_t> query(ScalarType::Int, {1, 4, 8, 64});
    return call(
        "llama::custom_sdpa.out", {query.value(), in.key.value(), in.value.value(), EValue(int64_t{0}), none(),
                                   EValue(0.0), EValue(true), none(), out.value()});
  });
  refused("a tensor where a number belongs", [&](Inputs& in, Floats& out) {
    return call("llama::custom_sdpa.out", {in.query.value(), in.key.value(), in.value.value(), out.value()});
  });
  refused("missing arguments", [&](Inputs& in, Floats&) { return call("llama::update_cache.out", {in.key.value()}); });
  refused("a cache that is too short", [&](Inputs& in, Floats& out) {
    return call("llama::update_cache.out", {out.value(), in.query.value(), EValue(int64_t{1}), out.value()});
  });
  refused("indices outside of the cache", [&](Inputs& in, Floats& out) {
    Dense<int64_t> indices(ScalarType::Long, {1, 50}, 50);
    return call(
        "llama::update_cache_with_indices.out",
        {in.key.value(), in.value.value(), EValue(int64_t{0}), indices.value(), out.value()});
  });
  refused("a seq_len that is not the input's", [&](Inputs& in, Floats& out) {
    return call(
        "llama::sdpa_with_kv_cache.out",
        {in.query.value(), in.key.value(), in.value.value(), in.key.value(), in.value.value(), EValue(int64_t{0}),
         EValue(int64_t{4}), none(), EValue(0.0), EValue(true), none(), out.value()});
  });
}

} // namespace
} // namespace kernels_test

int main() {
  using namespace kernels_test;
  executorch::runtime::runtime_init();
  const int best = et_kernels_isa();
  expect(et_kernels_set_isa(99) == best && et_kernels_set_isa(-1) == ET_KERNELS_PLAIN, "levels stay in range");
  for (int level = ET_KERNELS_PLAIN; level <= best; ++level) {
    expect(et_kernels_set_isa(level) == level, "level is in force");
    should_equal_reference();
    should_take_scale();
    should_compute_16_bits_in_float<Half>(ScalarType::Half, 2e-3);
    should_compute_16_bits_in_float<BFloat16>(ScalarType::BFloat16, 1e-2);
    should_give_row_alone_the_bits_it_has_in_prefill();
    should_give_same_bits_on_any_threads();
    should_not_depend_on_batch();
    should_never_read_keys_beyond();
    should_give_zeros_for_fully_masked_row_and_nan_for_nan();
    should_skip_blocks_that_the_mask_hides();
    should_survive_large_scores();
    should_fill_cache_and_attend();
    test_quantized_attention();
    test_paged_attention();
    test_linear();
  }
  should_update_cache();
  should_refuse();
  test_quantized_attention_refusals();
  test_paged_attention_refusals();
  test_delta_rule();
  test_transforms();
  test_linear_refusals();
  std::printf("%d passed, %d failed (instruction sets 0 to %d)\n", passed, failed, best);
  return failed == 0 ? 0 : 1;
}
