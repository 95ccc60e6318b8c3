// The gated delta rule against a naive recurrence in double precision.
#include "kernels_test.h"

#include <functional>

namespace kernels_test {
namespace {

struct Shape {
  int batch, heads, state_heads, length, key_size, value_size;
  bool channelwise;

  std::string name() const {
    char text[160];
    std::snprintf(
        text, sizeof(text), "delta rule: batch %d heads %d/%d length %d sizes %d, %d%s", batch, heads, state_heads,
        length, key_size, value_size, channelwise ? " channelwise" : "");
    return text;
  }
};

struct Inputs {
  Floats query, key, value, decay, beta, state;

  explicit Inputs(const Shape& s)
      : query(random_floats({s.batch, s.heads, s.length, s.key_size}, 1)),
        key(random_floats({s.batch, s.state_heads, s.length, s.key_size}, 2)),
        value(random_floats({s.batch, s.state_heads, s.length, s.value_size}, 3)),
        decay(
            s.channelwise ? random_floats({s.batch, s.state_heads, s.length, s.key_size}, 4)
                          : random_floats({s.batch, s.state_heads, s.length}, 4)),
        beta(random_floats({s.batch, s.state_heads, s.length}, 5)),
        state(random_floats({s.batch, s.state_heads, s.key_size, s.value_size}, 6)) {
    // As models make them: keys of length one, factors between 0 and 1.
    for (size_t i = 0; i < key.data.size(); i += s.key_size) {
      double norm = 0;
      for (int k = 0; k < s.key_size; ++k) {
        norm += double(key.data[i + k]) * key.data[i + k];
      }
      for (int k = 0; k < s.key_size; ++k) {
        key.data[i + k] = float(key.data[i + k] / std::sqrt(norm));
      }
    }
    for (float& x : query.data) {
      x /= float(std::sqrt(s.key_size));
    }
    for (Floats* factors : {&decay, &beta}) {
      for (float& x : factors->data) {
        x = 1 / (1 + std::exp(-2 - x));
      }
    }
  }
};

struct Outputs {
  Floats out, state;

