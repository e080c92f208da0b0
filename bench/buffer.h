// Memory that is measured on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>

namespace bench {

/// Elements uniform in [low, high] that start at a multiple of 64 bytes, a given number of bytes after the start of a page: where the same element of two buffers is at
/// different places of its page, no load waits for a store to an address that ends alike.
class Buffer {
 public:
  Buffer(int64_t n, size_t page_offset, float low, float high, uint32_t seed) : page_offset_(page_offset) {
    constexpr size_t page = 4096;
    const size_t bytes = (page_offset + static_cast<size_t>(n) * sizeof(float) + page - 1) / page * page;
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(page, bytes)));
    if (!memory_) throw std::bad_alloc();
    std::mt19937 random(seed);
    for (int64_t i = 0; i < n; ++i) data()[i] = low + (high - low) * static_cast<float>(random() >> 8) * 0x1p-24f;
  }
  float* data() const { return reinterpret_cast<float*>(memory_.get() + page_offset_); }

 private:
  size_t page_offset_;
  std::unique_ptr<std::byte, decltype(&std::free)> memory_{nullptr, &std::free};
};

}  // namespace bench
