#include "pages.h"

#include "log.h"

#include <executorch/runtime/platform/log.h>

#include <sys/mman.h>

#include <cinttypes>

namespace bridge {
namespace {

using executorch::runtime::Error;

// Attention jumps from page to page: with huge pages of the system far fewer address translations miss.
constexpr size_t kHugePage = size_t{2} << 20;

Error map(size_t bytes, std::unique_ptr<uint8_t, Unmap>& out) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    ET_LOG(Error, "No memory for KV pages of %zu bytes", bytes);
    return Error::MemoryAllocationFailed;
  }
#if defined(MADV_HUGEPAGE)
  if (bytes >= kHugePage) {
    madvise(memory, bytes, MADV_HUGEPAGE); // a wish: it works without
  }
#endif
  out = {static_cast<uint8_t*>(memory), Unmap{bytes}};
  return Error::Ok;
}

// Far above any model; keeps the bytes of a page from overflowing.
constexpr int64_t kMostSize = int64_t{1} << 20;

bool total_bytes(const et_kernels::Pages& p, int64_t* out) {
  int64_t bytes = et_kernels::head_page_bytes(p);
  for (const int64_t factor : {p.kv_heads, p.layers, p.pages}) {
    if (__builtin_mul_overflow(bytes, factor, &bytes)) {
      return false;
    }
  }
  *out = bytes;
  return bytes <= INT64_MAX - int64_t(kHugePage);
}

et_kernels::ElementType element_type(int type) {
  return type == 2 ? et_kernels::ElementType::kInt8
      : type == 1  ? et_kernels::ElementType::kBFloat16
                   : et_kernels::ElementType::kFloat;
}

Error allocate(EtPages& pages, int64_t* bytes) {
  et_kernels::Pages& p = pages.pages;
  if (p.layers < 1 || p.kv_heads < 1 || p.head_size < 1 || p.pages < 1 || p.page_tokens < et_kernels::kPanel ||
      p.page_tokens % et_kernels::kPanel != 0 || p.page_tokens > kMostSize || p.head_size > kMostSize ||
      !total_bytes(p, bytes)) {
    ET_LOG(
        Error,
        "KV pages cannot have %" PRId64 " layers, %" PRId64 " heads of %" PRId64 ", %" PRId64 " pages of %" PRId64
        " tokens",
        p.layers, p.kv_heads, p.head_size, p.pages, p.page_tokens);
    return Error::InvalidArgument;
  }
  const Error error = map(size_t(*bytes + et_kernels::kPagesSlack), pages.mapping);
  p.memory = pages.mapping.get();
  return error;
}

} // namespace

void Unmap::operator()(uint8_t* memory) const {
  munmap(memory, bytes);
}

} // namespace bridge

int et_pages_allocate(
    int layers, int kv_heads, int head_size, int page_tokens, int type, int pages, int64_t* out) {
  return bridge::guarded([&] {
    auto allocated = std::make_unique<EtPages>();
    allocated->pages = {bridge::element_type(type), layers, kv_heads, head_size, page_tokens, pages, nullptr};
    int64_t bytes = 0;
    const auto error = bridge::allocate(*allocated, &bytes);
    if (error == bridge::Error::Ok) {
      out[0] = et_address(allocated.release());
      out[1] = bytes;
    }
    return error;
  });
}

void et_pages_free(EtPages* pages) {
  bridge::guarded([&] {
    delete pages;
    return bridge::Error::Ok;
  });
}
