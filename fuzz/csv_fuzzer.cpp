// CSV: any text is a table of finite numbers or refused, as training data and as new data. The first byte chooses how the header is told.
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "rectify/data/csv.h"

namespace {

using namespace rectify;

void check(const Result<data::Table>& table) {
  if (!table) {
    if (table.error().empty()) std::abort();
    return;
  }
  if (table->values.size(0) != static_cast<int64_t>(table->lines.size()) || table->values.size(1) != static_cast<int64_t>(table->feature_names.size())) std::abort();
  for (const double value : table->values.values<double>()) {
    if (!std::isfinite(value)) std::abort();
  }
  if (table->labels.size() == 0) return;
  if (table->labels.size() != table->values.size(0)) std::abort();
  if (table->labels.numeric() && table->labels.first_not_finite()) return;  // the loader refuses these
  for (const int64_t k : table->labels.classes(table->labels.class_names(), false)) {
    if (k < 0) std::abort();  // every label is one of its own classes
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  std::optional<bool> header;
  if (bytes[0] % 3 != 0) header = bytes[0] % 3 == 1;
  check(data::parse_table(text, "fuzz", {.header = header}));
  check(data::parse_table_as(text, "fuzz", {.feature_names = {"a", "b"}, .label_name = "c", .label_index = 1}, header));
  return 0;
}
