#pragma once

#include "attention.h"

namespace et_kernels {

/// The keys and values of many sequences, in pages that belong to whoever the step's page tables say. Plain data; the
/// memory belongs to whoever made it.
///
/// In the memory one layer's pages lie behind the other's, in a page one key/value head behind the other:
///   keys    [page_tokens / 16][head_size][16]: sixteen keys side by side, as dot products want them
///   values  [page_tokens][head_size]
///   scales  of kInt8 only: float [page_tokens] of the keys, then of the values; an element is int8 * scale
/// A key or value is the same bits wherever its page is, and is read only once it was written. Behind the last page
/// are kPagesSlack bytes that may be read, never written.
struct Pages {
  ElementType type; // kFloat, kBFloat16 or kInt8
  int64_t layers;
  int64_t kv_heads;
  int64_t head_size;
  int64_t page_tokens; // a multiple of kPanel
  int64_t pages;
  uint8_t* memory; // aligned to 64 bytes
};

constexpr int64_t kPanel = 16;
constexpr int64_t kPagesSlack = 64;

inline int64_t element_bytes(ElementType type) __attribute__((always_inline));
inline int64_t element_bytes(ElementType type) {
  return type == ElementType::kFloat ? 4 : type == ElementType::kInt8 ? 1 : 2;
}

/// The bytes of one page in one layer for one key/value head.
inline int64_t head_page_bytes(const Pages& p) __attribute__((always_inline));
inline int64_t head_page_bytes(const Pages& p) {
  const int64_t scales = p.type == ElementType::kInt8 ? int64_t(sizeof(float)) : 0;
  return 2 * p.page_tokens * (p.head_size * element_bytes(p.type) + scales);
}

/// Where the part of a page begins that holds one layer's key/value head.
inline uint8_t* head_page(const Pages& p, int64_t layer, int64_t page, int64_t kv_head) __attribute__((always_inline));
inline uint8_t* head_page(const Pages& p, int64_t layer, int64_t page, int64_t kv_head) {
  return p.memory + ((layer * p.pages + page) * p.kv_heads + kv_head) * head_page_bytes(p);
}

/// The tokens of one sequence in a step, side by side in the step's tensors.
struct Run {
  int64_t tokens;
  int64_t position; // of the first token
  int64_t first_token; // in the step's tensors
  const int32_t* table; // the sequence's pages, in the order of its positions
};

} // namespace et_kernels
