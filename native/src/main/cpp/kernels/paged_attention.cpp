#include "paged_attention.h"

#include <cinttypes>
#include <cmath>
#include <vector>

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>

#include "check.h"
#include "element.h"
#include "step.h"

namespace et_kernels {
namespace {

using executorch::aten::ScalarType;
using executorch::aten::SizesType;
using executorch::aten::Tensor;
using executorch::runtime::Error;

bool check_tensor(const Tensor& tensor, const char* op, const char* name) {
  return check_type(tensor, ScalarType::Float, op, name) &&
      check_dense(tensor, 4, "[1, heads, tokens, head size]", op, name);
}

bool check_sizes(const Tensor& tensor, int64_t heads, const Step& step, const char* op, const char* name) {
  ET_KERNELS_REQUIRE(
      tensor.size(0) == 1 && tensor.size(1) == heads && tensor.size(2) == step.tokens &&
          tensor.size(3) == step.pages.head_size,
      "%s: %s is [%d, %d, %d, %d], the step and its pages need [1, %" PRId64 ", %" PRId64 ", %" PRId64 "]", op, name,
      int(tensor.size(0)), int(tensor.size(1)), int(tensor.size(2)), int(tensor.size(3)), heads, step.tokens,
      step.pages.head_size);
  return true;
}

bool check_options(const PagedOptions& options, int64_t heads, const Step& step, const char* op) {
  ET_KERNELS_REQUIRE(
      options.layer >= 0 && options.layer < step.pages.layers, "%s: layer %" PRId64 ", the pages have %" PRId64, op,
      options.layer, step.pages.layers);
  ET_KERNELS_REQUIRE(options.window >= 0, "%s: the window of %" PRId64 " tokens is negative", op, options.window);
  ET_KERNELS_REQUIRE(
      options.softcap >= 0 && std::isfinite(options.softcap) && std::isfinite(options.scale),
      "%s: the scale must be finite and the soft cap finite and not negative, they are %g and %g", op, options.scale,
      options.softcap);
  if (!options.sinks.has_value()) {
    return true;
  }
  const Tensor& sinks = *options.sinks;
  if (!check_type(sinks, ScalarType::Float, op, "sinks") || !check_dense(sinks, 1, "[heads]", op, "sinks")) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      sinks.size(0) == heads, "%s: %d sinks for %" PRId64 " query heads", op, int(sinks.size(0)), heads);
  return true;
}

bool check(
    const Tensor& query, const Tensor& key, const Tensor& value, const PagedOptions& options, const Step* step,
    const char* op) {
  ET_KERNELS_REQUIRE(
      step != nullptr, "%s: no page tables are in force: execute the method with KV pages and a step", op);
  if (!check_tensor(query, op, "query") || !check_tensor(key, op, "key") || !check_tensor(value, op, "value")) {
    return false;
  }
  const int64_t heads = query.size(1);
  ET_KERNELS_REQUIRE(
      heads % step->pages.kv_heads == 0, "%s: %" PRId64 " query heads are no multiple of the pages' %" PRId64
      " key heads", op, heads, step->pages.kv_heads);
  return check_sizes(query, heads, *step, op, "query") &&
      check_sizes(key, step->pages.kv_heads, *step, op, "key") &&
      check_sizes(value, step->pages.kv_heads, *step, op, "value") && check_options(options, heads, *step, op);
}

bool prepare_out(const Tensor& query, Tensor& out, const char* op) {
  if (!check_type(out, ScalarType::Float, op, "out")) {
    return false;
  }
  const SizesType sizes[] = {1, SizesType(query.size(2)), SizesType(query.size(1)), SizesType(query.size(3))};
  ET_KERNELS_REQUIRE(
      out.dim() == 4 && executorch::runtime::resize_tensor(out, {sizes, 4}) == Error::Ok,
      "%s: out cannot take the shape [%d, %d, %d, %d]", op, int(sizes[0]), int(sizes[1]), int(sizes[2]),
      int(sizes[3]));
  return check_dense(out, 4, "[1, tokens, heads, head size]", op, "out");
}

struct PlainPages {
  const Pages& p;
  int64_t layer;

