// Attention over pages: against its definition in double precision, and the same bits whatever else is in the step.
#include "kernels_test.h"

#include <functional>
#include <map>

#include "step.h"

namespace kernels_test {
namespace {

using et_kernels::ElementType;
using et_kernels::Pages;

struct Model {
  int heads, kv_heads, head_size, page_tokens;
  ElementType type = ElementType::kFloat;
  int window = 0;
  double softcap = 0;
  bool sinks = false;

  std::string name() const {
    char text[200];
    std::snprintf(
        text, sizeof(text), "paged: isa %d heads %d/%d head size %d pages of %d type %d window %d cap %g%s",
        et_kernels_isa(), heads, kv_heads, head_size, page_tokens, int(type), window, softcap, sinks ? " sinks" : "");
    return text;
  }
};

constexpr int kLayers = 2, kLayer = 1, kSequences = 4, kLength = 300;
constexpr double kScale = 0.3;

/// Tokens `from` to `to` of a sequence.
struct Part {
  int sequence, from, to;
};

/// What all sequences of a test are made of, [sequence][position][head][size], and where their pages are.
class World {
 public:
  explicit World(const Model& model)
      : m(model),
        query(random_floats({kSequences, kLength, m.heads, m.head_size}, 1)),
        key(random_floats({kSequences, kLength, m.kv_heads, m.head_size}, 2)),
        value(random_floats({kSequences, kLength, m.kv_heads, m.head_size}, 3)),
        sinks(random_floats({m.heads}, 4)),
        held_key(held(key)),
        held_value(held(value)),
        per_sequence(kLength / m.page_tokens + 1),
        memory(bytes() + 64, 0xff), // NaN in floats: nothing counts but what was appended
        tables(kSequences) {
    pages = {m.type, kLayers, m.kv_heads, m.head_size, m.page_tokens, int64_t(kSequences) * per_sequence, nullptr};
    pages.memory = memory.data() + (64 - reinterpret_cast<uintptr_t>(memory.data()) % 64) % 64;
    for (int i = 0; i < kSequences * per_sequence; ++i) {
      tables[i % kSequences].push_back((i * 7) % (kSequences * per_sequence)); // 7 divides none of the counts used
    }
  }

  std::vector<int32_t> words(const std::vector<Part>& parts) const {
    std::vector<int32_t> words = {int32_t(parts.size())};
    int32_t table = int32_t(1 + 4 * parts.size());
    for (const Part& part : parts) {
      words.insert(words.end(), {part.to - part.from, part.from, table, per_sequence});
      table += per_sequence;
    }
    for (const Part& part : parts) {
      words.insert(words.end(), tables[part.sequence].begin(), tables[part.sequence].end());
    }
    return words;
  }

  /// [heads, tokens, size] of the parts' tokens.
  Floats gathered(const Floats& from, int heads, const std::vector<Part>& parts) const {
    int tokens = 0;
    for (const Part& part : parts) {
      tokens += part.to - part.from;
    }
    Floats to = floats({1, heads, tokens, m.head_size});
    float* next = to.data.data();
    for (int head = 0; head < heads; ++head) {
      for (const Part& part : parts) {
        for (int t = part.from; t < part.to; ++t, next += m.head_size) {
          const size_t at = ((size_t(part.sequence) * kLength + t) * heads + head) * m.head_size;
          std::copy_n(&from.data[at], m.head_size, next);
        }
      }
    }
    return to;
  }

  /// The step's result by sequence and position, each [heads, size].
  std::map<std::pair<int, int>, std::vector<float>> step(const std::vector<Part>& parts) {
    Floats q = gathered(query, m.heads, parts), k = gathered(key, m.kv_heads, parts);
    Floats v = gathered(value, m.kv_heads, parts);
    Floats out = floats({1, int32_t(q.data.size()) / (m.heads * m.head_size), m.heads, m.head_size});
    const std::vector<int32_t> step_words = words(parts);
    et_kernels::Step current;
    expect(et_kernels::read_step(step_words.data(), int64_t(step_words.size()), pages, current), m.name() + ": step");
    et_kernels::StepScope scope(current);
    const Error error = call(
        "llm::paged_attention.out",
        {q.value(), k.value(), v.value(), EValue(int64_t{kLayer}), EValue(kScale), EValue(int64_t{m.window}),
         EValue(m.softcap), m.sinks ? sinks.value() : none(), out.value()});
    expect(error == Error::Ok, m.name() + ": call");
    std::map<std::pair<int, int>, std::vector<float>> rows;
    const size_t row = size_t(m.heads) * m.head_size;
    size_t next = 0;
    for (const Part& part : parts) {
      for (int t = part.from; t < part.to; ++t, next += row) {
        rows[{part.sequence, t}] = std::vector<float>(&out.data[next], &out.data[next] + row);
      }
    }
    return rows;
  }

