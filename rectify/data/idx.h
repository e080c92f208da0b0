// IDX: the arrays of MNIST and its kin (LeCun, Cortes, Burges, "The MNIST database of handwritten digits"). Big endian; plain or gzip.
#pragma once

#include <filesystem>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/tensor/tensor.h"

namespace rectify::data {

/// The array in a file's bytes. Unsigned bytes give uint8, the other integers int64, floats float32, doubles float64. gzip is recognised by its first bytes
/// and decompressed straight into the array. Fails for a wrong magic number, a truncated or longer file, a damaged gzip stream, and sizes that the file
/// cannot hold (before anything of that size is allocated). `name` is for messages.
Result<Tensor> parse_idx(std::string_view bytes, std::string_view name);

/// The same from a file; throws FileError if it cannot be read and ArgumentError for bad content.
Tensor read_idx(const std::filesystem::path& path);

}  // namespace rectify::data
