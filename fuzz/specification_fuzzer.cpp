// The specification grammar: any text is parsed or refused, and what is parsed prints back to itself.
#include <cstdlib>
#include <string>

#include "rectify/base/specification.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rectify;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto list = parse_specification_list(text, "--net");
  if (!list) return list.error().empty() ? std::abort(), 0 : 0;

  const std::string printed = to_string(*list);
  const auto again = parse_specification_list(printed);
  if (!again || to_string(*again) != printed) std::abort();

  for (const Specification& item : *list) {
    try {
      ArgumentReader reader(item);
      reader.number("n", 1);
      reader.integer("i", 1);
      reader.boolean("b", true);
      reader.text("t", "");
      reader.specification("s");
      reader.finish();
    } catch (const ArgumentError&) {
    }
  }
  return 0;
}
