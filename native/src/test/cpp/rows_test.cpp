// What a layer does beside its linear layers and attention: norms, gates and the heads' rotary embedding, against the
// definitions in double precision.
#include "kernels_test.h"

namespace kernels_test {
namespace {

constexpr double kUnit = 1.0 / (1 << 23); // in the last place, of a number between 1 and 2

/// The largest error, as a share of each result: but of results that are no normal numbers.
double relative_error(const std::vector<float>& actual, const std::vector<double>& expected) {
  double largest = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double least = 1e-30; // errors of smaller results are measured against this
    const double error = std::fabs(actual[i] - expected[i]) / std::max(std::fabs(expected[i]), least);
    largest = error <= largest ? largest : error; // a NaN stays
  }
  return largest;
}

std::string isa() {
  return " isa " + std::to_string(et_kernels_isa());
}

std::vector<double> normalized(const std::vector<float>& in, const std::vector<float>& weight, double epsilon) {
  std::vector<double> out;
  for (size_t row = 0; row < in.size(); row += weight.size()) {
    double sum = 0;
    for (size_t i = 0; i < weight.size(); ++i) {
      sum += double(in[row + i]) * in[row + i];
    }
    for (size_t i = 0; i < weight.size(); ++i) {
      out.push_back(weight[i] * (in[row + i] / std::sqrt(sum / double(weight.size()) + epsilon)));
    }
  }
  return out;
}

Error rms_norm(Floats& in, Floats& weight, Floats& out) {
  return call("llm::rms_norm.out", {in.value(), weight.value(), EValue(1e-5), out.value()});
}

Error add_rms_norm(Floats& a, Floats& b, Floats& weight, Floats& sum, Floats& out) {
  return call(
      "llm::add_rms_norm.out",
      {a.value(), b.value(), weight.value(), EValue(1e-5), sum.value(), out.value()});
}

void should_normalize() {
  for (const int size : {1, 3, 16, 31, 64, 100, 1024}) {
    const std::string name = " of " + std::to_string(size) + isa();
    Floats in = random_floats({2, 3, size}, 1), weight = random_floats({size}, 2), out = floats({2, 3, size});
    std::fill_n(in.data.begin(), size, 0.0f);
    std::for_each(in.data.begin() + size, in.data.begin() + 2 * size, [](float& x) { x *= 1e18f; });
    expect(rms_norm(in, weight, out) == Error::Ok, "rms norm" + name);
    expect(relative_error(out.data, normalized(in.data, weight.data, 1e-5)) < 2 * kUnit, "result of rms norm" + name);

    Floats other = random_floats({2, 3, size}, 3), sum = floats({2, 3, size});
    expect(add_rms_norm(in, other, weight, sum, out) == Error::Ok, "add rms norm" + name);
    bool added = true;
    for (size_t i = 0; i < sum.data.size(); ++i) {
      added = added && sum.data[i] == in.data[i] + other.data[i];
    }
    expect(added, "sum of add rms norm" + name);
    expect(
        relative_error(out.data, normalized(sum.data, weight.data, 1e-5)) < 2 * kUnit, "result of add rms norm" + name);
  }
}

const char* op_of(bool gelu) {
  return gelu ? "llm::gated_gelu.out" : "llm::gated_silu.out";
}

double gate_of(bool gelu, double x) {
  const double argument = gelu ? 2 * std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x) : x;
  return x / (1 + std::exp(-argument));
}

void should_gate() {
  for (const bool gelu : {false, true}) {
    const std::string name = op_of(gelu) + isa();
    // From where e^-x is nearly too large for a float, in steps of 1/64.
    std::vector<float> gates;
    for (int i = -85 * 64; i <= 85 * 64; ++i) {
      const float x = float(i) / 64;
      if (!gelu || (x > -8 && x < 30)) {
        gates.push_back(x);
      }
    }
    const int size = int(gates.size());
    Floats in = floats({2, 2 * size}), out = floats({2, size});
    std::vector<double> expected;
    for (int row = 0; row < 2; ++row) {
      for (int i = 0; i < size; ++i) {
        const float up = row == 0 ? 1.0f : 0.37f + float(i % 11);
        in.data[size_t(2 * row) * size + i] = gates[i];
        in.data[size_t(2 * row + 1) * size + i] = up;
        expected.push_back(gate_of(gelu, gates[i]) * up);
      }
    }
    expect(call(op_of(gelu), {in.value(), out.value()}) == Error::Ok, name);
    // The exponent's own error grows with it, by half a unit for each 1.
    double largest = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
      const double x = gates[i % gates.size()];
      const double exponent = gelu ? std::fabs(1.6 * (x + 0.044715 * x * x * x)) : 0;
      const double error = std::fabs(out.data[i] - expected[i]) / std::max(std::fabs(expected[i]), 1e-35);
      const double share = error / ((4 + (x < 0 ? 2 * exponent : 0)) * kUnit);
      largest = share <= largest ? largest : share;
    }
    expect(largest < 1, "result of " + name + ", " + std::to_string(largest) + " of the bound");
  }
}

