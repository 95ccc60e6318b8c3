// Linear layers with packed weights, against torchao's quantization of activations and sums in double precision.
#include "kernels_test.h"

namespace kernels_test {
namespace {

constexpr int kPanel = 32, kGroup = 32;

int round_up(int n, int multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

/// A layer's integers, and the bytes that the operator takes: the layout of linear_kernel.h, written index by index.
struct Layer {
  int bits, inputs, features;
  std::vector<int> weights; // [features, inputs]
  std::vector<float> scales; // [features, groups] or [features]
  std::vector<float> bias;
  Dense<uint8_t> packed;

  Layer(int bits, int inputs, int features, unsigned seed, int constant = 0)
      : bits(bits), inputs(inputs), features(features), weights(size_t(inputs) * features),
        scales(size_t(features) * (bits == 4 ? groups() : 1)), bias(features),
        packed(ScalarType::Byte, {round_up(features, kPanel) / kPanel * panel_bytes()}) {
    std::mt19937 generator(seed);
    const int low = -(1 << (bits - 1)), range = 1 << bits;
    for (int& weight : weights) {
      weight = constant != 0 ? constant : low + int(generator() % range);
    }
    for (float& scale : scales) {
      scale = float(1 + generator() % 127) / 4096; // exact as bfloat16
    }
    for (float& each : bias) {
      each = float(int(generator() % 64) - 32) / 8;
    }
    pack();
  }

  const char* op() const {
    return bits == 4 ? "llm::linear_8da4w.out" : "llm::linear_8da8w.out";
  }
  std::string name() const {
    return std::to_string(bits) + " bits " + std::to_string(inputs) + " to " + std::to_string(features) + " isa " +
        std::to_string(et_kernels_isa());
  }
  int groups() const {
    return round_up(inputs, kGroup) / kGroup;
  }
  int panel_bytes() const {
    return bits == 4 ? groups() * (512 + 64) + 256 : groups() * 1024 + 384;
  }
  float scale(int feature, int input) const {
    return bits == 4 ? scales[size_t(feature) * groups() + input / kGroup] : scales[feature];
  }

  Error run(Floats& in, Floats& out) {
    return call(op(), {in.value(), packed.value(), EValue(int64_t{features}), out.value()});
  }

 private:
  template <class T>
  void put(size_t at, T value) {
    std::memcpy(packed.data.data() + at, &value, sizeof(value));
  }

  void pack() {
    for (int feature = 0; feature < features; ++feature) {
      const size_t panel = size_t(feature / kPanel) * panel_bytes();
      const int channel = feature % kPanel;
      double scaled_sum = 0;
      int32_t sum = 0;
      for (int input = 0; input < inputs; ++input) {
        const int weight = weights[size_t(feature) * inputs + input], quad = input % kGroup / 4;
        scaled_sum += double(weight) * scale(feature, input);
        sum += weight;
        if (bits == 4) {
          const size_t group = panel + size_t(input / kGroup) * 576;
          packed.data[group + quad * 64 + channel % 16 * 4 + input % 4] |= (weight & 15) << (channel / 16 * 4);
          const float sixteenth = scale(feature, input) / 16;
          uint32_t word;
          std::memcpy(&word, &sixteenth, sizeof(word));
          put<uint16_t>(group + 512 + channel * 2, uint16_t(word >> 16));
        } else {
          packed.data[panel + size_t(input / kGroup) * 1024 + quad * 128 + channel * 4 + input % 4] = uint8_t(weight);
        }
      }
      const size_t tail = panel + panel_bytes() - (bits == 4 ? 256 : 384);
      if (bits == 4) {
        put<float>(tail + channel * 4, float(scaled_sum));
        put<float>(tail + 128 + channel * 4, bias[feature]);
      } else {
        put<int32_t>(tail + channel * 4, sum);
        put<float>(tail + 128 + channel * 4, scales[feature]);
        put<float>(tail + 256 + channel * 4, bias[feature]);
      }
    }
  }
};

/// Rows by the definition, and for each result the sum of its absolute terms, which bounds its error.
struct Expected {
  std::vector<double> results, terms;

  Expected(const Layer& layer, const std::vector<float>& in) {
    for (size_t row = 0; row < in.size() / layer.inputs; ++row) {
      const float* x = in.data() + row * layer.inputs;
      const float low = std::min(0.0f, *std::min_element(x, x + layer.inputs));
      const float high = std::max(0.0f, *std::max_element(x, x + layer.inputs));
      const float scale = std::max((high - low) / 255.0f, std::numeric_limits<float>::min());
      const float zero = std::min(127.0f, std::max(-128.0f, -128 - std::nearbyint(low / scale)));
      for (int feature = 0; feature < layer.features; ++feature) {
        double sum = 0, terms = 0;
        for (int i = 0; i < layer.inputs; ++i) {
          const float q = std::nearbyint(x[i] * (1.0f / scale)) + zero;
          const double weight = double(layer.weights[size_t(feature) * layer.inputs + i]) * layer.scale(feature, i);
          sum += (std::min(127.0f, std::max(-128.0f, q)) - zero) * weight * scale;
          terms += 255 * std::fabs(weight) * scale;
        }
        results.push_back(sum + layer.bias[feature]);
        this->terms.push_back(terms + std::fabs(layer.bias[feature]));
      }
    }
  }

  /// The largest error, as a share of the terms' sum.
  double error(const std::vector<float>& actual) const {
    double largest = 0;
    for (size_t i = 0; i < results.size(); ++i) {
      const double error = std::fabs(actual[i] - results[i]) / terms[i];
      largest = error <= largest ? largest : error; // a NaN stays
    }
    return largest;
  }
};

void should_equal_definition() {
  for (const int bits : {4, 8}) {
    for (const auto& [inputs, features] : std::vector<std::pair<int, int>>{
             {32, 1}, {32, 32}, {64, 33}, {96, 31}, {256, 48}, {1024, 100}, {5, 7}, {100, 70}}) {
      for (const int rows : {1, 2, 3, 13, 70}) {
        Layer layer(bits, inputs, features, unsigned(inputs + rows));
        Floats in = random_floats({rows, inputs}, unsigned(rows)), out = floats({rows, features});
        const std::string name = layer.name() + " rows " + std::to_string(rows);
        expect(layer.run(in, out) == Error::Ok, name);
        expect(Expected(layer, in.data).error(out.data) < 1e-6, "result of " + name);
      }
    }
  }
}

/// The largest bytes meet the largest weights: nothing may saturate or overflow.
void should_not_overflow() {
  for (const auto& [bits, weight] : std::vector<std::pair<int, int>>{{4, -8}, {4, 7}, {8, -128}, {8, 127}}) {
    for (const float value : {3.0f, -3.0f, 1e-39f, 1e30f}) {
      Layer layer(bits, 2048, 40, 3, weight);
      Floats in = floats({5, 2048}), out = floats({5, 40});
      std::fill(in.data.begin(), in.data.end(), value);
      expect(layer.run(in, out) == Error::Ok, layer.name());
      expect(
          Expected(layer, in.data).error(out.data) < 1e-6,
          layer.name() + " of weights " + std::to_string(weight) + " and inputs " + std::to_string(value));
    }
  }
  Layer most(8, 65536, 3, 4, -128);
  Floats in = floats({1, 65536}), out = floats({1, 3});
  std::fill(in.data.begin(), in.data.end(), 2.0f);
  expect(most.run(in, out) == Error::Ok, most.name());
  expect(Expected(most, in.data).error(out.data) < 1e-6, "result of " + most.name());
}

/// Every row of every step equals that row alone, on the plain level: the promise that batching changes nothing.
void should_give_row_same_bits_in_any_step_and_instruction_set() {
  const int level = et_kernels_isa();
  for (const int bits : {4, 8}) {
    for (const auto& [inputs, features] : std::vector<std::pair<int, int>>{{64, 32}, {1024, 200}, {72, 45}}) {
      Layer layer(bits, inputs, features, 5);
      Floats all = random_floats({160, inputs}, 6);
      std::vector<float> alone;
      et_kernels_set_isa(ET_KERNELS_PLAIN);
      for (int row = 0; row < 160; ++row) {
        Floats in = floats({1, inputs}), out = floats({1, features});
        std::copy_n(all.data.begin() + row * inputs, inputs, in.data.begin());
        expect(layer.run(in, out) == Error::Ok, layer.name() + " alone");
        alone.insert(alone.end(), out.data.begin(), out.data.end());
      }
      et_kernels_set_isa(level);
      for (int rows = 1; rows <= 160; rows += rows < 70 ? 1 : 15) {
        const int first = 160 - rows;
        Floats in = floats({rows, inputs}), out = floats({rows, features});
        std::copy_n(all.data.begin() + first * inputs, rows * inputs, in.data.begin());
        expect(layer.run(in, out) == Error::Ok, layer.name());
        expect(
            same_bits(out.data.data(), alone.data() + size_t(first) * features, out.data.size()),
            "bits of " + std::to_string(rows) + " rows alone, " + layer.name());
      }
    }
  }
}

void should_give_same_bits_of_linear_on_any_threads() {
  for (const int bits : {4, 8}) {
    for (const int rows : {1, 7, 300}) {
      Layer layer(bits, 1024, 520, 7);
      Floats in = random_floats({rows, 1024}, 8), expected = floats({rows, 520});
      expect(layer.run(in, expected) == Error::Ok, layer.name());
      on_any_threads([&](const std::string& threads) {
        Floats out = floats({rows, 520});
        expect(layer.run(in, out) == Error::Ok, layer.name() + " with " + threads);
        expect(same_bits(out.data.data(), expected.data.data(), out.data.size()), "bits of linear with " + threads);
      });
    }
  }
}

/// More rows than are quantized at a time.
void should_give_row_same_bits_in_a_long_step() {
  constexpr int kRows = 150, kInputs = 8192, kFeatures = 5;
  for (const int bits : {4, 8}) {
    Layer layer(bits, kInputs, kFeatures, 11);
    Floats in = random_floats({kRows, kInputs}, 12), out = floats({kRows, kFeatures});
    expect(layer.run(in, out) == Error::Ok, layer.name() + " in a long step");
    for (int row = 0; row < kRows; ++row) {
      Floats one = floats({1, kInputs}), alone = floats({1, kFeatures});
      std::copy_n(in.data.begin() + row * kInputs, kInputs, one.data.begin());
      expect(layer.run(one, alone) == Error::Ok, layer.name() + " alone");
      expect(
          same_bits(alone.data.data(), out.data.data() + row * kFeatures, kFeatures),
          "bits of row " + std::to_string(row) + " of a long step, " + layer.name());
    }
  }
}

void should_keep_what_is_not_finite_to_its_row() {
  for (const int bits : {4, 8}) {
    for (const float strange : {NAN, INFINITY, -INFINITY}) {
      Layer layer(bits, 96, 40, 9);
      Floats in = random_floats({4, 96}, 10), clean = floats({4, 40}), out = floats({4, 40});
      std::fill_n(in.data.begin() + 3 * 96, 96, 0.0f);
      expect(layer.run(in, clean) == Error::Ok, layer.name());
      in.data[96 + 95] = strange;
      expect(layer.run(in, out) == Error::Ok, layer.name() + " of something strange");
      for (int i = 0; i < 4 * 40; ++i) {
        expect(
            i / 40 == 1 ? std::isnan(out.data[i]) : out.data[i] == clean.data[i],
            layer.name() + ": what is not finite stays in its row");
      }
      expect(std::equal(layer.bias.begin(), layer.bias.end(), out.data.begin() + 3 * 40), "zeros give the bias");
    }
  }
}

} // namespace

void test_linear() {
  should_equal_definition();
  should_not_overflow();
  should_give_row_same_bits_in_any_step_and_instruction_set();
  should_give_same_bits_of_linear_on_any_threads();
  should_give_row_same_bits_in_a_long_step();
  should_keep_what_is_not_finite_to_its_row();
}

void test_linear_refusals() {
  Layer layer(4, 64, 40, 1), other(4, 64, 70, 1), eight(8, 64, 40, 1);
  Floats in = floats({3, 64}), out = floats({3, 40}), cube = random_floats({1, 3, 64}, 2), cubed = floats({1, 3, 40});
  Floats flat = floats({64}), vector = floats({40});
  expect(layer.run(cube, cubed) == Error::Ok && layer.run(flat, vector) == Error::Ok, "linear of any dimensions");

  const auto refused = [&](const char* what, EValue input, EValue packed, EValue features, EValue result) {
    expect(
        call(layer.op(), {input, packed, features, result}) == Error::InvalidArgument,
        std::string("refuse a linear of ") + what);
  };
  const EValue features(int64_t{40});
  Dense<int32_t> integers(ScalarType::Int, {3, 64});
  Floats longer = floats({3, 96}), small = floats({2, 40}), scalar = floats({});
  Dense<int8_t> signed_bytes(ScalarType::Char, {1});
  Dense<int64_t> wide(ScalarType::Long, {3, 40});
  refused("integers", integers.value(), layer.packed.value(), features, out.value());
  refused("a scalar", scalar.value(), layer.packed.value(), features, scalar.value());
  refused("another number of groups", longer.value(), layer.packed.value(), features, out.value());
  refused("weights of more features", in.value(), other.packed.value(), features, out.value());
  refused("weights of 8 bits", in.value(), eight.packed.value(), features, out.value());
  refused("weights of another type", in.value(), signed_bytes.value(), features, out.value());
  refused("no features", in.value(), layer.packed.value(), EValue(int64_t{0}), out.value());
  refused("negative features", in.value(), layer.packed.value(), EValue(int64_t{-40}), out.value());
  refused("endless features", in.value(), layer.packed.value(), EValue(INT64_MAX), out.value());
  refused("a result that is too small", in.value(), layer.packed.value(), features, small.value());
  refused("a result of fewer dimensions", cube.value(), layer.packed.value(), features, out.value());
  refused("a result of another type", in.value(), layer.packed.value(), features, wide.value());
  refused("a number", EValue(1.0), layer.packed.value(), features, out.value());
  Floats many = floats({1, 70000});
  Dense<uint8_t> none(ScalarType::Byte, {1});
  refused("too many inputs", many.value(), none.value(), features, out.value());
  expect(call(layer.op(), {in.value()}) == Error::InvalidArgument, "refuse a linear without weights");
}

} // namespace kernels_test