  explicit Outputs(const Shape& s)
      : out(floats({s.batch, s.heads, s.length, s.value_size})),
        state(floats({s.batch, s.state_heads, s.key_size, s.value_size})) {}
};

Error call_with(Inputs& in, EValue out, EValue state, const char* op = "llama::gated_delta_rule.out") {
  return call(
      op, {in.query.value(), in.key.value(), in.value.value(), in.decay.value(), in.beta.value(), in.state.value(),
           out, state, none()});
}

Outputs run(const Shape& s, Inputs& in) {
  Outputs outputs(s);
  expect(call_with(in, outputs.out.value(), outputs.state.value()) == Error::Ok, s.name() + ": call");
  return outputs;
}

struct Reference {
  std::vector<double> out, state;
};

Reference reference(const Shape& s, const Inputs& in) {
  Reference result = {std::vector<double>(size_t(s.batch) * s.heads * s.length * s.value_size), {}};
  result.state.assign(in.state.data.begin(), in.state.data.end());
  const int group = s.heads / s.state_heads;
  for (int head = 0; head < s.batch * s.state_heads; ++head) {
    double* state = &result.state[size_t(head) * s.key_size * s.value_size];
    for (int t = 0; t < s.length; ++t) {
      const size_t token = size_t(head) * s.length + t;
      const float* key = &in.key.data[token * s.key_size];
      for (int v = 0; v < s.value_size; ++v) {
        double remembered = 0;
        for (int k = 0; k < s.key_size; ++k) {
          double& cell = state[k * s.value_size + v];
          cell *= in.decay.data[s.channelwise ? token * s.key_size + k : token];
          remembered += cell * key[k];
        }
        const double correction = in.beta.data[token] * (in.value.data[token * s.value_size + v] - remembered);
        for (int k = 0; k < s.key_size; ++k) {
          state[k * s.value_size + v] += key[k] * correction;
        }
        for (int member = 0; member < group; ++member) {
          const size_t row = (size_t(head) * group + member) * s.length + t;
          for (int k = 0; k < s.key_size; ++k) {
            result.out[row * s.value_size + v] += state[k * s.value_size + v] * in.query.data[row * s.key_size + k];
          }
        }
      }
    }
  }
  return result;
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const auto& [key_size, value_size] : {std::pair{1, 1}, {5, 7}, {16, 32}, {64, 64}, {128, 128}, {96, 45}}) {
    for (const bool channelwise : {false, true}) {
      all.push_back({1, 4, 4, 1, key_size, value_size, channelwise});
      all.push_back({2, 6, 2, 17, key_size, value_size, channelwise});
    }
  }
  all.push_back({1, 16, 16, 200, 128, 128, false});
  return all;
}

void should_equal_reference() {
  for (const Shape& s : shapes()) {
    Inputs in(s);
    const Outputs actual = run(s, in);
    const Reference expected = reference(s, in);
    expect(largest_error(actual.out.data, expected.out) < 1e-5, s.name() + ": output");
    expect(largest_error(actual.state.data, expected.state) < 1e-5, s.name() + ": state");
  }
}

void should_have_its_former_name_too() {
  const Shape s = {1, 2, 2, 3, 8, 8, true};
  Inputs in(s);
  Outputs former(s);
  const Error error =
      call_with(in, former.out.value(), former.state.value(), "llama::channelwise_gated_delta_rule.out");
  expect(error == Error::Ok, "channelwise_gated_delta_rule");
  expect(former.out.data == run(s, in).out.data, "channelwise_gated_delta_rule: output");
}

void should_forget_with_a_decay_of_zero() {
  const Shape s = {1, 2, 2, 40, 16, 32, false};
  Inputs in(s);
  std::fill(in.decay.data.begin(), in.decay.data.end(), 0.0f);
  const Reference expected = reference(s, in);
  const Outputs actual = run(s, in);
  expect(largest_error(actual.out.data, expected.out) < 1e-5, s.name() + ": no decay is too small");
}

void should_give_same_bits_token_by_token() {
  for (const Shape& whole : {Shape{1, 4, 2, 20, 64, 45, false}, {1, 4, 2, 20, 64, 45, true}}) {
    Inputs in(whole);
    const Outputs together = run(whole, in);
    Shape one = whole;
    one.length = 1;
    Inputs alone(one);
    alone.state.data = in.state.data;
    bool same = true;
    for (int t = 0; t < whole.length; ++t) {
      const auto take = [&](const Floats& from, Floats& to, int heads) {
        const size_t size = to.data.size() / heads;
        for (int h = 0; h < heads; ++h) {
          std::copy_n(from.data.begin() + (h * whole.length + t) * size, size, to.data.begin() + h * size);
        }
      };
      take(in.query, alone.query, 4);
      take(in.key, alone.key, 2);
      take(in.value, alone.value, 2);
      take(in.decay, alone.decay, 2);
      take(in.beta, alone.beta, 2);
      Outputs step = run(one, alone);
      alone.state.data = step.state.data;
      for (int h = 0; h < 4; ++h) {
        same = same && same_bits(&step.out.data[h * 45], &together.out.data[(h * whole.length + t) * 45], 45);
      }
    }
    expect(same, whole.name() + ": bits of the output token by token");
    expect(alone.state.data == together.state.data, whole.name() + ": bits of the state token by token");
  }
}

void should_give_same_bits_on_any_threads() {
  const Shape s = {2, 8, 4, 30, 96, 80, false};
  Inputs in(s);
  const Outputs expected = run(s, in);
  on_any_threads([&](const std::string& threads) {
    const Outputs actual = run(s, in);
    expect(actual.out.data == expected.out.data, s.name() + ": bits with " + threads);
    expect(actual.state.data == expected.state.data, s.name() + ": state with " + threads);
  });
}

void should_leave_initial_state_alone() {
  const Shape s = {1, 2, 2, 3, 8, 8, false};
  Inputs in(s);
  const std::vector<float> before = in.state.data;
  run(s, in);
  expect(in.state.data == before, s.name() + ": the initial state is only read");
}

void should_refuse() {
  const Shape s = {1, 4, 2, 6, 8, 12, false};
  const auto refused = [&](const char* what, std::function<void(Inputs&, Outputs&)> spoil) {
    Inputs in(s);
    Outputs outputs(s);
    spoil(in, outputs);
    expect(
        call_with(in, outputs.out.value(), outputs.state.value()) == Error::InvalidArgument,
        std::string("delta rule: refuse ") + what);
  };
  refused("a query of another length", [](Inputs& in, Outputs&) { in.query = floats({1, 4, 5, 8}); });
  refused("a query of another batch", [](Inputs& in, Outputs&) { in.query = floats({2, 4, 6, 8}); });
  refused("heads that do not divide", [](Inputs& in, Outputs&) { in.query = floats({1, 3, 6, 8}); });
  refused("keys of another size", [](Inputs& in, Outputs&) { in.key = floats({1, 2, 6, 7}); });
  refused("fewer values", [](Inputs& in, Outputs&) { in.value = floats({1, 2, 5, 12}); });
  refused("a shorter decay", [](Inputs& in, Outputs&) { in.decay = floats({1, 2, 5}); });
  refused("a decay of fewer channels", [](Inputs& in, Outputs&) { in.decay = floats({1, 2, 6, 7}); });
  refused("a decay of two dimensions", [](Inputs& in, Outputs&) { in.decay = floats({2, 6}); });
  refused("a beta per channel", [](Inputs& in, Outputs&) { in.beta = floats({1, 2, 6, 8}); });
  refused("a turned state", [](Inputs& in, Outputs&) { in.state = floats({1, 2, 12, 8}); });
  refused("a state of three dimensions", [](Inputs& in, Outputs&) { in.state = floats({2, 8, 12}); });
  refused("an empty sequence", [](Inputs& in, Outputs&) { in.query = floats({1, 4, 0, 8}); });
  refused("an output that is too small", [](Inputs&, Outputs& out) { out.out = floats({1, 4, 5, 12}); });
  refused("a state output that is too small", [](Inputs&, Outputs& out) { out.state = floats({1, 1, 8, 12}); });
  Inputs in(s);
  Outputs outputs(s);
  expect(
      call_with(in, outputs.out.value(), in.state.value()) == Error::InvalidArgument,
      "delta rule: refuse a state that is written while it is read");
  expect(
      call_with(in, EValue(1.0), outputs.state.value()) == Error::InvalidArgument,
      "delta rule: refuse a number as out");
  Dense<Half> half(ScalarType::Half, {1, 2, 8, 12});
  expect(
      call_with(in, outputs.out.value(), half.value()) == Error::InvalidArgument, "delta rule: refuse a half state");
}

} // namespace

void test_delta_rule() {
  should_equal_reference();
  should_have_its_former_name_too();
  should_forget_with_a_decay_of_zero();
  should_give_same_bits_token_by_token();
  should_give_same_bits_on_any_threads();
  should_leave_initial_state_alone();
  should_refuse();
}

} // namespace kernels_test
