// Attention over an int8 query and cache.
#include "kernels_test.h"

#include <functional>

namespace kernels_test {
namespace {

struct Shape {
  int batch, queries, heads, kv_heads, head_size, capacity, start;
  bool causal = true, masked = false, heads_first = false;

  std::string name() const {
    char text[200];
    std::snprintf(
        text, sizeof(text), "int8: isa %d batch %d queries %d heads %d/%d head size %d capacity %d start %d%s%s%s",
        et_kernels_isa(), batch, queries, heads, kv_heads, head_size, capacity, start, causal ? " causal" : "",
        masked ? " masked" : "", heads_first ? " heads first" : "");
    return text;
  }

  std::vector<int32_t> sizes(int length, int heads_of, int size) const {
    return heads_first ? std::vector<int32_t>{batch, heads_of, length, size}
                       : std::vector<int32_t>{batch, length, heads_of, size};
  }
};

/// An int8 tensor with zero points and scales, and what it stands for.
struct Quantized {
  Dense<int8_t> values, zero_points;
  Floats scales;
  Floats meaning;

  Quantized(const Shape& s, int length, int heads, unsigned seed)
      : values(ScalarType::Char, s.sizes(length, heads, s.head_size)),
        zero_points(ScalarType::Char, s.sizes(length, heads, 1)),
        scales(floats(s.sizes(length, heads, 1))),
        meaning(floats(s.sizes(length, heads, s.head_size))) {
    std::mt19937 generator(seed);
    const auto byte = [&] { return static_cast<int8_t>(generator() >> 24); };
    std::generate(values.data.begin(), values.data.end(), byte);
    std::generate(zero_points.data.begin(), zero_points.data.end(), byte);
    for (float& scale : scales.data) {
      scale = float(1 + generator() % 1000) / 1e5f;
    }
    for (size_t i = 0; i < values.data.size(); ++i) {
      const size_t vector = i / s.head_size;
      meaning.data[i] = float(values.data[i] - zero_points.data[vector]) * scales.data[vector];
    }
  }
};

struct Inputs {
  Quantized query, key, value;
  Floats mask;

  explicit Inputs(const Shape& s)
      : query(s, s.queries, s.heads, 1),
        key(s, s.capacity, s.kv_heads, 2),
        value(s, s.capacity, s.kv_heads, 3),
        mask(random_floats({s.queries, s.capacity}, 4)) {}
};

Error call_with(const Shape& s, Inputs& in, EValue out, int64_t start) {
  return call(
      "llama::custom_quantized_sdpa.out",
      {in.query.values.value(), in.key.values.value(), in.value.values.value(), EValue(start),
       s.masked ? in.mask.value() : none(), EValue(0.0), EValue(s.causal), none(), in.query.zero_points.value(),
       in.query.scales.value(), in.key.zero_points.value(), in.key.scales.value(), in.value.zero_points.value(),
       in.value.scales.value(), EValue(s.heads_first), out});
}

std::vector<float> attend(const Shape& s, Inputs& in) {
  Floats out = floats(s.sizes(s.queries, s.heads, s.head_size));
  expect(call_with(s, in, out.value(), s.start) == Error::Ok, s.name() + ": call");
  return out.data;
}

std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (const int head_size : {5, 20, 32, 64, 96, 128}) {
    for (const auto& [heads, kv_heads] : {std::pair{4, 4}, {8, 2}}) {
      all.push_back({1, 1, heads, kv_heads, head_size, 300, 299});
      all.push_back({2, 17, heads, kv_heads, head_size, 150, 120});
      all.push_back({1, 9, heads, kv_heads, head_size, 200, 130, false, true});
    }
  }
  return all;
}

void should_be_the_float_operator_on_what_the_bytes_stand_for() {
  for (const Shape& s : shapes()) {
    Inputs in(s);
    Floats out = floats(s.sizes(s.queries, s.heads, s.head_size));
    const Error error = call(
        "llama::custom_sdpa.out",
        {in.query.meaning.value(), in.key.meaning.value(), in.value.meaning.value(), EValue(int64_t{s.start}),
         s.masked ? in.mask.value() : none(), EValue(0.0), EValue(s.causal), none(), out.value()});
    expect(error == Error::Ok, s.name() + ": float call");
    const std::vector<float> actual = attend(s, in);
    expect(same_bits(actual.data(), out.data.data(), actual.size()), s.name() + ": bits of the float operator");
  }
}

/// From [batch, length, heads, size] to [batch, heads, length, size].
template <class T>
void move_heads_first(const Dense<T>& from, int batch, int length, int heads, Dense<T>& to) {
  const size_t size = from.data.size() / (size_t(batch) * length * heads);
  for (int b = 0; b < batch; ++b) {
    for (int i = 0; i < length; ++i) {
      for (int h = 0; h < heads; ++h) {
        std::copy_n(
            from.data.begin() + ((size_t(b) * length + i) * heads + h) * size, size,
            to.data.begin() + ((size_t(b) * heads + h) * length + i) * size);
      }
    }
  }
}

void should_not_depend_on_the_order_of_dimensions() {
  for (const Shape& s : shapes()) {
    Shape turned = s;
    turned.heads_first = true;
    Inputs in(s), other(turned);
    const auto turn = [&](const Quantized& from, int length, int heads, Quantized& to) {
      move_heads_first(from.values, s.batch, length, heads, to.values);
      move_heads_first(from.zero_points, s.batch, length, heads, to.zero_points);
      move_heads_first(from.scales, s.batch, length, heads, to.scales);
    };
    turn(in.query, s.queries, s.heads, other.query);
    turn(in.key, s.capacity, s.kv_heads, other.key);
    turn(in.value, s.capacity, s.kv_heads, other.value);
    Floats out = floats(s.sizes(s.queries, s.heads, s.head_size));
    out.data = attend(s, in);
    Floats expected = floats(turned.sizes(s.queries, s.heads, s.head_size));
    move_heads_first(out, s.batch, s.queries, s.heads, expected);
    const std::vector<float> actual = attend(turned, other);
    expect(same_bits(actual.data(), expected.data.data(), actual.size()), turned.name() + ": bits of length first");
  }
}

void should_give_same_bits_on_any_threads() {
  for (const Shape& s : {Shape{1, 1, 8, 2, 64, 2048, 2047}, {2, 90, 6, 3, 96, 512, 300}}) {
    Inputs in(s);
    const std::vector<float> expected = attend(s, in);
    on_any_threads([&](const std::string& threads) {
      const std::vector<float> actual = attend(s, in);
      expect(same_bits(actual.data(), expected.data(), actual.size()), s.name() + ": bits with " + threads);
    });
  }
}

void should_never_read_keys_beyond() {
  const Shape s = {1, 5, 8, 2, 64, 300, 131};
  Inputs in(s);
  const std::vector<float> before = attend(s, in);
  const size_t visible = size_t(131 + 5) * 2;
  std::fill(in.key.scales.data.begin() + visible, in.key.scales.data.end(), NAN);
  std::fill(in.value.scales.data.begin() + visible, in.value.scales.data.end(), NAN);
  expect(same_bits(attend(s, in).data(), before.data(), before.size()), s.name() + ": NaN beyond the last key");
}

} // namespace

