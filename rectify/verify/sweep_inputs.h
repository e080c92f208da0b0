// The inputs of a sweep by their number, so that any part of them can be made anywhere.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "rectify/verify/sweep.h"

namespace rectify::verify {

/// The unsigned type of T's bit patterns.
template <class T>
using Bits = std::conditional_t<sizeof(T) == 2, uint16_t, std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;

template <class T>
class InputList {
 public:
  explicit InputList(const Inputs& inputs);

  uint64_t size() const { return regular_ + special_.size(); }
  /// Inputs number begin to begin + n.
  void fill(uint64_t begin, T* x, uint64_t n) const noexcept;

 private:
  T at(uint64_t i) const noexcept;

  Inputs inputs_;
  uint64_t regular_ = 0;
  std::vector<T> special_;
};

}  // namespace rectify::verify
