// Stored preprocessing: any text is refused or restored, and what was restored is stored and restored as the same.
#include <cstdlib>
#include <string_view>

#include "rectify/data/preprocessing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rectify;
  const auto p = data::preprocessing_from_json({reinterpret_cast<const char*>(data), size});
  if (!p) return p.error().empty() ? std::abort(), 0 : 0;
  const auto again = data::preprocessing_from_json(to_json(*p));
  if (!again || !(*again == *p)) std::abort();
  return 0;
}
