#include "rectify/tensor/storage.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <new>
#include <string>

#include "rectify/base/error.h"
#include "rectify/base/poison.h"

namespace rectify::detail {
namespace {

constexpr size_t alignment = 64;
constexpr size_t cache_limit = size_t{256} << 20;    // bytes kept per thread
constexpr size_t largest_cached = size_t{64} << 20;  // bigger blocks go back to the system at once

std::atomic<size_t> from_system{0};

/// Four sizes per power of two: at most a quarter is wasted, and batches of slightly different size share blocks.
struct SizeClass {
  size_t bytes, index;
};
SizeClass size_class(size_t bytes) {
  if (bytes <= alignment) return {alignment, 0};
  const size_t unit = std::max(std::bit_ceil(bytes) / 8, alignment), steps = (bytes + unit - 1) / unit;
  // Between two powers of two there are the steps 5 to 8 of an eighth of the upper one.
  return {steps * unit, 4 * static_cast<size_t>(std::bit_width(unit / alignment)) + steps};
}

void release(std::byte* block, size_t bytes) {
  allow(block, bytes);
  from_system.fetch_sub(bytes, std::memory_order_relaxed);
  std::free(block);
}

/// A thread's freed blocks: one list per size, linked through the blocks themselves.
class Cache {
 public:
  ~Cache() {
    alive_ = false;
    for (List& list : lists_) {
      while (std::byte* const block = list.take()) release(block, list.bytes);
    }
  }

  static Cache* of_this_thread() {
    thread_local Cache cache;
    return alive_ ? &cache : nullptr;
  }

  std::byte* take(SizeClass size) {
    if (size.bytes > largest_cached) return nullptr;
    std::byte* const block = lists_[size.index].take();
    if (block) kept_ -= size.bytes;
    return block;
  }

  bool keep(std::byte* block, SizeClass size) {
    if (size.bytes > largest_cached || kept_ + size.bytes > cache_limit) return false;
    lists_[size.index].put(block, size.bytes);
    kept_ += size.bytes;
    return true;
  }

 private:
  struct Free {
    Free* next;
  };
  struct List {
    Free* first = nullptr;
    size_t bytes = 0;
    std::byte* take() {
      Free* const block = first;
      if (block) {
        allow(block, sizeof(Free));
        first = block->next;
      }
      return reinterpret_cast<std::byte*>(block);
    }
    void put(std::byte* block, size_t size) {
      bytes = size;
      allow(block, sizeof(Free));
      first = new (block) Free{first};
      forbid(block, size);
    }
  };

  // Tensors may outlive their thread's cache (statics): then blocks go straight to the system.
  static thread_local bool alive_;
  std::array<List, 4 * std::bit_width(largest_cached / 8 / alignment) + 9> lists_;
  size_t kept_ = 0;
};

thread_local bool Cache::alive_ = true;

}  // namespace

Storage::Storage(size_t bytes) : bytes_(bytes) {
  const SizeClass size = size_class(bytes);
  Cache* const cache = Cache::of_this_thread();
  data_ = cache ? cache->take(size) : nullptr;
  if (!data_) {
    data_ = static_cast<std::byte*>(std::aligned_alloc(alignment, size.bytes));
    if (!data_) throw ArgumentError("[Tensor] not enough memory for " + std::to_string(bytes) + " bytes. Use smaller batches or layers.");
    from_system.fetch_add(size.bytes, std::memory_order_relaxed);
  }
  forbid(data_, size.bytes);
  allow(data_, bytes);
}

Storage::~Storage() {
  const SizeClass size = size_class(bytes_);
  Cache* const cache = Cache::of_this_thread();
  if (!cache || !cache->keep(data_, size)) release(data_, size.bytes);
}

size_t system_bytes() { return from_system.load(std::memory_order_relaxed); }

}  // namespace rectify::detail
