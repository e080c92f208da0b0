#include "bench/kernel_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace bench {
namespace {

constexpr KernelAim no_aim{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};

/// What a case says about one peer.
struct PeerRatio {
  const KernelTiming& peer;
  Spread ratio;
  KernelAim aim;
  bool has_aim() const { return aim.required < std::numeric_limits<double>::infinity(); }
  bool missed() const { return ratio.median > aim.required; }
};

std::vector<PeerRatio> ratios(const KernelCase& measured) {
  std::vector<PeerRatio> result;
  for (size_t i = 1; i < measured.timings.size(); ++i) {
    const KernelTiming& peer = measured.timings[i];
    const KernelAim aim = measured.has_aims ? kernel_aim(peer.library, measured.in_cache) : no_aim;
    result.push_back({peer, paired_ratio(measured.timings[0].nanoseconds, peer.nanoseconds), aim});
  }
  return result;
}

std::string verdict(const std::vector<PeerRatio>& all) {
  std::string missed, wishes;
  bool any = false;
  for (const PeerRatio& c : all) {
    if (!c.has_aim()) continue;
    any = true;
    if (c.missed()) {
      missed += fmt::format("{}{} above {:.1f}", missed.empty() ? "MISSED: " : ", ", c.peer.library, c.aim.required);
    } else if (c.ratio.median > c.aim.wished) {
      wishes += fmt::format(", {} above {:.1f}", c.peer.library, c.aim.wished);
    }
  }
  if (!any) return "no aim";
  return missed.empty() ? "met" + wishes : missed;
}

/// How the table refers to a note.
std::string mark(size_t note) { return std::string(1, static_cast<char>('a' + note)); }

nlohmann::ordered_json json_of(const Spread& s) { return {{"median", s.median}, {"lower_quartile", s.low}, {"upper_quartile", s.high}}; }

}  // namespace

KernelAim kernel_aim(const std::string& library, bool in_cache) {
  if (library == "libtorch") return {1.0, 1.0};
  if (library == "oneDNN") return {in_cache ? 1.5 : 1.0, 1.0};
  return no_aim;
}

void KernelReport::print_settings() const {
  for (const auto& [library, entries] : settings) {
    for (const auto& [key, value] : entries) fmt::print("{:<10} {:<16} {}\n", library, key, value);
  }
}

void KernelReport::print_heading(int64_t elements) const {
  fmt::print("\n{} elements\n{:<26}", elements, "ns per element");
  for (const auto& entry : settings) fmt::print(" {:>10}", entry.first);
  for (size_t i = 1; i < settings.size(); ++i) fmt::print("  {:<20}", "ours / " + settings[i].first);
  fmt::print("  verdict\n");
}

void KernelReport::print(const KernelCase& measured) const {
  const std::vector<PeerRatio> all = ratios(measured);
  fmt::print("{:<26}", measured.activation + " " + measured.direction);
  const std::vector<std::string> known_notes = notes();
  for (const auto& [library, unused] : settings) {
    const auto found = std::ranges::find(measured.timings, library, &KernelTiming::library);
    if (found == measured.timings.end()) {
      fmt::print(" {:>10}", "-");
      continue;
    }
    const auto note = std::ranges::find(known_notes, found->note);
    fmt::print(" {:>10}", fmt::format("{:.3f}{}", spread(found->nanoseconds).median, note == known_notes.end() ? " " : mark(note - known_notes.begin())));
  }
  for (size_t i = 1; i < settings.size(); ++i) {
    const auto found = std::ranges::find(all, settings[i].first, [](const PeerRatio& c) { return c.peer.library; });
    fmt::print("  {:<20}", found == all.end() ? "-" : fmt::format("{:.2f} [{:.2f} .. {:.2f}]", found->ratio.median, found->ratio.low, found->ratio.high));
  }
  fmt::print("  {}\n", verdict(all));
  std::fflush(stdout);
}

void KernelReport::print_summary() const {
  fmt::print("\nRatios are medians over the rounds, with their quartiles; below 1 Rectify is faster. Backward starts from x, but in the rows \"from y\" the others\n"
             "start from the kept output.\n");
  const std::vector<std::string> all_notes = notes();
  for (size_t i = 0; i < all_notes.size(); ++i) fmt::print("{} {}\n", mark(i), all_notes[i]);
  for (const auto& [library, unused] : settings) {
    int aims = 0, met = 0;
    for (const KernelCase& measured : cases) {
      for (const PeerRatio& c : ratios(measured)) {
        if (c.peer.library != library || !c.has_aim()) continue;
        ++aims;
        met += c.missed() ? 0 : 1;
      }
    }
    if (aims > 0) fmt::print("Aims against {}: {} of {} met\n", library, met, aims);
  }
}

void KernelReport::write(const std::string& json_file) const {
  nlohmann::ordered_json document;
  for (const auto& [library, entries] : settings) {
    for (const auto& [key, value] : entries) document["settings"][library][key] = value;
  }
  for (const KernelCase& measured : cases) {
    nlohmann::ordered_json entry{{"activation", measured.activation}, {"direction", measured.direction}, {"elements", measured.elements}};
    for (const KernelTiming& timing : measured.timings) {
      nlohmann::ordered_json& one = entry["libraries"][timing.library];
      one["nanoseconds_per_element"] = json_of(spread(timing.nanoseconds, 0.25));
      one["repetitions"] = timing.nanoseconds;
      if (!timing.note.empty()) one["note"] = timing.note;
    }
    for (const PeerRatio& c : ratios(measured)) {
      nlohmann::ordered_json& one = entry["ratios"][c.peer.library];
      one = json_of(c.ratio);
      if (c.has_aim()) one["aim"] = c.aim.required, one["met"] = !c.missed();
    }
    document["cases"].push_back(std::move(entry));
  }
  std::ofstream file(json_file);
  file << document.dump(1) << "\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + json_file);
}

bool KernelReport::reached() const {
  bool any = false;
  for (const KernelCase& measured : cases) {
    for (const PeerRatio& c : ratios(measured)) {
      if (c.missed()) return false;
      any = any || c.has_aim();
    }
  }
  return any;
}

std::vector<std::string> KernelReport::notes() const {
  std::vector<std::string> result;
  for (const KernelCase& measured : cases) {
    for (const KernelTiming& timing : measured.timings) {
      if (!timing.note.empty() && std::ranges::find(result, timing.note) == result.end()) result.push_back(timing.note);
    }
  }
  return result;
}

}  // namespace bench
