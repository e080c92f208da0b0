// Bytes of a file one after the other, decompressed on the way if the file is gzip.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rectify::data {

class ByteStream {
 public:
  /// `bytes` must outlive the stream. gzip is recognised by its first two bytes. `name` begins every message.
  ByteStream(std::string_view bytes, std::string name);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// Fills out[0 .. count); throws ArgumentError if the stream ends before that or the gzip data are damaged.
  void read(void* out, size_t count);
  /// No byte is left: neither of the content nor of the file.
  bool at_end();
  /// A number of bytes that the rest cannot exceed: what is left of a plain file, 1032 times that for gzip (the limit of its format).
  uint64_t at_most() const;
  /// Bytes given so far.
  uint64_t position() const { return position_; }

 private:
  struct Inflater;
  size_t read_some(char* out, size_t count);

  std::string_view rest_;
  std::string name_;
  uint64_t position_ = 0;
  std::unique_ptr<Inflater> inflater_;  // none for a plain file
};

}  // namespace rectify::data
