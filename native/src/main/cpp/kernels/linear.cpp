#include "linear.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <vector>

#include <executorch/runtime/core/exec_aten/util/tensor_util.h>
#include <executorch/runtime/kernel/thread_parallel_interface.h>

#include "check.h"
#include "isa.h"
#include "linear_kernel.h"

namespace et_kernels {
namespace {

using executorch::aten::ScalarType;
using executorch::aten::Tensor;
using executorch::runtime::Error;

// Beyond this, the sums of 8-bit products might not fit 32 bits.
constexpr int64_t kMostInputs = 65536;
constexpr int64_t kMostChannels = int64_t{1} << 24;
// Quantized rows that are multiplied with all weights before the next come. More would leave the second cache, with
// fewer the weights would come from memory more often.
constexpr int64_t kBlockBytes = 1024 * 1024;
// Weights that a task multiplies with one tile after the other: they stay there too.
constexpr int64_t kTaskBytes = 256 * 1024;
// Multiplications that one thread does in about the time that another one takes to wake up and to be waited for; the
// plain kernel does fewer.
constexpr int64_t kInlineWork = 8 * 1024 * 1024;
constexpr int64_t kPlainInlineWork = 256 * 1024;
// With few rows, reading the weights is what takes the time: as much as multiplying so many rows by them.
constexpr int64_t kReadingRows = 16;
constexpr int64_t kInlineFloats = 64 * 1024;

const LinearKernels& kernels() {
#if defined(__x86_64__)
  switch (et_kernels_isa()) {
    case ET_KERNELS_AVX512:
      return et_kernels_has_vnni() ? kVnniLinear : kAvx2Linear;
    case ET_KERNELS_AVX2:
      return kAvx2Linear;
  }
#endif
  return kPlainLinear;
}

int64_t round_up(int64_t n, int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

/// Calls work(i) for 0 <= i < tasks; threads take tasks as they get free.
template <class Work>
bool for_each_task(int64_t tasks, int64_t threads, const Work& work) {
  if (threads > tasks) {
    threads = tasks;
  }
  if (threads <= 1) {
    for (int64_t task = 0; task < tasks; ++task) {
      work(task);
    }
    return true;
  }
  std::atomic<int64_t> next{0};
  return executorch::extension::parallel_for(0, threads, 1, [&](int64_t, int64_t) {
    for (int64_t task = next++; task < tasks; task = next++) {
      work(task);
    }
  });
}

/// What a call multiplies. Rows are taken in blocks, a block's rows in tiles, and each tile with each panel is a task.
struct Call {
  const float* in;
  const uint8_t* packed;
  float* out;
  int64_t rows, inputs, channels;
  bool four_bits;

  int64_t groups() const {
    return round_up(inputs, kGroupInputs) / kGroupInputs;
  }
  int64_t panels() const {
    return round_up(channels, kPanelChannels) / kPanelChannels;
  }
  int64_t panel_bytes() const {
    return four_bits ? groups() * kGroupBytes4 + kTailBytes4 : groups() * kGroupBytes8 + kTailBytes8;
  }
};

/// Rows that are quantized together, in tiles of about the same size.
struct Block {
  uint8_t* bytes;
  RowScale* scales;
  int64_t first, rows, tiles;

  int64_t tile_begin(int64_t tile) const {
    return tile * rows / tiles;
  }
};

bool quantize(const Call& call, const Block& block, int64_t threads) {
  const auto quantize_tile = [&](int64_t tile) {
    const int64_t begin = block.tile_begin(tile), rows = block.tile_begin(tile + 1) - begin;
    uint8_t* bytes = block.bytes + begin * call.groups() * kGroupInputs;
    for (int64_t row = 0; row < rows; ++row) {
      block.scales[begin + row] = kernels().quantize(
          call.in + (block.first + begin + row) * call.inputs, call.inputs, bytes + row * kGroupInputs,
          rows * kGroupInputs);
    }
  };
  return for_each_task(block.tiles, block.rows * call.inputs < kInlineFloats ? 1 : threads, quantize_tile);
}

bool multiply(const Call& call, const Block& block, int64_t threads) {
  const auto tile_kernel = call.four_bits ? kernels().tile4 : kernels().tile8;
  const int64_t panels = call.panels(), panel_bytes = call.panel_bytes(), groups = call.groups();
  // A task is some panels, which stay in the second cache, with all tiles; or with some, if that leaves too few tasks.
  const int64_t wanted = threads == 1 ? 1 : 4 * threads;
  const int64_t strip = std::max<int64_t>(1, std::min(kTaskBytes / panel_bytes, panels / wanted));
  const int64_t strips = (panels + strip - 1) / strip;
  const int64_t parts = std::min((wanted + strips - 1) / strips, block.tiles);
  const auto multiply_tiles = [&](int64_t task) {
    const int64_t first_panel = task / parts * strip, last_panel = std::min(first_panel + strip, panels);
    const int64_t part = task % parts;
    for (int64_t tile = part * block.tiles / parts; tile < (part + 1) * block.tiles / parts; ++tile) {
      const int64_t begin = block.tile_begin(tile), rows = block.tile_begin(tile + 1) - begin;
      for (int64_t panel = first_panel; panel < last_panel; ++panel) {
        const int64_t channel = panel * kPanelChannels;
        tile_kernel(
            {block.bytes + begin * groups * kGroupInputs, block.scales + begin, rows, groups,
             call.packed + panel * panel_bytes, call.out + (block.first + begin) * call.channels + channel,
             call.channels, std::min(call.channels - channel, kPanelChannels)});
      }
    }
  };
  return for_each_task(strips * parts, threads, multiply_tiles);
}

Error multiply(const Call& call, const char* op) {
  const int64_t row_bytes = call.groups() * kGroupInputs;
  const int64_t most = std::max(kBlockBytes / row_bytes, 4 * kMostTileRows);
  const int64_t blocks = (call.rows + most - 1) / most, block_rows = (call.rows + blocks - 1) / blocks;
  static thread_local std::vector<uint8_t> bytes; // kept from call to call
  static thread_local std::vector<RowScale> scales;
  try {
    bytes.resize(std::max(bytes.size(), size_t(block_rows * row_bytes)));
    scales.resize(std::max(scales.size(), size_t(block_rows)));
  } catch (const std::bad_alloc&) {
    ET_LOG(Error, "%s: no memory for %lld quantized rows", op, static_cast<long long>(block_rows));
    return Error::MemoryAllocationFailed;
  }
  const int64_t work = (call.rows + kReadingRows) * call.inputs * call.channels;
  const int64_t inline_work = &kernels() == &kPlainLinear ? kPlainInlineWork : kInlineWork;
  const int64_t threads = work < inline_work ? 1 : executorch::extension::get_thread_count();
  for (int64_t first = 0; first < call.rows; first += block_rows) {
    const int64_t rows = call.rows - first < block_rows ? call.rows - first : block_rows;
    const Block block{bytes.data(), scales.data(), first, rows, (rows + kMostTileRows - 1) / kMostTileRows};
    if (!quantize(call, block, threads) || !multiply(call, block, threads)) {
      return Error::Internal;
    }
  }
  return Error::Ok;
}

bool check(const Tensor& in, const Tensor& packed, const Call& call, Tensor& out, const char* op) {
  if (!check_type(in, ScalarType::Float, op, "input") || !check_type(packed, ScalarType::Byte, op, "weights") ||
      !check_type(out, ScalarType::Float, op, "out") || !check_dense(packed, 1, "[bytes]", op, "weights")) {
    return false;
  }
  ET_KERNELS_REQUIRE(
      call.inputs <= kMostInputs && call.channels > 0 && call.channels <= kMostChannels,
      "%s: cannot multiply %lld inputs to %lld features, at most %lld and 1 to %lld are possible", op,
      static_cast<long long>(call.inputs), static_cast<long long>(call.channels), static_cast<long long>(kMostInputs),
      static_cast<long long>(kMostChannels));
  const int64_t need = call.panels() * call.panel_bytes();
  ET_KERNELS_REQUIRE(
      packed.numel() == need, "%s: weights have %lld bytes, %lld inputs and %lld features need %lld", op,
      static_cast<long long>(packed.numel()), static_cast<long long>(call.inputs),
      static_cast<long long>(call.channels), static_cast<long long>(need));
  executorch::aten::SizesType sizes[executorch::runtime::kTensorDimensionLimit];
  ET_KERNELS_REQUIRE(
      out.dim() == in.dim() && in.dim() <= int(executorch::runtime::kTensorDimensionLimit),
      "%s: out has %d dimensions, input %d", op, int(out.dim()), int(in.dim()));
  for (int i = 0; i + 1 < in.dim(); ++i) {
    sizes[i] = in.size(i);
  }
  sizes[in.dim() - 1] = static_cast<executorch::aten::SizesType>(call.channels);
  ET_KERNELS_REQUIRE(
      executorch::runtime::resize_tensor(out, {sizes, size_t(in.dim())}) == Error::Ok,
      "%s: out cannot take the result's shape", op);
  return check_dense(out, int(out.dim()), "any", op, "out");
}

} // namespace

Error linear(
    const Tensor& in, const Tensor& packed, int64_t out_features, LinearWeights weights, Tensor& out, const char* op) {
  if (in.dim() < 1 || !check_dense(in, int(in.dim()), "[..., inputs]", op, "input")) {
    ET_LOG(Error, "%s: cannot use the input", op);
    return Error::InvalidArgument;
  }
  Call call{};
  call.inputs = in.size(in.dim() - 1);
  call.rows = in.numel() / call.inputs;
  call.channels = out_features;
  call.four_bits = weights == LinearWeights::kInt4;
  if (!check(in, packed, call, out, op)) {
    return Error::InvalidArgument;
  }
  call.in = in.const_data_ptr<float>();
  call.packed = packed.const_data_ptr<uint8_t>();
  call.out = out.mutable_data_ptr<float>();
  return multiply(call, op);
}

} // namespace et_kernels