void should_gate_extremes() {
  for (const bool gelu : {false, true}) {
    Floats in = floats({1, 12}), out = floats({1, 6});
    in.data = {0.0f, 100.0f, 1e30f, -100.0f, -1e30f, NAN, 3, 3, 1, 3, 1, 3};
    expect(call(op_of(gelu), {in.value(), out.value()}) == Error::Ok, op_of(gelu));
    expect(
        out.data[0] == 0 && out.data[1] == 300 && out.data[2] == 1e30f && out.data[3] == 0 && out.data[4] == 0 &&
            std::isnan(out.data[5]),
        std::string("extremes of ") + op_of(gelu) + isa());
  }
}

/// A call of split_heads, and its definition.
struct Split {
  int tokens, heads, kv_heads, size, rotated;
  bool normed;
  Floats in, cosines, sines, query_norm, key_norm, query, key, value;

  Split(int tokens, int heads, int kv_heads, int size, int rotated, bool normed)
      : tokens(tokens), heads(heads), kv_heads(kv_heads), size(size), rotated(rotated), normed(normed),
        in(random_floats({1, tokens, (heads + 2 * kv_heads) * size}, 1)),
        cosines(random_floats({1, tokens, std::max(rotated, 1)}, 2)),
        sines(random_floats({1, tokens, std::max(rotated, 1)}, 3)), query_norm(random_floats({size}, 4)),
        key_norm(random_floats({size}, 5)), query(floats({1, heads, tokens, size})),
        key(floats({1, kv_heads, tokens, size})), value(floats({1, kv_heads, tokens, size})) {}

  std::string name() const {
    return "split heads of " + std::to_string(tokens) + " x (" + std::to_string(heads) + " + 2 * " +
        std::to_string(kv_heads) + ") x " + std::to_string(size) + " rotated " + std::to_string(rotated) +
        (normed ? " normed" : "") + isa();
  }

  Error run() {
    return call(
        "llm::split_heads.out",
        {in.value(), rotated > 0 ? cosines.value() : none(), rotated > 0 ? sines.value() : none(),
         normed ? query_norm.value() : none(), normed ? key_norm.value() : none(), EValue(1e-6),
         EValue(int64_t{heads}), EValue(int64_t{kv_heads}), query.value(), key.value(), value.value()});
  }

  std::vector<double> head(int token, int column, const Floats* norm, bool rotate) const {
    const float* from = in.data.data() + size_t(token) * (heads + 2 * kv_heads) * size + size_t(column) * size;
    std::vector<double> x(from, from + size);
    if (norm != nullptr) {
      x = normalized(std::vector<float>(from, from + size), norm->data, 1e-6);
    }
    std::vector<double> out = x;
    for (int i = 0; rotate && i < rotated; ++i) {
      const int other = i < rotated / 2 ? i + rotated / 2 : i - rotated / 2;
      const double turned = i < rotated / 2 ? -x[other] : x[other];
      const size_t angle = size_t(token) * rotated + i;
      out[i] = x[i] * cosines.data[angle] + turned * sines.data[angle];
    }
    return out;
  }

  double error(const Floats& out, int first, int count, const Floats* norm, bool rotate) const {
    std::vector<double> expected;
    for (int i = 0; i < count; ++i) {
      for (int token = 0; token < tokens; ++token) {
        const std::vector<double> one = head(token, first + i, norm, rotate);
        expected.insert(expected.end(), one.begin(), one.end());
      }
    }
    return largest_error(out.data, expected);
  }
};

void should_split_heads() {
  for (const int tokens : {1, 5}) {
    for (const auto& [size, rotated] : std::vector<std::pair<int, int>>{{64, 64}, {20, 20}, {80, 32}, {6, 2}, {32, 0}}) {
      for (const bool normed : {false, true}) {
        Split split(tokens, 4, 2, size, rotated, normed);
        expect(split.run() == Error::Ok, split.name());
        const Floats *query_norm = normed ? &split.query_norm : nullptr, *key_norm = normed ? &split.key_norm : nullptr;
        expect(split.error(split.query, 0, 4, query_norm, true) < 4e-6, "query of " + split.name());
        expect(split.error(split.key, 4, 2, key_norm, true) < 4e-6, "key of " + split.name());
        expect(split.error(split.value, 6, 2, nullptr, false) == 0, "value of " + split.name());
      }
    }
  }
}

