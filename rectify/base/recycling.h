// Memory for the small objects that come and go with every operation: handles of tensors, nodes of the tape. A freed block waits in a list of the thread that
// freed it, so that taking one costs a few instructions and a warm training loop asks the system for nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

#include "rectify/base/poison.h"

namespace rectify {
namespace detail {

/// One list per multiple of 32 bytes.
class SmallBlocks {
 public:
  static constexpr size_t unit = 32, largest = 512;
  static constexpr uint32_t kept_per_size = 4096;  // a thread that only frees must not hoard

  static void* take(size_t bytes) {
    if (bytes > largest) return ::operator new(bytes);
    List& list = lists[(bytes - 1) / unit];
    // A watched build may be linked with one that is not: the sizes are those of the lists in either.
    if (Free* const block = memory_is_watched ? nullptr : list.first) {
      list.first = block->next;
      --list.length;
      return block;
    }
    return ::operator new((bytes + unit - 1) / unit * unit);
  }

  static void give(void* memory, size_t bytes) noexcept {
    if (!memory_is_watched && bytes <= largest) {
      List& list = lists[(bytes - 1) / unit];
      if (list.length < kept_per_size && keeper.alive()) {
        list.first = new (memory) Free{list.first};
        ++list.length;
        return;
      }
    }
    ::operator delete(memory);
  }

 private:
  struct Free {
    Free* next;
  };
  /// Plain data, so that it can be used (empty) in a static destructor that runs after the thread's own.
  struct List {
    Free* first;
    uint32_t length;
  };
  /// Empties the lists when the thread ends; what is freed later goes to the system at once.
  struct Keeper {
    ~Keeper() {
      ended = true;
      for (List& list : lists) {
        while (Free* const block = list.first) {
          list.first = block->next;
          ::operator delete(block);
        }
      }
    }
    bool alive() const { return !ended; }
  };
  static thread_local std::array<List, largest / unit> lists;
  static thread_local bool ended;
  static thread_local Keeper keeper;
};

inline thread_local std::array<SmallBlocks::List, SmallBlocks::largest / SmallBlocks::unit> SmallBlocks::lists{};
inline thread_local bool SmallBlocks::ended = false;
inline thread_local SmallBlocks::Keeper SmallBlocks::keeper;

}  // namespace detail

/// An allocator over such blocks, for std::allocate_shared and containers of handles.
template <class T>
struct Recycling {
  using value_type = T;
  Recycling() = default;
  template <class U>
  Recycling(const Recycling<U>&) {}

  T* allocate(size_t count) {
    if constexpr (alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__) static_assert(sizeof(T) == 0, "recycled blocks have the alignment of operator new");
    return static_cast<T*>(detail::SmallBlocks::take(count * sizeof(T)));
  }
  void deallocate(T* memory, size_t count) noexcept { detail::SmallBlocks::give(memory, count * sizeof(T)); }

  template <class U>
  friend bool operator==(const Recycling&, const Recycling<U>&) {
    return true;
  }
};

}  // namespace rectify
