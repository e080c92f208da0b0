#include "rectify/tensor/storage.h"

#include <atomic>
#include <bit>
#include <cstdlib>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

#include "rectify/base/error.h"

namespace rectify::detail {
namespace {

constexpr size_t alignment = 64;
constexpr size_t cache_limit = size_t{256} << 20;       // bytes kept per thread
constexpr size_t largest_cached = size_t{64} << 20;     // bigger blocks go back to the system at once

std::atomic<size_t> live{0};

/// Four size classes per power of two: at most a quarter is wasted, and batches of slightly different size share blocks.
size_t size_class(size_t bytes) {
  if (bytes <= alignment) return alignment;
  const size_t step = std::bit_ceil(bytes) / 8;
  const size_t unit = step < alignment ? alignment : step;
  return (bytes + unit - 1) / unit * unit;
}

class Cache {
 public:
  ~Cache() {
    alive_ = false;
    for (auto& [size, blocks] : free_) {
      for (std::byte* block : blocks) std::free(block);
    }
  }

  static Cache* of_this_thread() {
    thread_local Cache cache;
    return alive_ ? &cache : nullptr;
  }

  std::byte* take(size_t size) {
    const auto found = free_.find(size);
    if (found == free_.end() || found->second.empty()) return nullptr;
    std::byte* block = found->second.back();
    found->second.pop_back();
    kept_ -= size;
    return block;
  }

  bool keep(std::byte* block, size_t size) {
    if (size > largest_cached || kept_ + size > cache_limit) return false;
    free_[size].push_back(block);
    kept_ += size;
    return true;
  }

 private:
  // Tensors may outlive their thread's cache (statics): then blocks go straight to the system.
  static thread_local bool alive_;
  std::unordered_map<size_t, std::vector<std::byte*>> free_;
  size_t kept_ = 0;
};

thread_local bool Cache::alive_ = true;

}  // namespace

Storage::Storage(size_t bytes) : capacity_(size_class(bytes)) {
  Cache* cache = Cache::of_this_thread();
  data_ = cache ? cache->take(capacity_) : nullptr;
  if (!data_) data_ = static_cast<std::byte*>(std::aligned_alloc(alignment, capacity_));
  if (!data_) throw ArgumentError("[Tensor] not enough memory for " + std::to_string(bytes) + " bytes. Use smaller batches or layers.");
  live.fetch_add(capacity_, std::memory_order_relaxed);
}

Storage::~Storage() {
  live.fetch_sub(capacity_, std::memory_order_relaxed);
  Cache* cache = Cache::of_this_thread();
  if (!cache || !cache->keep(data_, capacity_)) std::free(data_);
}

size_t live_bytes() { return live.load(std::memory_order_relaxed); }

}  // namespace rectify::detail
