#pragma once

#include "element.h"
#include "paged.h"

// The layout of pages.h, for elements of one type. Internal linkage: see attention.h.
namespace {

using et_kernels::kPanel;
using et_kernels::PagedAttention;
using et_kernels::Run;

/// Sixteen positions of one head in a page: a panel of keys, and the values beside it.
template <class E>
struct PageSlice {
  E* keys; // [head_size, kPanel]
  E* values; // [kPanel, head_size]
  float* key_scales; // [kPanel]; of int8 only, as value_scales
  float* value_scales;

  /// The slice that begins at position `position`, a multiple of kPanel.
  PageSlice(const PagedAttention& a, const Run& run, int64_t kv_head, int64_t position) {
    const et_kernels::Pages& p = a.pages;
    const int64_t slot = position % p.page_tokens;
    const int32_t page = run.table[position / p.page_tokens];
    E* head = reinterpret_cast<E*>(et_kernels::head_page(p, a.layer, page, kv_head));
    keys = head + slot * p.head_size;
    values = keys + p.page_tokens * p.head_size;
    key_scales = reinterpret_cast<float*>(head + 2 * p.page_tokens * p.head_size) + slot;
    value_scales = key_scales + p.page_tokens;
  }

  /// Writes `n` keys and values, [n, size] each, from lane `lane` on.
  void put(int64_t lane, int64_t n, int64_t size, const float* key, const float* value, float* scratch) const {
    if constexpr (sizeof(E) == 1) {
      int8_t* whole = reinterpret_cast<int8_t*>(scratch);
      for (int64_t i = 0; i < n; ++i) {
        key_scales[lane + i] = quantize(key + i * size, size, whole);
        for (int64_t d = 0; d < size; ++d) {
          keys[d * kPanel + lane + i] = whole[d];
        }
        value_scales[lane + i] = quantize(value + i * size, size, values + (lane + i) * size);
      }
    } else {
      for (int64_t d = 0; d < size; ++d) {
        for (int64_t i = 0; i < n; ++i) {
          keys[d * kPanel + lane + i] = narrowed(key[i * size + d]);
        }
      }
      for (int64_t i = 0; i < n * size; ++i) {
        values[lane * size + i] = narrowed(value[i]);
      }
    }
  }

 private:
  static E narrowed(float x) {
    if constexpr (sizeof(E) == 2) {
      return float_to_bfloat16(x);
    } else {
      return E(x);
    }
  }
};

} // namespace
