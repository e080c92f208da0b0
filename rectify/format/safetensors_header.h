// The JSON header of a safetensors file as it stands, before anything in it is believed. Part of the reader, not of the public interface.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"

namespace rectify::format {

struct HeaderEntry {
  std::string name, dtype;
  std::vector<uint64_t> shape;
  uint64_t begin = 0, end = 0;
};

struct Header {
  std::vector<HeaderEntry> entries;  ///< in the order of the text
  std::map<std::string, std::string> metadata;
};

/// Parses the header without building a tree of JSON: memory is in proportion to the text, nesting is refused at the first level too many,
/// and so are duplicate keys, which trees would hide. The failure's message has no "[function]" in front.
Result<Header> parse_safetensors_header(std::string_view text);

}  // namespace rectify::format
