// Number types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rectify {

enum class DType : uint8_t { float32, float64, int64, uint8 };

/// "float32" and so on.
std::string_view name(DType dtype);

/// Bytes per element.
constexpr size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::float32: return 4;
    case DType::float64: return 8;
    case DType::int64: return 8;
    case DType::uint8: return 1;
  }
  return 0;
}

constexpr bool is_floating(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }

namespace detail {
template <class T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::float32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::float64;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::int64;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::uint8;
};
}  // namespace detail

/// The DType of a C++ type: dtype_of<float> == DType::float32.
template <class T>
inline constexpr DType dtype_of = detail::DTypeOf<T>::value;

/// Calls body(T{}) with T the C++ type of the dtype.
template <class Body>
decltype(auto) dispatch(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::float32: return body(float{});
    case DType::float64: return body(double{});
    case DType::int64: return body(int64_t{});
    case DType::uint8: break;
  }
  return body(uint8_t{});
}

}  // namespace rectify