  float* scales(uint8_t* page) const {
    return reinterpret_cast<float*>(page + 2 * p.page_tokens * p.head_size * element_bytes(p.type));
  }
  int64_t key_index(int64_t slot, int64_t d) const {
    return (slot / kPanel * p.head_size + d) * kPanel + slot % kPanel;
  }
  int64_t value_index(int64_t slot, int64_t d) const {
    return (p.page_tokens + slot) * p.head_size + d;
  }
  void put(uint8_t* page, int64_t index, float x, float scale) const {
    if (p.type == ElementType::kFloat) {
      reinterpret_cast<float*>(page)[index] = x;
    } else if (p.type == ElementType::kBFloat16) {
      reinterpret_cast<uint16_t*>(page)[index] = float_to_bfloat16(x);
    } else {
      reinterpret_cast<int8_t*>(page)[index] = int8_t(std::lrint(x * scale));
    }
  }
  float get(const uint8_t* page, int64_t index) const {
    if (p.type == ElementType::kFloat) {
      return reinterpret_cast<const float*>(page)[index];
    }
    return p.type == ElementType::kBFloat16 ? bfloat16_to_float(reinterpret_cast<const uint16_t*>(page)[index])
                                            : float(reinterpret_cast<const int8_t*>(page)[index]);
  }
  float largest(const float* x) const {
    float most = 0;
    for (int64_t d = 0; d < p.head_size; ++d) {
      most = std::fmax(most, std::fabs(x[d]));
    }
    return most;
  }
  void append(const Run& run, int64_t token, int64_t head, const float* key, const float* value) const {
    const int64_t position = run.position + token, slot = position % p.page_tokens;
    uint8_t* page = head_page(p, layer, run.table[position / p.page_tokens], head);
    const float k = largest(key), v = largest(value);
    if (p.type == ElementType::kInt8) {
      scales(page)[slot] = k / 127;
      scales(page)[p.page_tokens + slot] = v / 127;
    }
    for (int64_t d = 0; d < p.head_size; ++d) {
      put(page, key_index(slot, d), key[d], k == 0 ? 0 : 127 / k);
      put(page, value_index(slot, d), value[d], v == 0 ? 0 : 127 / v);
    }
  }
};

} // namespace

Error paged_attention(
    const Tensor& query, const Tensor& key, const Tensor& value, const PagedOptions& options, Tensor& out,
    const char* op) {
  const Step* step = current_step();
  if (!check(query, key, value, options, step, op) || !prepare_out(query, out, op)) {
    return Error::InvalidArgument;
  }
  const PlainPages pages{step->pages, options.layer};
  const int64_t heads = query.size(1), kv_heads = step->pages.kv_heads, size = step->pages.head_size;
  const int64_t page_tokens = step->pages.page_tokens, group = heads / kv_heads;
  const float* q = query.const_data_ptr<float>();
  const float* k = key.const_data_ptr<float>();
  const float* v = value.const_data_ptr<float>();
  float* o = out.mutable_data_ptr<float>();
  for (const Run& run : step->runs) {
    for (int64_t h = 0; h < kv_heads; ++h) {
      for (int64_t t = 0; t < run.tokens; ++t) {
        const int64_t at = (h * step->tokens + run.first_token + t) * size;
        pages.append(run, t, h, k + at, v + at);
      }
    }
  }
  std::vector<float> scores;
  for (const Run& run : step->runs) {
    for (int64_t t = 0; t < run.tokens; ++t) {
      for (int64_t h = 0; h < heads; ++h) {
        const int64_t last = run.position + t;
        const int64_t first = options.window > 0 && last >= options.window ? last - options.window + 1 : 0;
        const float* row = q + (h * step->tokens + run.first_token + t) * size;
        float* to = o + ((run.first_token + t) * heads + h) * size;
        scores.assign(size_t(last + 1), 0);
        float most = options.sinks ? options.sinks->const_data_ptr<float>()[h] : -INFINITY;
        const float sink = most;
        for (int64_t i = first; i <= last; ++i) {
          uint8_t* page = head_page(step->pages, options.layer, run.table[i / page_tokens], h / group);
          float dot = 0;
          for (int64_t d = 0; d < size; ++d) {
            dot += row[d] * pages.get(page, pages.key_index(i % page_tokens, d));
          }
          dot *= step->pages.type == ElementType::kInt8 ? pages.scales(page)[i % page_tokens] : 1;
          dot *= float(options.scale);
          const float cap = float(options.softcap);
          scores[size_t(i)] = cap > 0 ? cap * std::tanh(dot / cap) : dot;
          most = std::fmax(most, scores[size_t(i)]);
        }
        float sum = options.sinks ? std::exp(sink - most) : 0;
        std::fill(to, to + size, 0.0f);
        for (int64_t i = first; i <= last; ++i) {
          uint8_t* page = head_page(step->pages, options.layer, run.table[i / page_tokens], h / group);
          float weight = std::exp(scores[size_t(i)] - most);
          sum += weight;
          weight *= step->pages.type == ElementType::kInt8 ? pages.scales(page)[page_tokens + i % page_tokens] : 1;
          for (int64_t d = 0; d < size; ++d) {
            to[d] += weight * pages.get(page, pages.value_index(i % page_tokens, d));
          }
        }
        for (int64_t d = 0; d < size; ++d) {
          to[d] /= sum;
        }
      }
    }
  }
  return Error::Ok;
}

} // namespace et_kernels