/// All results of some tokens' rows, for comparing bits: by token.
struct Results {
  std::vector<std::vector<float>> of_token;

  void add(const std::vector<float>& data, int tokens) {
    of_token.resize(size_t(tokens));
    const size_t size = data.size() / tokens;
    for (int token = 0; token < tokens; ++token) {
      of_token[token].insert(of_token[token].end(), data.begin() + token * size, data.begin() + (token + 1) * size);
    }
  }

  void add_heads(const Floats& out, int heads, int tokens, int size) {
    of_token.resize(size_t(tokens));
    for (int head = 0; head < heads; ++head) {
      for (int token = 0; token < tokens; ++token) {
        const auto at = out.data.begin() + (size_t(head) * tokens + token) * size;
        of_token[token].insert(of_token[token].end(), at, at + size);
      }
    }
  }
};

/// Everything with the tokens `first` up to `end` of a step.
Results all_operators(int first, int end) {
  constexpr int kSize = 1000, kAll = 200;
  const int tokens = end - first;
  Results results;
  const auto part = [&](std::vector<int32_t> sizes, unsigned seed) {
    Floats all = random_floats({kAll, sizes.back()}, seed);
    Floats some = floats(sizes);
    std::copy_n(all.data.begin() + size_t(first) * sizes.back(), some.data.size(), some.data.begin());
    return some;
  };
  Floats in = part({tokens, 2 * kSize}, 1), weight = random_floats({2 * kSize}, 2), out = floats({tokens, 2 * kSize});
  expect(rms_norm(in, weight, out) == Error::Ok, "rms norm" + isa());
  results.add(out.data, tokens);
  Floats other = part({tokens, 2 * kSize}, 3), sum = floats({tokens, 2 * kSize});
  expect(add_rms_norm(in, other, weight, sum, out) == Error::Ok, "add rms norm" + isa());
  results.add(sum.data, tokens);
  results.add(out.data, tokens);
  for (const bool gelu : {false, true}) {
    Floats gate = floats({tokens, kSize});
    expect(call(op_of(gelu), {in.value(), gate.value()}) == Error::Ok, op_of(gelu) + isa());
    results.add(gate.data, tokens);
  }
  Split split(tokens, 12, 3, 68, 36, true);
  split.in = part({1, tokens, 18 * 68}, 4);
  split.cosines = part({1, tokens, 36}, 5);
  split.sines = part({1, tokens, 36}, 6);
  expect(split.run() == Error::Ok, split.name());
  results.add_heads(split.query, 12, tokens, 68);
  results.add_heads(split.key, 3, tokens, 68);
  results.add_heads(split.value, 3, tokens, 68);
  return results;
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && same_bits(a.data(), b.data(), a.size());
}

/// The promise that batching changes nothing.
void should_give_token_same_bits_in_any_step_and_instruction_set() {
  const int level = et_kernels_isa();
  et_kernels_set_isa(ET_KERNELS_PLAIN);
  const Results expected = all_operators(0, 200);
  et_kernels_set_isa(level);
  for (const auto& [first, end] : std::vector<std::pair<int, int>>{{0, 200}, {7, 8}, {199, 200}, {3, 60}}) {
    const Results results = all_operators(first, end);
    for (int token = first; token < end; ++token) {
      expect(
          same(results.of_token[token - first], expected.of_token[token]),
          "bits of token " + std::to_string(token) + " among " + std::to_string(end - first) + isa());
    }
  }
}

void should_give_same_bits_of_rows_on_any_threads() {
  const Results expected = all_operators(0, 200);
  on_any_threads([&](const std::string& threads) {
    const Results results = all_operators(0, 200);
    bool equal = true;
    for (int token = 0; token < 200; ++token) {
      equal = equal && same(results.of_token[token], expected.of_token[token]);
    }
    expect(equal, "bits of rows with " + threads + isa());
  });
}

} // namespace

void test_rows() {
  should_normalize();
  should_gate();
  should_gate_extremes();
  should_split_heads();
  should_give_token_same_bits_in_any_step_and_instruction_set();
  should_give_same_bits_of_rows_on_any_threads();
}

