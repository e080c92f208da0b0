// NPY: one array of NumPy in a file (NEP 1, "A simple file format for NumPy arrays", versions 1.0 to 3.0).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/tensor/tensor.h"

namespace rectify::data {

/// The array in a file's bytes, little or big endian, C or Fortran order. float16, float32 and float64 give their own type, bool and uint8
/// uint8, all other integers int64. Fails for a malformed header, other types, more axes than a Shape has, a uint64 beyond int64, and a truncated or longer file.
Result<Tensor> parse_npy(std::string_view bytes, std::string_view name);

/// The same from a file; throws FileError if it cannot be read and ArgumentError for bad content.
Tensor read_npy(const std::filesystem::path& path);

/// The bytes of a file (version 1.0, C order, little endian) with this array of any dtype but bfloat16 (DTypeError).
std::string npy_bytes(const Tensor& array);

/// Writes them; throws FileError.
void write_npy(const std::filesystem::path& path, const Tensor& array);

}  // namespace rectify::data
