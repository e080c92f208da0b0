// The elements of tensors as bytes that are the same on every machine: what files and digests are made of.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rectify/tensor/named_tensor.h"

namespace rectify::format {

/// Appends the elements in row-major order, little-endian, to `bytes`. Every NaN becomes the one quiet NaN without payload
/// (0x7fc00000, 0x7ff8000000000000, 0x7e00 for float16, 0x7fc0 for bfloat16), since payloads differ between processors. Throws ArgumentError for an undefined tensor.
void append_element_bytes(std::string& bytes, const Tensor& tensor);

/// The inverse; `bytes` holds exactly shape.count() elements, otherwise ShapeError.
Tensor tensor_from_element_bytes(std::string_view bytes, const Shape& shape, DType dtype);

}  // namespace rectify::format
