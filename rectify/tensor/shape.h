// The sizes of a tensor's axes: a small value without allocation.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace rectify {

class Shape {
 public:
  static constexpr int max_rank = 6;

  Shape() = default;  ///< rank 0: one number
  /// Throws ShapeError for a negative size, more than max_rank axes or a product beyond 2^62.
  Shape(std::initializer_list<int64_t> sizes);
  explicit Shape(std::span<const int64_t> sizes);

  int rank() const { return rank_; }
  /// The size of an axis; a negative one counts from the last. Throws ShapeError if there is no such axis.
  int64_t operator[](int axis) const {
    const int positive = axis < 0 ? axis + rank_ : axis;
    if (positive < 0 || positive >= rank_) throw_no_axis(axis);
    return sizes_[static_cast<size_t>(positive)];
  }
  /// The number of elements: the product of the sizes, 1 for rank 0.
  int64_t count() const { return count_; }
  std::span<const int64_t> sizes() const { return {sizes_.data(), static_cast<size_t>(rank_)}; }

  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_ || a.count_ != b.count_) return false;
    for (int axis = 0; axis < a.rank_; ++axis) {
      if (a.sizes_[static_cast<size_t>(axis)] != b.sizes_[static_cast<size_t>(axis)]) return false;
    }
    return true;
  }

 private:
  [[noreturn]] void throw_no_axis(int axis) const;

  std::array<int64_t, max_rank> sizes_{};
  int rank_ = 0;
  int64_t count_ = 1;
};

/// "(32, 64)".
std::string to_string(const Shape& shape);

/// The shape of x + y with NumPy's broadcasting; throws ShapeError with `function` and both shapes if they do not go together.
Shape broadcast(const Shape& x, const Shape& y, const char* function);

}  // namespace rectify
