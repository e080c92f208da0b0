#include "rectify/data/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "rectify/base/files.h"

namespace rectify::data {
namespace {

static_assert(std::endian::native == std::endian::little, "write_npy and the copy of whole arrays rely on it");

struct Header {
  std::string type;  // "<f4"
  bool fortran_order = false;
  std::vector<int64_t> sizes;
};

// Reads the header's text, a Python dictionary with three keys.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Header parse() {
    Header header;
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !has_type) {
        skip_space();
        if (peek() == '[') throw ArgumentError(name_ + ": the elements are records; save each field as an array of its own.");
        header.type = string(), has_type = true;
      } else if (key == "fortran_order" && !has_order) {
        header.fortran_order = boolean(), has_order = true;
      } else if (key == "shape" && !has_shape) {
        header.sizes = tuple(), has_shape = true;
      } else {
        fail();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (position_ != text_.size() || !has_type || !has_order || !has_shape) fail();
    return header;
  }

 private:
  char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t') ++position_;
  }
  bool accept(char c) {
    skip_space();
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  std::string string() {
    skip_space();
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail();
    const size_t begin = ++position_;
    while (position_ < text_.size() && text_[position_] != quote) ++position_;
    if (position_ >= text_.size()) fail();
    return std::string(text_.substr(begin, position_++ - begin));
  }
  bool boolean() {
    skip_space();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.substr(position_).starts_with(word)) continue;
      position_ += word.size();
      return word == "True";
    }
    fail();
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> sizes;
    expect('(');
    while (!accept(')')) {
      skip_space();
      if (peek() < '0' || peek() > '9') fail();
      int64_t size = 0;
      for (; peek() >= '0' && peek() <= '9'; ++position_) {
        if (__builtin_mul_overflow(size, int64_t{10}, &size) || __builtin_add_overflow(size, int64_t{peek() - '0'}, &size)) fail();
      }
      if (peek() == 'L') ++position_;  // written by Python 2
      sizes.push_back(size);
      if (static_cast<int>(sizes.size()) > Shape::max_rank) throw ArgumentError(name_ + ": more than " + std::to_string(Shape::max_rank) + " axes.");
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }
  [[noreturn]] void fail() const { throw ArgumentError(name_ + ": the header is malformed at byte " + std::to_string(position_) + " of its text. Is this an NPY file?"); }

  std::string_view text_;
  const std::string& name_;
  size_t position_ = 0;
};

struct ElementType {
  char kind = 0;  // 'b' bool, 'u', 'i', 'f'
  size_t bytes = 0;
  bool swapped = false;
  DType dtype = DType::float32;
};

ElementType element_type(const std::string& text, const std::string& name) {
  const auto is = [&](std::string_view kinds) { return std::find(kinds.begin(), kinds.end(), text[1]) != kinds.end(); };
  if (text.size() == 3 && text[2] >= '1' && text[2] <= '8' && (text[0] == '<' || text[0] == '>' || text[0] == '|' || text[0] == '=') && is("buif")) {
    ElementType type{.kind = text[1], .bytes = static_cast<size_t>(text[2] - '0'), .swapped = text[0] == '>'};
    const bool whole = (type.kind == 'u' || type.kind == 'i') && std::has_single_bit(type.bytes);
    if (type.kind == 'f' && type.bytes == 8) return type.dtype = DType::float64, type;
    if (type.kind == 'f' && type.bytes == 4) return type;
    if (type.kind == 'f' && type.bytes == 2) return type.dtype = DType::float16, type;
    if (type.kind != 'f' && type.kind != 'i' && type.bytes == 1) return type.dtype = DType::uint8, type;
    if (whole) return type.dtype = DType::int64, type;
  }
  throw ArgumentError(name + ": elements of type '" + text.substr(0, 32) + "' are not supported. Save the array as float32, float64 or an integer type.");
}

// Calls store(output index, source element index) for all elements; the output is in C order.
template <class Store>
void for_each_element(const Header& header, int64_t count, Store store) {
  const size_t rank = header.sizes.size();
  if (!header.fortran_order || rank < 2) {
    for (int64_t i = 0; i < count; ++i) store(i, i);
    return;
  }
  std::array<int64_t, Shape::max_rank> index{}, stride{};
  int64_t step = 1;
  for (size_t axis = 0; axis < rank; ++axis) stride[axis] = step, step *= header.sizes[axis];
  int64_t source = 0;
  for (int64_t i = 0; i < count; ++i) {
    store(i, source);
    for (size_t axis = rank; axis-- > 0;) {  // the last index runs fastest
      source += stride[axis];
      if (++index[axis] < header.sizes[axis]) break;
      source -= stride[axis] * header.sizes[axis];
      index[axis] = 0;
    }
  }
}