  /// The definition, for one token; of what pages hold, or of what they were given.
  std::vector<double> reference(int sequence, int position, bool as_held) const {
    const std::vector<float>& keys = as_held ? held_key : key.data;
    const std::vector<float>& values = as_held ? held_value : value.data;
    std::vector<double> out;
    for (int head = 0; head < m.heads; ++head) {
      const int kv_head = head / (m.heads / m.kv_heads);
      const float* q = &query.data[((size_t(sequence) * kLength + position) * m.heads + head) * m.head_size];
      double sum = m.sinks ? std::exp(double(sinks.data[head])) : 0;
      std::vector<double> total(m.head_size);
      for (int i = m.window > 0 ? std::max(0, position - m.window + 1) : 0; i <= position; ++i) {
        const size_t at = ((size_t(sequence) * kLength + i) * m.kv_heads + kv_head) * m.head_size;
        double score = 0;
        for (int d = 0; d < m.head_size; ++d) {
          score += double(q[d]) * keys[at + d] * kScale;
        }
        const double weight = std::exp(m.softcap > 0 ? m.softcap * std::tanh(score / m.softcap) : score);
        sum += weight;
        for (int d = 0; d < m.head_size; ++d) {
          total[d] += weight * values[at + d];
        }
      }
      for (const double x : total) {
        out.push_back(x / sum);
      }
    }
    return out;
  }

  const Model m;
  Floats query, key, value, sinks;
  std::vector<float> held_key, held_value;
  int per_sequence;
  std::vector<uint8_t> memory;
  std::vector<std::vector<int32_t>> tables;
  Pages pages;

 private:
  size_t bytes() const {
    const Pages p = {m.type, kLayers, m.kv_heads, m.head_size, m.page_tokens, kSequences * per_sequence, nullptr};
    return size_t(et_kernels::head_page_bytes(p) * p.layers * p.kv_heads * p.pages + et_kernels::kPagesSlack);
  }

