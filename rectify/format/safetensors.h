// The safetensors format of Hugging Face (https://github.com/huggingface/safetensors): 8 bytes with the length N of the header as a
// little-endian number, N bytes of JSON, then the elements of all tensors without gaps.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/format/named_tensor.h"

namespace rectify::format {

/// The content of a file: tensors in the order of their elements in the file, and texts that travel with them.
struct Safetensors {
  std::vector<NamedTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// The bytes of a file. The same content gives the same bytes: metadata sorted by key, tensors in the given order, the header padded with
/// spaces so that the elements begin at a multiple of 8. float32, float64, int64 and uint8 become F32, F64, I64 and U8; NaN loses its payload.
/// Throws ArgumentError for a name that occurs twice, the reserved name "__metadata__", text that is not UTF-8 or an undefined tensor.
std::string write_safetensors(const Safetensors& content);

/// Reads what any writer of the format wrote with these four types. The bytes are not trusted: nothing is allocated before its size was
/// checked against them, and the elements must follow each other from the first byte to the last. The failure says what is wrong and where.
Result<Safetensors> read_safetensors(std::string_view bytes);

}  // namespace rectify::format
