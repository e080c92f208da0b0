// Formulas of users: any text is parsed or refused with a message, within the stated depth.
#include <cstdlib>
#include <string>

#include "rectify/activation/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rectify::activation;
  static const std::vector<std::string> parameters{"alpha", "b"};
  const auto tree = parse_expression({reinterpret_cast<const char*>(data), size}, parameters);
  if (!tree && tree.error().empty()) std::abort();
  if (tree && (*tree)->depth > max_formula_depth) std::abort();
  return 0;
}
