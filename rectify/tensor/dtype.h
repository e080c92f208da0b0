// Number types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rectify/base/float16.h"

namespace rectify {

/// float16 and bfloat16 are for storage: they are converted, written and read. Activations and their derivatives take them, all else asks for to() first.
enum class DType : uint8_t { float32, float64, int64, uint8, float16, bfloat16 };

/// "float32" and so on.
std::string_view name(DType dtype);

/// Bytes per element.
constexpr size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::float32: return 4;
    case DType::float64: return 8;
    case DType::int64: return 8;
    case DType::uint8: return 1;
    case DType::float16: return 2;
    case DType::bfloat16: return 2;
  }
  return 0;
}

/// float32 or float64: what everything can be calculated with.
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
template <>
struct DTypeOf<Float16> {
  static constexpr DType value = DType::float16;
};
template <>
struct DTypeOf<BFloat16> {
  static constexpr DType value = DType::bfloat16;
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
    case DType::float16: return body(Float16{});
    case DType::bfloat16: return body(BFloat16{});
    case DType::uint8: break;
  }
  return body(uint8_t{});
}

}  // namespace rectify
