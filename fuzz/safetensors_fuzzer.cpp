// safetensors: any bytes are read or refused with a reason, and what is read writes back to bytes that mean the same.
#include <cstdlib>
#include <string>

#include "rectify/format/digest.h"
#include "rectify/format/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rectify::format;
  const auto content = read_safetensors({reinterpret_cast<const char*>(data), size});
  if (!content) return content.error().empty() ? std::abort(), 0 : 0;

  const std::string bytes = write_safetensors(*content);
  const auto again = read_safetensors(bytes);
  if (!again || write_safetensors(*again) != bytes) std::abort();
  if (again->metadata != content->metadata || weights_sha256(again->tensors) != weights_sha256(content->tensors)) std::abort();
  return 0;
}