void test_row_refusals() {
  Floats in = floats({3, 64}), weight = floats({64}), out = floats({3, 64}), half = floats({3, 32});
  Floats short_weight = floats({63}), small = floats({2, 64}), scalar = floats({}), cube = floats({1, 3, 64});
  Floats odd = floats({3, 5});
  Dense<int32_t> integers(ScalarType::Int, {3, 64});
  const EValue epsilon(1e-5);

  const auto refused = [](const char* what, const char* op, std::vector<EValue> arguments) {
    expect(call(op, std::move(arguments)) == Error::InvalidArgument, std::string(op) + ": refuse " + what);
  };
  const char* norm = "llm::rms_norm.out";
  refused("integers", norm, {integers.value(), weight.value(), epsilon, out.value()});
  refused("a scalar", norm, {scalar.value(), weight.value(), epsilon, scalar.value()});
  refused("too few weights", norm, {in.value(), short_weight.value(), epsilon, out.value()});
  refused("weights of two dimensions", norm, {in.value(), in.value(), epsilon, out.value()});
  refused("a negative epsilon", norm, {in.value(), weight.value(), EValue(-1.0), out.value()});
  refused("no epsilon", norm, {in.value(), weight.value(), EValue(double(NAN)), out.value()});
  refused("a result that is too small", norm, {in.value(), weight.value(), epsilon, small.value()});
  refused("a result of integers", norm, {in.value(), weight.value(), epsilon, integers.value()});
  refused("a missing result", norm, {in.value(), weight.value(), epsilon});

  const char* add = "llm::add_rms_norm.out";
  Floats sum = floats({3, 64}), other = floats({3, 64});
  refused("summands of two shapes", add, {in.value(), small.value(), weight.value(), epsilon, sum.value(), out.value()});
  refused("summands of two ranks", add, {in.value(), cube.value(), weight.value(), epsilon, sum.value(), out.value()});
  refused("a small sum", add, {in.value(), other.value(), weight.value(), epsilon, small.value(), out.value()});
  refused("integers", add, {in.value(), integers.value(), weight.value(), epsilon, sum.value(), out.value()});

  for (const char* gate : {"llm::gated_silu.out", "llm::gated_gelu.out"}) {
    Floats pair = floats({3, 2});
    refused("integers", gate, {integers.value(), half.value()});
    refused("an odd number", gate, {odd.value(), half.value()});
    refused("a scalar", gate, {scalar.value(), half.value()});
    refused("a small result", gate, {in.value(), odd.value()});
    refused("its own input as the result", gate, {pair.value(), pair.value()});
    expect(call(gate, {in.value(), half.value()}) == Error::Ok, std::string(gate) + " of two dimensions");
  }

  const char* heads = "llm::split_heads.out";
  Split split(3, 4, 2, 8, 8, true);
  expect(split.run() == Error::Ok, split.name());
  Floats wide = floats({1, 3, 10}), fewer = floats({1, 2, 8}), uneven = floats({1, 3, 7}), narrow = floats({1, 3, 6});
  const auto with = [&](size_t at, EValue value) {
    std::vector<EValue> arguments = {
        split.in.value(), split.cosines.value(), split.sines.value(), split.query_norm.value(), split.key_norm.value(),
        EValue(1e-6), EValue(int64_t{4}), EValue(int64_t{2}), split.query.value(), split.key.value(),
        split.value.value()};
    arguments[at] = value;
    return arguments;
  };
  refused("an input of two dimensions", heads, with(0, in.value()));
  refused("an input of no whole heads", heads, with(0, wide.value()));
  refused("integers", heads, with(0, integers.value()));
  refused("cosines of other tokens", heads, with(1, fewer.value()));
  refused("cosines of a wider head", heads, with(1, wide.value()));
  refused("an odd number of cosines", heads, with(1, uneven.value()));
  refused("fewer cosines than sines", heads, with(1, narrow.value()));
  refused("sines alone", heads, with(1, none()));
  refused("cosines alone", heads, with(2, none()));
  refused("a norm of another size", heads, with(3, weight.value()));
  refused("a norm of another size", heads, with(4, weight.value()));
  refused("a negative epsilon", heads, with(5, EValue(-1.0)));
  refused("no heads", heads, with(6, EValue(int64_t{0})));
  refused("endless heads", heads, with(6, EValue(INT64_MAX)));
  refused("negative key heads", heads, with(7, EValue(int64_t{-1})));
  refused("a small query", heads, with(8, split.key.value()));
  refused("values of two dimensions", heads, with(10, in.value()));
}

} // namespace kernels_test
