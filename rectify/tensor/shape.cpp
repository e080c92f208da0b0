#include "rectify/tensor/shape.h"

#include <algorithm>

#include "rectify/base/error.h"

namespace rectify {

Shape::Shape(std::initializer_list<int64_t> sizes) : Shape(std::span<const int64_t>(sizes.begin(), sizes.size())) {}

Shape::Shape(std::span<const int64_t> sizes) {
  if (sizes.size() > static_cast<size_t>(max_rank)) {
    throw ShapeError("[Shape] " + std::to_string(sizes.size()) + " axes; at most " + std::to_string(max_rank) + " are possible.");
  }
  for (const int64_t size : sizes) {
    if (size < 0) throw ShapeError("[Shape] a size is negative: " + std::to_string(size) + ".");
    if (__builtin_mul_overflow(count_, size, &count_) || count_ > int64_t{1} << 62) throw ShapeError("[Shape] more than 2^62 elements.");
    sizes_[static_cast<size_t>(rank_++)] = size;
  }
}

void Shape::throw_no_axis(int axis) const {
  throw ShapeError("[Shape] there is no axis " + std::to_string(axis) + " in the shape " + to_string(*this) + ".");
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (const int64_t size : shape.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + (shape.rank() == 1 ? ",)" : ")");
}

Shape broadcast(const Shape& x, const Shape& y, const char* function) {
  if (x == y) return x;
  const int rank = std::max(x.rank(), y.rank());
  std::array<int64_t, Shape::max_rank> sizes{};
  for (int i = 0; i < rank; ++i) {
    const int64_t a = i < x.rank() ? x[-1 - i] : 1;
    const int64_t b = i < y.rank() ? y[-1 - i] : 1;
    if (a != b && a != 1 && b != 1) {
      throw ShapeError("[" + std::string(function) + "] shapes do not go together: " + to_string(x) + " and " + to_string(y) +
                       ". Sizes must be equal or 1, compared from the last axis.");
    }
    sizes[static_cast<size_t>(rank - 1 - i)] = a == 1 ? b : a;
  }
  return Shape(std::span<const int64_t>(sizes.data(), static_cast<size_t>(rank)));
}

}  // namespace rectify
