#include "rectify/format/named_tensor.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "rectify/base/error.h"

namespace rectify::format {
namespace {

/// Between the machine's order of bytes and little-endian, in place; the same swap in both directions.
void swap_if_big_endian(char* bytes, size_t count, size_t size) {
  if constexpr (std::endian::native == std::endian::big) {
    for (size_t i = 0; i < count; ++i) std::reverse(bytes + i * size, bytes + (i + 1) * size);
  } else {
    static_cast<void>(bytes), static_cast<void>(count), static_cast<void>(size);
  }
}

}  // namespace

void append_element_bytes(std::string& bytes, const Tensor& tensor) {
  if (!tensor.defined()) throw ArgumentError("[append_element_bytes] the tensor is undefined. Give it a value before it is written or hashed.");
  const size_t count = static_cast<size_t>(tensor.size());
  const size_t begin = bytes.size();
  bytes.append(static_cast<const char*>(tensor.raw()), count * size_of(tensor.dtype()));
  dispatch(tensor.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T>) {
      using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
      constexpr Bits quiet = sizeof(T) == 4 ? Bits(0x7fc00000u) : Bits(0x7ff8000000000000ull);
      const T* values = tensor.data<T>();
      for (size_t i = 0; i < count; ++i) {
        if (std::isnan(values[i])) std::memcpy(bytes.data() + begin + i * sizeof(T), &quiet, sizeof(T));
      }
    } else if constexpr (sizeof(T) == 2) {
      const T* values = tensor.data<T>();
      for (size_t i = 0; i < count; ++i) {
        if (const auto value = static_cast<double>(values[i]); std::isnan(value)) {
          const T quiet(value);
          std::memcpy(bytes.data() + begin + i * sizeof(T), &quiet.bits, sizeof(T));
        }
      }
    }
    swap_if_big_endian(bytes.data() + begin, count, sizeof(T));
  });
}

Tensor tensor_from_element_bytes(std::string_view bytes, const Shape& shape, DType dtype) {
  const size_t count = static_cast<size_t>(shape.count());
  if (bytes.size() % size_of(dtype) != 0 || bytes.size() / size_of(dtype) != count) {
    throw ShapeError("[tensor_from_element_bytes] " + std::to_string(bytes.size()) + " bytes do not fill the shape " + to_string(shape) + " of " +
                     std::string(name(dtype)) + ".");
  }
  Tensor tensor = Tensor::empty(shape, dtype);
  if (bytes.empty()) return tensor;
  std::memcpy(tensor.raw(), bytes.data(), bytes.size());
  swap_if_big_endian(static_cast<char*>(tensor.raw()), count, size_of(dtype));
  return tensor;
}

}  // namespace rectify::format