void test_quantized_attention() {
  should_be_the_float_operator_on_what_the_bytes_stand_for();
  should_not_depend_on_the_order_of_dimensions();
  should_give_same_bits_on_any_threads();
  should_never_read_keys_beyond();
}

void test_quantized_attention_refusals() {
  const Shape s = {1, 4, 8, 2, 64, 50, 20};
  const auto refused = [&](const char* what, std::function<Error(Inputs&, Floats&)> call) {
    Inputs in(s);
    Floats out = floats({1, 4, 8, 64});
    expect(call(in, out) == Error::InvalidArgument, std::string("int8: refuse ") + what);
  };
  for (const int64_t start : {int64_t{47}, int64_t{-1}, INT64_MAX}) {
    refused("a start outside of the cache", [&](Inputs& in, Floats& out) {
      return call_with(s, in, out.value(), start);
    });
  }
  refused("a mask together with causal", [&](Inputs& in, Floats& out) {
    Shape both = s;
    both.masked = true;
    return call_with(both, in, out.value(), 0);
  });
  refused("a mask of the wrong shape", [&](Inputs& in, Floats& out) {
    Shape masked = s;
    masked.causal = false;
    masked.masked = true;
    in.mask = floats({4, 49});
    return call_with(masked, in, out.value(), 0);
  });
  refused("scales of fewer keys", [&](Inputs& in, Floats& out) {
    in.key.scales = floats({1, 49, 2, 1});
    return call_with(s, in, out.value(), 0);
  });
  refused("scales of groups", [&](Inputs& in, Floats& out) {
    in.value.scales = floats({1, 50, 2, 2});
    return call_with(s, in, out.value(), 0);
  });
  refused("zero points of three dimensions", [&](Inputs& in, Floats& out) {
    in.query.zero_points = Dense<int8_t>(ScalarType::Char, {1, 4, 8});
    return call_with(s, in, out.value(), 0);
  });
  refused("a cache whose values are fewer than its keys", [&](Inputs& in, Floats& out) {
    Shape shorter = s;
    shorter.capacity = 40;
    in.value = Quantized(shorter, 40, 2, 3);
    return call_with(s, in, out.value(), 0);
  });
  refused("heads that do not divide", [&](Inputs& in, Floats& out) {
    in.key = Quantized(s, 50, 3, 2);
    in.value = Quantized(s, 50, 3, 3);
    return call_with(s, in, out.value(), 0);
  });
  refused("length and heads taken for each other", [&](Inputs& in, Floats& out) {
    Shape turned = s;
    turned.heads_first = true;
    return call_with(turned, in, out.value(), 0);
  });
  refused("an output that is too small", [&](Inputs& in, Floats&) {
    Floats small = floats({1, 3, 8, 64});
    return call_with(s, in, small.value(), 0);
  });
  refused("an int8 output", [&](Inputs& in, Floats&) {
    Dense<int8_t> bytes(ScalarType::Char, {1, 4, 8, 64});
    return call_with(s, in, bytes.value(), 0);
  });
  refused("float tensors", [&](Inputs& in, Floats& out) {
    return call(
        "llama::custom_quantized_sdpa.out",
        {in.query.meaning.value(), in.key.meaning.value(), in.value.meaning.value(), EValue(int64_t{0}), none(),
         EValue(0.0), EValue(true), none(), in.query.zero_points.value(), in.query.scales.value(),
         in.key.zero_points.value(), in.key.scales.value(), in.value.zero_points.value(), in.value.scales.value(),
         EValue(false), out.value()});
  });
  refused("no scales", [&](Inputs& in, Floats& out) {
    return call(
        "llama::custom_quantized_sdpa.out",
        {in.query.values.value(), in.key.values.value(), in.value.values.value(), EValue(int64_t{0}), none(),
         EValue(0.0), EValue(true), none(), none(), none(), none(), none(), none(), none(), EValue(false),
         out.value()});
  });
}

} // namespace kernels_test
