// Memory of the calling thread that a kernel may overwrite: it grows when asked for more and is reused by the next call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace rectify::kernel {

/// Two kernels that run inside each other use different slots.
enum class Scratch { gemm_a, gemm_b, offsets, image, gradient, row, formula };

namespace detail {

inline constexpr std::align_val_t scratch_alignment{128};

/// Plain data, so that it is still usable (empty) in a static destructor that runs after the thread's own.
struct ScratchBlock {
  void* memory;
  size_t bytes;
};
inline thread_local ScratchBlock scratch_blocks[7] = {};

struct ScratchRelease {
  ~ScratchRelease() {
    for (ScratchBlock& block : scratch_blocks) {
      ::operator delete(block.memory, scratch_alignment);
      block = {};
    }
  }
  void arm() {}
};
inline thread_local ScratchRelease scratch_release;

inline void grow(ScratchBlock& block, size_t bytes) {
  scratch_release.arm();
  ::operator delete(block.memory, scratch_alignment);
  block = {};
  block.memory = ::operator new(bytes, scratch_alignment);
  block.bytes = bytes;
}

}  // namespace detail

/// `count` numbers, aligned to 128 bytes, of unspecified content; valid until the thread's next call with the same slot.
template <class T>
T* scratch(Scratch slot, int64_t count) {
  detail::ScratchBlock& block = detail::scratch_blocks[static_cast<int>(slot)];
  const size_t bytes = static_cast<size_t>(count) * sizeof(T);
  if (block.bytes < bytes) detail::grow(block, bytes);
  return static_cast<T*>(block.memory);
}

}  // namespace rectify::kernel
