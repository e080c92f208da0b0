#include "bench/inquiry.h"

#include <utility>

namespace bench {

Report begin_report(const Inquiry& inquiry, std::string title, Figure figure, std::vector<std::string> columns) {
  Report report(std::move(title), std::move(figure), std::move(columns));
  report.print = inquiry.print;
  for (const Library& library : inquiry.libraries) report.settings.emplace_back(library.name, library.settings());
  report.print_settings();
  return report;
}

}  // namespace bench
