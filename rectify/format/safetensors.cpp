#include "rectify/format/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "rectify/format/safetensors_header.h"

namespace rectify::format {
namespace {

std::string_view code_of(DType dtype) {
  switch (dtype) {
    case DType::float32: return "F32";
    case DType::float64: return "F64";
    case DType::int64: return "I64";
    case DType::float16: return "F16";
    case DType::bfloat16: return "BF16";
    case DType::uint8: break;
  }
  return "U8";
}

std::optional<DType> dtype_of_code(std::string_view code) {
  for (const DType dtype : {DType::float32, DType::float64, DType::int64, DType::uint8, DType::float16, DType::bfloat16}) {
    if (code_of(dtype) == code) return dtype;
  }
  return std::nullopt;
}

std::string quoted(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw ArgumentError("[write_safetensors] a name or a metadata text is not UTF-8: the format cannot hold it. Re-encode it.");
  }
}

std::string join(std::span<const int64_t> numbers) {
  std::string text;
  for (const int64_t number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

Failure malformed(const std::string& what) { return {"[read_safetensors] " + what}; }

/// The shape and type of an entry whose byte range is `bytes` long, or why they are not possible.
Result<Tensor> make_tensor(const HeaderEntry& entry, std::string_view bytes) {
  const std::string subject = "tensor \"" + entry.name + "\": ";
  const std::optional<DType> dtype = dtype_of_code(entry.dtype);
  if (!dtype) return malformed(subject + "elements of type " + entry.dtype + " are not supported. Convert them to F32, F64, F16, BF16, I64 or U8.");
  if (entry.shape.size() > static_cast<size_t>(Shape::max_rank)) {
    return malformed(subject + std::to_string(entry.shape.size()) + " axes; at most " + std::to_string(Shape::max_rank) + " are possible.");
  }
  constexpr uint64_t limit = uint64_t{1} << 60;
  std::vector<int64_t> sizes;
  uint64_t product = 1;
  for (const uint64_t size : entry.shape) {
    // A zero further on would hide an overflow of the other sizes, so that it is not let into the product.
    if (size > limit || (size > 0 && product > limit / size)) return malformed(subject + "the shape has more than 2^60 elements.");
    if (size > 0) product *= size;
    sizes.push_back(static_cast<int64_t>(size));
  }
  const Shape shape{std::span<const int64_t>(sizes)};
  const uint64_t needed = static_cast<uint64_t>(shape.count()) * size_of(*dtype);
  if (needed != bytes.size()) {
    return malformed(subject + "shape " + to_string(shape) + " of " + entry.dtype + " needs " + std::to_string(needed) + " bytes, its data_offsets span " +
                     std::to_string(bytes.size()) + ".");
  }
  return tensor_from_element_bytes(bytes, shape, *dtype);
}

}  // namespace

std::string write_safetensors(const Safetensors& content) {
  std::string header = "{";
  if (!content.metadata.empty()) {
    header += "\"__metadata__\":{";
    bool first = true;
    for (const auto& [key, text] : content.metadata) {
      header += (first ? "" : ",") + quoted(key) + ":" + quoted(text);
      first = false;
    }
    header += "}";
  }
  std::set<std::string_view> seen;
  std::string elements;
  for (const auto& [name, tensor] : content.tensors) {
    if (name == "__metadata__") throw ArgumentError("[write_safetensors] \"__metadata__\" is reserved by the format. Name the tensor differently.");
    if (!seen.insert(name).second) throw ArgumentError("[write_safetensors] two tensors are named \"" + name + "\". Names must differ.");
    const size_t begin = elements.size();
    append_element_bytes(elements, tensor);
    header += (header.size() > 1 ? "," : "") + quoted(name) + ":{\"dtype\":\"" + std::string(code_of(tensor.dtype())) + "\",\"shape\":[" +
              join(tensor.shape().sizes()) + "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(elements.size()) + "]}";
  }
  header += "}";
  header.append((8 - header.size() % 8) % 8, ' ');

  std::string bytes;
  bytes.reserve(8 + header.size() + elements.size());
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<uint64_t>(header.size()) >> (8 * i) & 0xff);
  return bytes + header + elements;
}

Result<Safetensors> read_safetensors(std::string_view bytes) {
  if (bytes.size() < 8) return malformed("the file has " + std::to_string(bytes.size()) + " bytes; not even the length of the header is there. Is it truncated?");
  uint64_t length = 0;
  for (size_t i = 0; i < 8; ++i) length |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  if (length > bytes.size() - 8) {
    return malformed("the header should have " + std::to_string(length) + " bytes, but only " + std::to_string(bytes.size() - 8) +
                     " follow its length. Is the file truncated, or not a safetensors file?");
  }
  Result<Header> header = parse_safetensors_header(bytes.substr(8, length));
  if (!header) return malformed(header.error());

  const std::string_view elements = bytes.substr(8 + length);
  std::ranges::stable_sort(header->entries, {}, [](const HeaderEntry& entry) { return std::pair(entry.begin, entry.end); });
  Safetensors content;
  content.metadata = std::move(header->metadata);
  uint64_t position = 0;
  for (const HeaderEntry& entry : header->entries) {
    const std::string subject = "tensor \"" + entry.name + "\": ";
    if (entry.begin > entry.end || entry.end > elements.size()) {
      return malformed(subject + "data_offsets [" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "] leave the " +
                       std::to_string(elements.size()) + " bytes of data. Is the file truncated?");
    }
    if (entry.begin != position) {
      return malformed(subject + "its data begin at byte " + std::to_string(entry.begin) + " where " + std::to_string(position) +
                       " was due: tensors must neither overlap nor leave holes.");
    }
    Result<Tensor> tensor = make_tensor(entry, elements.substr(entry.begin, entry.end - entry.begin));
    if (!tensor) return Failure{tensor.error()};
    content.tensors.push_back({entry.name, *tensor});
    position = entry.end;
  }
  if (position != elements.size()) {
    return malformed(std::to_string(elements.size() - position) + " bytes after the last tensor belong to none: the file is damaged.");
  }
  return content;
}

}  // namespace rectify::format
