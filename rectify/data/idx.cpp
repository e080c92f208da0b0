#include "rectify/data/idx.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "rectify/base/files.h"
#include "rectify/data/byte_stream.h"

namespace rectify::data {
namespace {

struct ElementType {
  size_t bytes;
  DType dtype;
};

ElementType element_type(unsigned code, const std::string& name) {
  switch (code) {
    case 0x08: return {1, DType::uint8};
    case 0x09: return {1, DType::int64};
    case 0x0B: return {2, DType::int64};
    case 0x0C: return {4, DType::int64};
    case 0x0D: return {4, DType::float32};
    case 0x0E: return {8, DType::float64};
    default: throw ArgumentError(name + ": element type " + std::to_string(code) + " is not one of IDX's (8, 9, 11 to 14). Is this an IDX file?");
  }
}

// The big-endian bits of an element, in the low bits of the result.
uint64_t load(const unsigned char* bytes, size_t count) {
  uint64_t bits = 0;
  for (size_t i = 0; i < count; ++i) bits = bits << 8 | bytes[i];
  return bits;
}

void store(Tensor& out, int64_t index, uint64_t bits, size_t bytes) {
  switch (out.dtype()) {
    case DType::float32: out.data<float>()[index] = std::bit_cast<float>(static_cast<uint32_t>(bits)); break;
    case DType::float64: out.data<double>()[index] = std::bit_cast<double>(bits); break;
    default: {
      const int shift = 64 - 8 * static_cast<int>(bytes);  // sign extension
      out.data<int64_t>()[index] = static_cast<int64_t>(bits << shift) >> shift;
    }
  }
}

Tensor decode(std::string_view bytes, const std::string& name) {
  ByteStream stream(bytes, name);
  unsigned char head[4];
  stream.read(head, 4);
  if (head[0] != 0 || head[1] != 0) {
    throw ArgumentError(name + ": wrong magic number: the first two bytes are " + std::to_string(head[0]) + " and " + std::to_string(head[1]) +
                        ", not 0 and 0. Is this an IDX file?");
  }
  const ElementType type = element_type(head[2], name);
  const int rank = head[3];
  if (rank < 1 || rank > Shape::max_rank) {
    throw ArgumentError(name + ": " + std::to_string(rank) + " axes; 1 to " + std::to_string(Shape::max_rank) + " are supported.");
  }

  std::vector<int64_t> sizes(static_cast<size_t>(rank));
  uint64_t total = type.bytes;
  bool overflow = false, empty = false;
  for (int64_t& size : sizes) {
    unsigned char field[4];
    stream.read(field, 4);
    size = static_cast<int64_t>(load(field, 4));
    empty = empty || size == 0;
    overflow = overflow || __builtin_mul_overflow(total, static_cast<uint64_t>(std::max<int64_t>(size, 1)), &total);
  }
  if (empty) throw ArgumentError(name + ": one of its sizes is 0; there are no data in it.");
  if (overflow || total > stream.at_most()) {
    std::string product;
    for (const int64_t size : sizes) product += (product.empty() ? "" : " x ") + std::to_string(size);
    throw ArgumentError(name + ": the file is truncated or its header is wrong: the header promises " + product + " elements of " + std::to_string(type.bytes) +
                        " bytes, but at most " + std::to_string(stream.at_most()) + " bytes follow it. Fetch the file again.");
  }

  Tensor out = Tensor::empty(Shape(std::span<const int64_t>(sizes)), type.dtype);
  if (type.dtype == DType::uint8) {
    stream.read(out.raw(), static_cast<size_t>(out.size()));
  } else {
    std::vector<unsigned char> buffer(8192 * type.bytes);
    for (int64_t begin = 0; begin < out.size(); begin += 8192) {
      const int64_t count = std::min<int64_t>(8192, out.size() - begin);
      stream.read(buffer.data(), static_cast<size_t>(count) * type.bytes);
      for (int64_t i = 0; i < count; ++i) store(out, begin + i, load(buffer.data() + static_cast<size_t>(i) * type.bytes, type.bytes), type.bytes);
    }
  }
  if (!stream.at_end()) {
    throw ArgumentError(name + ": bytes follow after the " + std::to_string(stream.position()) + " that the header promises. Is the file damaged?");
  }
  return out;
}

}  // namespace

Result<Tensor> parse_idx(std::string_view bytes, std::string_view name) {
  try {
    return decode(bytes, "[idx] " + std::string(name));
  } catch (const ArgumentError& error) {
    return Failure{error.what()};
  }
}

Tensor read_idx(const std::filesystem::path& path) { return parse_idx(read_file(path), path.string()).or_throw(); }

}  // namespace rectify::data