void convert(const ElementType& type, const Header& header, const char* bytes, Tensor& out, const std::string& name) {
  const auto load = [&](int64_t element) {
    unsigned char raw[8] = {};
    std::memcpy(raw, bytes + static_cast<size_t>(element) * type.bytes, type.bytes);
    if (type.swapped) std::reverse(raw, raw + type.bytes);
    uint64_t bits;
    std::memcpy(&bits, raw, 8);
    return bits;
  };
  switch (out.dtype()) {
    case DType::float32: {
      float* data = out.data<float>();
      for_each_element(header, out.size(), [&](int64_t i, int64_t source) { data[i] = std::bit_cast<float>(static_cast<uint32_t>(load(source))); });
      break;
    }
    case DType::float64: {
      double* data = out.data<double>();
      for_each_element(header, out.size(), [&](int64_t i, int64_t source) { data[i] = std::bit_cast<double>(load(source)); });
      break;
    }
    case DType::uint8: {
      uint8_t* data = out.data<uint8_t>();
      for_each_element(header, out.size(), [&](int64_t i, int64_t source) { data[i] = static_cast<uint8_t>(bytes[source]); });
      break;
    }
    case DType::float16: {
      Float16* data = out.data<Float16>();
      for_each_element(header, out.size(), [&](int64_t i, int64_t source) { data[i].bits = static_cast<uint16_t>(load(source)); });
      break;
    }
    case DType::bfloat16: break;  // the format has none
    case DType::int64: {
      int64_t* data = out.data<int64_t>();
      const int shift = type.kind == 'i' ? 64 - 8 * static_cast<int>(type.bytes) : 0;  // sign extension
      for_each_element(header, out.size(), [&](int64_t i, int64_t source) {
        const uint64_t bits = load(source);
        if (type.kind == 'u' && bits > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
          throw ArgumentError(name + ": element " + std::to_string(i) + " is " + std::to_string(bits) + ", beyond int64. Save the array as int64 or float64.");
        }
        data[i] = static_cast<int64_t>(bits << shift) >> shift;
      });
      break;
    }
  }
}

Tensor decode(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with("\x93NUMPY")) throw ArgumentError(name + ": wrong magic number. Is this an NPY file?");
  if (bytes.size() < 12) throw ArgumentError(name + ": the file is truncated after " + std::to_string(bytes.size()) + " bytes.");
  const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(bytes[i])); };
  const size_t version = byte(6);
  if (version < 1 || version > 3 || byte(7) != 0) {
    throw ArgumentError(name + ": version " + std::to_string(version) + "." + std::to_string(byte(7)) + " of the format is not known; 1.0 to 3.0 are.");
  }
  const size_t length = version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  const size_t begin = version == 1 ? 10 : 12;
  if (length > bytes.size() - begin) throw ArgumentError(name + ": the file is truncated inside its header of " + std::to_string(length) + " bytes.");
  const Header header = HeaderParser(bytes.substr(begin, length), name).parse();
  const ElementType type = element_type(header.type, name);

  bytes.remove_prefix(begin + length);
  uint64_t total = type.bytes;
  bool overflow = false;
  for (const int64_t size : header.sizes) overflow = overflow || __builtin_mul_overflow(total, static_cast<uint64_t>(size), &total);
  if (overflow || total != bytes.size()) {
    const std::string promised = overflow ? "more than 2^64" : std::to_string(total);
    throw ArgumentError(name + ": the file is " + (overflow || total > bytes.size() ? "truncated" : "longer than its array") + ": the header promises " + promised +
                        " bytes, but " + std::to_string(bytes.size()) + " follow it.");
  }
  // A size of 0 hides the others from the product; Shape has its own limit.
  for (const int64_t size : header.sizes) {
    if (size > int64_t{1} << 56) throw ArgumentError(name + ": an axis of " + std::to_string(size) + " elements is too long.");
  }
  Tensor out;
  try {
    out = Tensor::empty(Shape(std::span<const int64_t>(header.sizes)), type.dtype);
  } catch (const ShapeError& error) {
    throw ArgumentError(name + ": " + error.what());
  }
  convert(type, header, bytes.data(), out, name);
  return out;
}

}  // namespace

Result<Tensor> parse_npy(std::string_view bytes, std::string_view name) {
  try {
    return decode(bytes, "[npy] " + std::string(name));
  } catch (const ArgumentError& error) {
    return Failure{error.what()};
  }
}

Tensor read_npy(const std::filesystem::path& path) { return parse_npy(read_file(path), path.string()).or_throw(); }

std::string npy_bytes(const Tensor& array) {
  constexpr std::string_view types[] = {"<f4", "<f8", "<i8", "|u1", "<f2"};  // by DType
  if (array.dtype() == DType::bfloat16) throw DTypeError("[npy] the format has no bfloat16. Convert the array to float32 with to().");
  std::string sizes;
  for (const int64_t size : array.shape().sizes()) sizes += std::to_string(size) + (array.rank() == 1 ? "," : ", ");
  if (array.rank() > 1) sizes.resize(sizes.size() - 2);
  std::string header = "{'descr': '" + std::string(types[static_cast<size_t>(array.dtype())]) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  header.resize((header.size() + 1 + 10 + 63) / 64 * 64 - 10 - 1, ' ');  // the elements begin at a multiple of 64 bytes
  header += '\n';

  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(header.size() & 0xff);
  out += static_cast<char>(header.size() >> 8);
  out += header;
  out.append(static_cast<const char*>(array.raw()), static_cast<size_t>(array.size()) * size_of(array.dtype()));
  return out;
}

void write_npy(const std::filesystem::path& path, const Tensor& array) { write_file(path, npy_bytes(array)); }

}  // namespace rectify::data
