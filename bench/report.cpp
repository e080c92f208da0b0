#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/machine.h"

namespace bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr int name_width = 40, value_width = 11, ratio_width = 22;

bool is_limit(const std::string& name) { return name == peak_name || name == bandwidth_name; }

const Timing* find(const Row& row, const std::string& name) {
  const auto found = std::ranges::find(row.timings, name, &Timing::name);
  return found == row.timings.end() ? nullptr : &*found;
}

std::string verdict(const std::vector<Comparison>& all) {
  std::string missed, wishes;
  bool any = false;
  for (const Comparison& c : all) {
    if (!c.aim) continue;
    any = true;
    if (c.missed()) {
      missed += fmt::format("{}{} {:.2f} above {:.2f}", missed.empty() ? "MISSED: " : ", ", c.against, c.ratio.median, c.aim->required);
    } else if (c.ratio.median > c.aim->wished) {
      wishes += fmt::format(", {} above {:.1f}", c.against, c.aim->wished);
    }
  }
  if (!any) return "-";
  return missed.empty() ? "met" + wishes : missed;
}

/// How the table refers to a note.
std::string mark(size_t note) { return std::string(1, static_cast<char>('a' + note)); }

Json json_of(const Spread& s) { return {{"median", s.median}, {"lower_quartile", s.low}, {"upper_quartile", s.high}}; }

}  // namespace

void print_to_standard_output(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::vector<Comparison> comparisons(const Row& row) {
  std::vector<Comparison> result;
  for (size_t i = 1; i < row.timings.size(); ++i) {
    const auto aim = std::ranges::find(row.aims, row.timings[i].name, &Aim::against);
    result.push_back({row.timings[i].name, paired_ratio(row.timings[0].values, row.timings[i].values),
                      aim == row.aims.end() ? std::nullopt : std::optional(*aim)});
  }
  return result;
}

Figure microseconds() {
  return {"microseconds", [](double seconds, double) { return seconds * 1e6; }, 1};
}
Figure gigaflops() {
  return {"GFLOP/s", [](double seconds, double work) { return work / seconds * 1e-9; }, 1};
}
Figure nanoseconds_per_element() {
  return {"ns per element", [](double seconds, double work) { return seconds / work * 1e9; }, 3};
}

void Report::print_settings() const {
  for (const auto& [library, entries] : settings) {
    for (const auto& [key, value] : entries) print(fmt::format("{:<10} {:<16} {}\n", library, key, value));
  }
}

void Report::print_heading(std::string_view what) const {
  std::string line = what.empty() ? "" : fmt::format("\n{}\n", what);
  line += fmt::format("{:<{}} threads", figure_.unit, name_width);
  for (const std::string& column : columns_) line += fmt::format(" {:>{}}", is_limit(column) ? "of " + column : column, value_width);
  for (size_t i = 1; i < columns_.size(); ++i) {
    if (!is_limit(columns_[i])) line += fmt::format("  {:<{}}", columns_[0] + " / " + columns_[i], ratio_width);
  }
  print(line + "  verdict\n");
}

void Report::add(Row row) {
  rows.push_back(std::move(row));
  const Row& added = rows.back();
  const std::vector<Comparison> all = comparisons(added);
  const std::vector<std::string> known_notes = notes();
  const auto comparison = [&](const std::string& name) { return std::ranges::find(all, name, &Comparison::against); };
  std::string line = fmt::format("{:<{}} {:>7}", added.name, name_width, added.threads);
  for (const std::string& column : columns_) {
    const Timing* const timing = find(added, column);
    std::string text = "-";
    if (timing != nullptr && is_limit(column)) {
      text = fmt::format("{:.0f} %", 100 / comparison(column)->ratio.median);
    } else if (timing != nullptr) {
      const auto note = std::ranges::find(known_notes, timing->note);
      text = fmt::format("{:.{}f}{}", figure_.of(spread(timing->values).median, added.work), figure_.digits,
                         note == known_notes.end() ? "" : " " + mark(static_cast<size_t>(note - known_notes.begin())));
    }
    line += fmt::format(" {:>{}}", text, value_width);
  }
  for (size_t i = 1; i < columns_.size(); ++i) {
    if (is_limit(columns_[i])) continue;
    const auto found = comparison(columns_[i]);
    line += fmt::format("  {:<{}}", found == all.end() ? "-" : fmt::format("{:.2f} [{:.2f} .. {:.2f}]", found->ratio.median, found->ratio.low, found->ratio.high),
                        ratio_width);
  }
  print(fmt::format("{}  {}\n", line, verdict(all)));
}

void Report::print_summary() const {
  if (std::ranges::count_if(columns_, [](const std::string& column) { return !is_limit(column); }) > 1) {
    print("\nRatios are medians over the rounds, with their quartiles; below 1 the first is better.\n");
  }
  const std::vector<std::string> all_notes = notes();
  for (size_t i = 0; i < all_notes.size(); ++i) print(fmt::format("{} {}\n", mark(i), all_notes[i]));
  std::vector<std::pair<std::string, std::pair<int, int>>> counts;  // aims and those met, in the order of appearance
  for (const Row& row : rows) {
    for (const Comparison& c : comparisons(row)) {
      if (!c.aim) continue;
      auto found = std::ranges::find(counts, c.against, [](const auto& count) { return count.first; });
      if (found == counts.end()) found = counts.insert(counts.end(), {c.against, {0, 0}});
      ++found->second.first;
      found->second.second += c.missed() ? 0 : 1;
    }
  }
  for (const auto& [against, count] : counts) print(fmt::format("Aims against {}: {} of {} met\n", against, count.second, count.first));
}

Json Report::json() const {
  Json document{{"title", title_}};
  for (const auto& [name, value] : facts) document["machine"][name] = value;
  for (const auto& [library, entries] : settings) {
    for (const auto& [key, value] : entries) document["settings"][library][key] = value;
  }
  for (const Row& row : rows) {
    Json entry{{"case", row.name}, {"threads", row.threads}, {"work", row.work}};
    for (const Timing& timing : row.timings) {
      Json& one = entry["contenders"][timing.name];
      std::vector<double> figures;
      for (const double value : timing.values) figures.push_back(figure_.of(value, row.work));
      one[figure_.unit] = json_of(spread(std::move(figures), 0.25));
      one["repetitions"] = timing.values;
      if (!timing.note.empty()) one["note"] = timing.note;
    }
    for (const Comparison& c : comparisons(row)) {
      Json& one = entry["ratios"][c.against];
      one = json_of(c.ratio);
      if (c.aim) one["aim"] = c.aim->required, one["met"] = !c.missed();
    }
    document["cases"].push_back(std::move(entry));
  }
  return document;
}

bool Report::reached() const {
  return std::ranges::none_of(rows, [](const Row& row) { return std::ranges::any_of(comparisons(row), &Comparison::missed); });
}

std::vector<std::string> Report::notes() const {
  std::vector<std::string> result;
  for (const Row& row : rows) {
    for (const Timing& timing : row.timings) {
      if (!timing.note.empty() && std::ranges::find(result, timing.note) == result.end()) result.push_back(timing.note);
    }
  }
  return result;
}

}  // namespace bench
