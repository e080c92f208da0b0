#include "bench/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/spread.h"

namespace bench {
namespace {

std::string text(const Spread& s, int digits) { return fmt::format("{:.{}f} [{:.{}f} .. {:.{}f}]", s.median, digits, s.low, digits, s.high, digits); }

}  // namespace

Comparison::Comparison(std::string title, std::string ours, std::optional<double> aim) : title_(std::move(title)), ours_(std::move(ours)), aim_(aim) {}

bool Comparison::ReportContext(const Context&) { return true; }

Comparison::Case& Comparison::find(const std::string& question, const std::string& name) {
  for (Case& known : cases_) {
    if (known.question == question && known.name == name) return known;
  }
  return cases_.emplace_back(Case{question, name, {}});
}

void Comparison::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.run_type != Run::RT_Iteration) continue;
    const std::string& name = run.run_name.function_name;
    if (run.error_occurred) {
      errors_.push_back(name + ": " + run.error_message);
      continue;
    }
    const size_t first = name.find('/'), second = first == std::string::npos ? first : name.find('/', first + 1);
    if (second == std::string::npos) {
      errors_.push_back(name + ": the name is not <question>/<library>/<case>");
      continue;
    }
    const double seconds = run.GetAdjustedRealTime() / benchmark::GetTimeUnitMultiplier(run.time_unit);
    find(name.substr(0, first), name.substr(second + 1)).microseconds[name.substr(first + 1, second - first - 1)].push_back(seconds * 1e6);
  }
}

void Comparison::Finalize() {
  std::ranges::stable_sort(cases_, {}, [](const Case& c) { return std::pair(c.question, c.name); });
  fmt::print("{}\n{:<28} {:<14} {:>5}  {:<28} {:<28} {}\n", title_, "question", "case", "runs", "ours, µs", "theirs, µs", "ours / theirs");
  for (const Case& c : cases_) {
    const auto own = c.microseconds.find(ours_);
    if (own == c.microseconds.end()) continue;
    if (c.microseconds.size() == 1) {
      fmt::print("{:<28} {:<14} {:>5}  {:<28} no peer is installed\n", c.question, c.name, own->second.size(), text(spread(own->second), 1));
    }
    for (const auto& [library, times] : c.microseconds) {
      if (library == ours_) continue;
      const Spread quotient = ratio(own->second, times);
      compared_ = true;
      const bool above = aim_ && quotient.median > *aim_;
      missed_ = missed_ || above;
      const std::string verdict = aim_ ? fmt::format("   aim {:.2f}: {}", *aim_, above ? "missed" : "met") : "";
      fmt::print("{:<28} {:<14} {:>5}  {:<28} {:<28} {}{}\n", c.question + ", " + library, c.name, own->second.size(), text(spread(own->second), 1),
                 text(spread(times), 1), text(quotient, 2), verdict);
    }
  }
}

}  // namespace bench
