// IDX, plain and gzip: any bytes are read or refused, and never more memory is asked for than the bytes can fill.
#include <cstdlib>
#include <string_view>

#include "rectify/data/idx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto array = rectify::data::parse_idx({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!array) return array.error().empty() ? std::abort(), 0 : 0;
  // Every element must have been written: summing them up lets the sanitizers see.
  double sum = 0;
  for (int64_t i = 0; i < array->size(); ++i) sum += array->at(i);
  volatile double sink = sum;
  static_cast<void>(sink);
  return 0;
}
