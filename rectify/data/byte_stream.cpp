#include "rectify/data/byte_stream.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "rectify/base/error.h"

namespace rectify::data {

struct ByteStream::Inflater {
  z_stream stream{};
  bool member_ended = false;

  Inflater() {
    if (inflateInit2(&stream, 15 + 16) != Z_OK) throw ArgumentError("[gzip] no memory to decompress.");  // 15: largest window; 16: gzip, not zlib
  }
  ~Inflater() { inflateEnd(&stream); }
};

ByteStream::ByteStream(std::string_view bytes, std::string name) : rest_(bytes), name_(std::move(name)) {
  if (rest_.starts_with("\x1f\x8b")) inflater_ = std::make_unique<Inflater>();
}

ByteStream::~ByteStream() = default;

size_t ByteStream::read_some(char* out, size_t count) {
  if (count == 0) return 0;
  if (!inflater_) {
    const size_t got = std::min(count, rest_.size());
    if (got > 0) std::memcpy(out, rest_.data(), got);
    rest_.remove_prefix(got);
    return got;
  }
  z_stream& stream = inflater_->stream;
  for (;;) {
    if (inflater_->member_ended) {  // a gzip file may consist of several members
      if (rest_.empty()) return 0;
      if (!rest_.starts_with("\x1f\x8b")) throw ArgumentError(name_ + ": " + std::to_string(rest_.size()) + " bytes follow the compressed data. Is the file damaged?");
      inflateReset(&stream);
      inflater_->member_ended = false;
    }
    constexpr size_t chunk = size_t{1} << 30;  // zlib counts in 32 bits
    const size_t given = std::min(rest_.size(), chunk), wanted = std::min(count, chunk);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
    stream.avail_in = static_cast<uInt>(given);
    stream.next_out = reinterpret_cast<Bytef*>(out);
    stream.avail_out = static_cast<uInt>(wanted);
    const int status = inflate(&stream, Z_NO_FLUSH);
    rest_.remove_prefix(given - stream.avail_in);
    if (status == Z_STREAM_END) inflater_->member_ended = true;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      throw ArgumentError(name_ + ": the compressed data are damaged after " + std::to_string(position_) + " bytes (" +
                          (stream.msg != nullptr ? stream.msg : "zlib error " + std::to_string(status)) + "). Fetch the file again.");
    }
    const size_t got = wanted - stream.avail_out;
    if (got > 0) return got;
    if (!inflater_->member_ended && rest_.empty()) return 0;  // the file ends inside a member
  }
}

void ByteStream::read(void* out, size_t count) {
  const uint64_t begin = position_;
  while (position_ < begin + count) {
    const size_t got = read_some(static_cast<char*>(out) + (position_ - begin), static_cast<size_t>(begin + count - position_));
    if (got == 0) {
      throw ArgumentError(name_ + ": the file is truncated: its content ends after " + std::to_string(position_) + " bytes, but at least " +
                          std::to_string(begin + count) + " are needed. Fetch the file again.");
    }
    position_ += got;
  }
}

bool ByteStream::at_end() {
  if (!inflater_) return rest_.empty();
  char extra;
  if (read_some(&extra, 1) > 0) return false;
  // All content has come, but the check sum at the end must have come too.
  if (!inflater_->member_ended) throw ArgumentError(name_ + ": the file is truncated: the end of the compressed data is missing. Fetch the file again.");
  return true;
}

uint64_t ByteStream::at_most() const {
  constexpr uint64_t deflate_limit = 1032;
  if (!inflater_) return rest_.size();
  return (rest_.size() + 64) * deflate_limit;  // 64: what the inflater holds back
}

}  // namespace rectify::data
