// NPY: any bytes are read or refused, and what was read is written to bytes that give the same array.
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "rectify/data/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rectify;
  const auto array = data::parse_npy({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!array) return array.error().empty() ? std::abort(), 0 : 0;
  const auto again = data::parse_npy(data::npy_bytes(*array), "again");
  if (!again || again->shape() != array->shape() || again->dtype() != array->dtype()) std::abort();
  const size_t bytes = static_cast<size_t>(array->size()) * size_of(array->dtype());
  if (bytes > 0 && std::memcmp(again->raw(), array->raw(), bytes) != 0) std::abort();
  return 0;
}
