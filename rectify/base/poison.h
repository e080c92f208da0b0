// Memory that waits for reuse, as AddressSanitizer should see it: not to be touched. Without the sanitizer these do nothing.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define RECTIFY_SANITIZE_ADDRESS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RECTIFY_SANITIZE_ADDRESS 1
#endif
#endif

#ifdef RECTIFY_SANITIZE_ADDRESS
#include <sanitizer/asan_interface.h>
#endif

namespace rectify::detail {

/// Whether this build watches memory: pools of small blocks then leave them to the allocator, which catches more.
#ifdef RECTIFY_SANITIZE_ADDRESS
inline constexpr bool memory_is_watched = true;
inline void forbid(void* memory, size_t bytes) { __asan_poison_memory_region(memory, bytes); }
inline void allow(void* memory, size_t bytes) { __asan_unpoison_memory_region(memory, bytes); }
#else
inline constexpr bool memory_is_watched = false;
inline void forbid(void*, size_t) {}
inline void allow(void*, size_t) {}
#endif

}  // namespace rectify::detail
