#pragma once

#include <cstdint>
#include <cstring>

// The inner loops of the gated delta rule: a few columns of one state, their sums in registers. Every sum runs over the
// key dimension in ascending order. Compiled for the platform's baseline, so all levels of isa.h have the same bits.
namespace et_kernels {

/// One head's tensors, contiguous in every token; the query heads that read this state are `group` in a row.
struct DeltaHead {
  const float* query; // [group, length, key_size]
  const float* key; // [length, key_size]
  const float* value; // [length, value_size]
  const float* decay; // [length, key_size] with a decay_stride of 1, [length] with 0
  const float* beta; // [length]
  float* state; // [key_size, value_size], updated
  float* out; // [group, length, value_size]
  int64_t length;
  int64_t key_size;
  int64_t value_size;
  int64_t group;
  int64_t decay_stride;
};

typedef float DeltaLanes __attribute__((vector_size(16)));

/// How many columns one pass holds in registers.
constexpr int64_t kDeltaColumns = 32;

/// N neighboring vectors, or numbers, of a row.
template <class T, int N>
struct Columns {
  T lane[N];

  static Columns load(const float* from) {
    Columns columns;
    std::memcpy(columns.lane, from, sizeof(columns.lane));
    return columns;
  }
  void store(float* to) const {
    std::memcpy(to, lane, sizeof(lane));
  }
  void scale(float factor) {
    for (T& each : lane) {
      each *= factor;
    }
  }
  void add(const Columns& other, float factor) {
    for (int i = 0; i < N; ++i) {
      lane[i] += other.lane[i] * factor;
    }
  }
  void subtract(const Columns& other) {
    for (int i = 0; i < N; ++i) {
      lane[i] -= other.lane[i];
    }
  }
};

/// One token, for N vectors or numbers from `column` on.
template <class T, int N>
inline void step(const DeltaHead& head, int64_t token, int64_t column) {
  using C = Columns<T, N>;
  const float* key = head.key + token * head.key_size;
  const float* decay = head.decay + (head.decay_stride == 0 ? token : token * head.key_size);
  float* state = head.state + column;

  C remembered = {};
  for (int64_t k = 0; k < head.key_size; ++k) {
    C row = C::load(state + k * head.value_size);
    row.scale(decay[k * head.decay_stride]);
    row.store(state + k * head.value_size);
    remembered.add(row, key[k]);
  }
  C correction = C::load(head.value + token * head.value_size + column);
  correction.subtract(remembered);
  correction.scale(head.beta[token]);

  for (int64_t member = 0; member < head.group; ++member) {
    const float* query = head.query + (member * head.length + token) * head.key_size;
    C out = {};
    for (int64_t k = 0; k < head.key_size; ++k) {
      C row = C::load(state + k * head.value_size);
      if (member == 0) {
        row.add(correction, key[k]);
        row.store(state + k * head.value_size);
      }
      out.add(row, query[k]);
    }
    out.store(head.out + (member * head.length + token) * head.value_size + column);
  }
}

template <class T, int N>
inline void run_tokens(const DeltaHead& head, int64_t column) {
  for (int64_t token = 0; token < head.length; ++token) {
    step<T, N>(head, token, column);
  }
}

/// Carries `columns` columns, kDeltaColumns at most, from `column` on through all tokens.
inline void run_columns(const DeltaHead& head, int64_t column, int64_t columns) {
  constexpr int kLanes = sizeof(DeltaLanes) / sizeof(float);
  const int64_t end = column + columns;
  if (columns == kDeltaColumns) {
    run_tokens<DeltaLanes, int(kDeltaColumns) / kLanes>(head, column);
    return;
  }
  for (; column + kLanes <= end; column += kLanes) {
    run_tokens<DeltaLanes, 1>(head, column);
  }
  for (; column < end; ++column) {
    run_tokens<float, 1>(head, column);
  }
}

} // namespace et_kernels