  /// What pages make of vectors.
  std::vector<float> held(const Floats& from) const {
    std::vector<float> to = from.data;
    for (size_t i = 0; i < to.size(); i += m.head_size) {
      const auto larger = [](float a, float b) { return std::fabs(a) < std::fabs(b); };
      const float most = std::fabs(*std::max_element(&to[i], &to[i] + m.head_size, larger));
      for (float* x = &to[i]; x < &to[i] + m.head_size; ++x) {
        *x = m.type == ElementType::kBFloat16 ? float(BFloat16(*x))
            : m.type == ElementType::kInt8    ? std::nearbyint(*x * (127 / most)) * (most / 127)
                                              : *x;
      }
    }
    return to;
  }
};

std::vector<Part> whole_sequence(int sequence) {
  return {{sequence, 0, kLength}};
}

/// What pages of int8 cost with standard normal keys and values, and scores of a standard deviation of 2 to 5: the
/// largest error seen at contexts of 1 to 300 is 0.054, the root of the mean square 0.007.
constexpr double kInt8Error = 0.06;

void should_equal_reference(const Model& model) {
  World world(model);
  const auto rows = world.step(whole_sequence(1));
  double largest = 0, from_exact = 0;
  for (int t = 0; t < kLength; t += t < 20 || t > kLength - 4 ? 1 : 13) {
    const std::vector<float>& row = rows.at({1, t});
    largest = std::max(largest, largest_error(row, world.reference(1, t, true)));
    from_exact = std::max(from_exact, largest_error(row, world.reference(1, t, false)));
  }
  // Int8 may be rounded the other way where that is a near tie.
  const bool int8 = model.type == ElementType::kInt8;
  expect(largest <= (int8 ? 5e-3 : 1e-5), model.name() + ": error " + std::to_string(largest));
  expect(!int8 || from_exact <= kInt8Error, model.name() + ": error of int8 " + std::to_string(from_exact));
}

void should_give_same_bits_whatever_the_step(const Model& model) {
  World world(model), other(model);
  const auto whole = world.step(whole_sequence(1));
  const auto same = [&](const std::vector<Part>& parts, const std::string& what) {
    bool equal = true;
    for (const auto& [place, row] : other.step(parts)) {
      equal &= place.first != 1 || same_bits(row.data(), whole.at(place).data(), row.size());
    }
    expect(equal, model.name() + ": same bits " + what);
  };
  same({{1, 0, 1}, {0, 0, 150}}, "beside a prefill");
  same({{0, 150, 151}, {1, 1, 18}, {2, 0, 3}}, "between others");
  same({{2, 3, 90}, {3, 0, 40}, {0, 151, 152}, {1, 18, 130}}, "behind others");
  same({{1, 130, 299}}, "in a chunk");
  same({{3, 40, 41}, {1, 299, kLength}, {2, 90, 91}}, "as a decoded token");
  on_any_threads([&](const std::string& threads) {
    same(whole_sequence(1), "on " + threads);
    same({{1, 0, 200}, {0, 0, kLength}, {2, 0, 60}}, "in a large step on " + threads);
    same({{1, 200, 299}, {2, 60, 61}}, "in a chunk on " + threads);
    same({{1, 299, kLength}}, "as a decoded token on " + threads);
  });
}

/// Another sequence's table names the pages of a prefix that is appended in the same step.
void should_see_what_others_append_in_the_step(const Model& model) {
  World world(model), shared(model);
  const auto whole = world.step(whole_sequence(1));
  std::copy_n(shared.tables[1].begin(), 128 / model.page_tokens, shared.tables[2].begin());
  for (Floats* each : {&shared.query, &shared.key, &shared.value}) {
    const size_t size = each->data.size() / kSequences;
    std::copy_n(&each->data[size], size, &each->data[2 * size]); // sequence 2 is sequence 1
  }
  const auto rows = shared.step({{2, 128, kLength}, {1, 0, 128}});
  bool equal = true;
  for (int t = 128; t < kLength; ++t) {
    equal &= same_bits(rows.at({2, t}).data(), whole.at({1, t}).data(), rows.at({2, t}).size());
  }
  expect(equal, model.name() + ": a prefix of the same step");
}

void should_keep_nan_to_its_sequence(const Model& model) {
  World world(model), poisoned(model);
  for (Floats* each : {&poisoned.key, &poisoned.value}) {
    each->data[size_t(100) * model.kv_heads * model.head_size] = NAN; // sequence 0, position 100, head 0
  }
  const auto clean = world.step({{0, 0, kLength}, {1, 0, 50}});
  const auto rows = poisoned.step({{0, 0, kLength}, {1, 0, 50}});
  expect(std::isnan(rows.at({0, 120})[0]), model.name() + ": NaN stays NaN");
  expect(
      same_bits(rows.at({1, 49}).data(), clean.at({1, 49}).data(), rows.at({1, 49}).size()),
      model.name() + ": NaN in another sequence");
}

std::vector<Model> models() {
  std::vector<Model> all;
  for (const ElementType type : {ElementType::kFloat, ElementType::kBFloat16, ElementType::kInt8}) {
    for (const int page_tokens : {16, 32}) {
      all.push_back({4, 4, 64, page_tokens, type});
      all.push_back({16, 4, 64, page_tokens, type, 20});
      all.push_back({8, 1, 128, page_tokens, type, 0, 5.0});
      all.push_back({4, 2, 32, page_tokens, type, 100, 30.0, true});
      all.push_back({3, 1, 40, page_tokens, type, 0, 0, true});
      all.push_back({2, 1, 256, page_tokens, type, 1});
      all.push_back({10, 2, 72, page_tokens, type, 128});
      all.push_back({2, 2, 13, page_tokens, type, 200});
    }
  }
  return all;
}

void refused(const std::string& what, const Model& model, const std::function<void(std::vector<int32_t>&)>& spoil) {
  World world(model);
  std::vector<int32_t> words = world.words({{1, 0, 3}, {2, 0, 1}});
  et_kernels::Step step;
  expect(et_kernels::read_step(words.data(), int64_t(words.size()), world.pages, step), "a step");
  spoil(words);
  expect(!et_kernels::read_step(words.data(), int64_t(words.size()), world.pages, step), "refuses " + what);
}

/// Calls with four tokens of two sequences, 4 heads on 2 of size 32; `spoil` replaces arguments.
void tensors_refused(const char* what, const std::function<void(std::vector<EValue>&)>& spoil) {
  World world({4, 2, 32, 16});
  const std::vector<int32_t> words = world.words({{1, 0, 3}, {2, 0, 1}});
  et_kernels::Step step;
  expect(et_kernels::read_step(words.data(), int64_t(words.size()), world.pages, step), "a step");
  et_kernels::StepScope scope(step);
  Floats query = floats({1, 4, 4, 32}), key = floats({1, 2, 4, 32}), value = floats({1, 2, 4, 32});
  Floats out = floats({1, 4, 4, 32});
  std::vector<EValue> arguments = {
      query.value(), key.value(), value.value(), EValue(int64_t{kLayer}), EValue(kScale), EValue(int64_t{0}),
      EValue(0.0), none(), out.value()};
  expect(call("llm::paged_attention.out", arguments) == Error::Ok, "paged attention of four tokens");
  spoil(arguments);
  expect(
      call("llm::paged_attention.out", arguments) == Error::InvalidArgument,
      std::string("paged attention: refuse ") + what);
}

void should_refuse_tensors() {
  using Arguments = std::vector<EValue>;
  Floats flat = floats({4, 4, 32}), fewer = floats({1, 4, 3, 32}), narrow = floats({1, 2, 4, 16});
  Floats three_heads = floats({1, 3, 4, 32}), small = floats({1, 4, 4, 16}), three = floats({3});
  Dense<int32_t> integers(ScalarType::Int, {1, 2, 4, 32});
  tensors_refused("a query of three dimensions", [&](Arguments& all) { all[0] = flat.value(); });
  tensors_refused("a query of fewer tokens", [&](Arguments& all) { all[0] = fewer.value(); });
  tensors_refused("heads that share no keys", [&](Arguments& all) { all[0] = three_heads.value(); });
  tensors_refused("keys of a smaller head", [&](Arguments& all) { all[1] = narrow.value(); });
  tensors_refused("values of integers", [&](Arguments& all) { all[2] = integers.value(); });
  tensors_refused("a layer that is not there", [](Arguments& all) { all[3] = EValue(int64_t{kLayers}); });
  tensors_refused("a negative layer", [](Arguments& all) { all[3] = EValue(int64_t{-1}); });
  tensors_refused("an infinite scale", [](Arguments& all) { all[4] = EValue(double(INFINITY)); });
  tensors_refused("a negative window", [](Arguments& all) { all[5] = EValue(int64_t{-1}); });
  tensors_refused("sinks of other heads", [&](Arguments& all) { all[7] = three.value(); });
  tensors_refused("a small result", [&](Arguments& all) { all[8] = small.value(); });
  tensors_refused("the query as the result", [](Arguments& all) { all[8] = all[0]; });
  const EValue nothing;
  Floats query = floats({1, 4, 4, 32}), key = floats({1, 2, 4, 32});
  expect(
      call(
          "llm::paged_attention.out",
          {query.value(), key.value(), key.value(), EValue(int64_t{0}), EValue(1.0), EValue(int64_t{0}), EValue(0.0),
           nothing, query.value()}) == Error::InvalidArgument,
      "paged attention: refuse a call without page tables");
}

} // namespace

void test_paged_attention() {
  for (const Model& model : models()) {
    should_equal_reference(model);
    should_give_same_bits_whatever_the_step(model);
    should_see_what_others_append_in_the_step(model);
    should_keep_nan_to_its_sequence(model);
  }
}

void test_paged_attention_refusals() {
  const Model model = {4, 2, 32, 16};
  using Words = std::vector<int32_t>;
  refused("no words", model, [](Words& words) { words.clear(); });
  refused("no runs", model, [](Words& words) { words[0] = 0; });
  refused("more runs than words", model, [](Words& words) { words[0] = 1 << 30; });
  refused("a run without tokens", model, [](Words& words) { words[1] = 0; });
  refused("a negative position", model, [](Words& words) { words[2] = -1; });
  refused("a position behind the table", model, [](Words& words) { words[2] = kLength + 20; });
  refused("a table behind the words", model, [](Words& words) { words[7] = int32_t(words.size()); });
  refused("a table in front of the words", model, [](Words& words) { words[7] = -1; });
  refused("a table of negative length", model, [](Words& words) { words[8] = -1; });
  refused("a page that is not there", model, [](Words& words) { words.back() = 4 * (kLength / 16 + 1); });
  refused("a negative page", model, [](Words& words) { words[9] = -1; });
  should_refuse_tensors();
}

} // namespace kernels_test
