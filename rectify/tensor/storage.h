// Memory of tensors: 64-byte aligned blocks that are kept for reuse by size, so that a warm training loop allocates nothing.
#pragma once

#include <cstddef>

namespace rectify::detail {

/// An owned block of memory, contents not set. Small sizes are rounded up so that they can be reused; freed blocks stay with the
/// freeing thread up to a limit. Throws ArgumentError if the system has no such amount.
class Storage {
 public:
  explicit Storage(size_t bytes);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  std::byte* data() const { return data_; }

 private:
  std::byte* data_;
  size_t bytes_;
};

/// Bytes that tensors have taken from the system and not given back, those that wait for reuse included: it does not grow in a warm training loop.
size_t system_bytes();

}  // namespace rectify::detail
