#include "bench/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace bench {
namespace {

std::string text(const Spread& s, int digits) { return fmt::format("{:.{}f} [{:.{}f} .. {:.{}f}]", s.median, digits, s.low, digits, s.high, digits); }

}  // namespace

Spread spread(std::vector<double> sample) {
  if (sample.empty()) throw std::invalid_argument("[spread] the sample is empty.");
  std::ranges::sort(sample);
  const auto quantile = [&](double q) {
    const double position = q * static_cast<double>(sample.size() - 1), below = std::floor(position);
    const size_t index = static_cast<size_t>(below);
    return index + 1 < sample.size() ? sample[index] + (position - below) * (sample[index + 1] - sample[index]) : sample[index];
  };
  return {quantile(0.5), quantile(0.1), quantile(0.9)};
}

Spread ratio(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<double> pairs;
  pairs.reserve(x.size() * y.size());
  for (const double a : x) {
    for (const double b : y) pairs.push_back(a / b);
  }
  return spread(std::move(pairs));
}

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
