#include "cli/accuracy_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <sstream>

#include "rectify/base/error.h"
#include "rectify/base/files.h"

namespace rectify::cli {
namespace {

constexpr std::array<const char*, 3> derivative_names{"value", "slope", "curvature"};

bool is_result(const Json& line) {
  const auto has = [&](const char* key, bool (Json::*kind)() const noexcept) { return line.contains(key) && (line[key].*kind)(); };
  return line.is_object() && has("activation", &Json::is_string) && has("dtype", &Json::is_string) && has("inputs", &Json::is_string) &&
         has("derivative", &Json::is_number_integer) && line["derivative"] >= 0 && line["derivative"] <= 2 && has("count", &Json::is_number_unsigned) &&
         has("misrounded", &Json::is_number_unsigned) && has("failures", &Json::is_number_unsigned) && has("allowed_ulp", &Json::is_number) &&
         has("seconds", &Json::is_number) && line.contains("largest_error_ulp") && line.contains("worst_input");
}

struct Row {
  std::string activation;
  std::array<std::optional<Json>, 3> results;
};

/// What one command measured: all its activations for one type and kind of inputs.
struct Section {
  std::string dtype, inputs;
  std::vector<Row> rows;
};

template <class List, class Same, class Make>
auto& found_or_made(List& list, Same same, Make make) {
  const auto found = std::ranges::find_if(list, same);
  return found != list.end() ? *found : list.emplace_back(make());
}

std::vector<Section> sections_of(const std::vector<Json>& results) {
  std::vector<Section> sections;
  for (const Json& result : results) {
    const std::string dtype = result["dtype"], inputs = result["inputs"], activation = result["activation"];
    Section& section = found_or_made(sections, [&](const Section& s) { return s.dtype == dtype && s.inputs == inputs; }, [&] { return Section{dtype, inputs, {}}; });
    Row& row = found_or_made(section.rows, [&](const Row& r) { return r.activation == activation; }, [&] { return Row{activation, {}}; });
    row.results[result["derivative"].get<size_t>()] = result;
  }
  return sections;
}

std::string ulps(const Json& error) { return error.is_null() ? "inf" : fmt::format("{:.7g}", error.get<double>()); }

/// Misrounded results where the contract is the nearest number, the largest error where it is a bound.
std::string cell(const std::optional<Json>& result) {
  if (!result) return "";
  const Json& r = *result;
  const Json& worst = r["worst_input"];
  const std::string place = worst.is_number() ? fmt::format(" at `{:a}`", worst.get<double>()) : "";
  const std::string failed = r["failures"] == 0 ? "" : fmt::format(", {} beyond the bound", r["failures"].get<uint64_t>());
  if (r["allowed_ulp"] > 1) return ulps(r["largest_error_ulp"]) + failed + (failed.empty() ? "" : place);
  const uint64_t misrounded = r["misrounded"];
  return misrounded == 0 ? "0" : fmt::format("{}, up to {} ulp{}{}", misrounded, ulps(r["largest_error_ulp"]), place, failed);
}

/// The command that makes a section again.
std::string command_of(const Section& section) {
  std::string command = "rectify verify all";
  if (section.dtype != "float32") command += " --dtype " + section.dtype;
  const size_t open = section.inputs.find('('), close = section.inputs.find(')');
  if (open != std::string::npos && close != std::string::npos) {
    command += " --samples " + section.inputs.substr(open + 1, close - open - 1);
  } else if (section.dtype == "float32") {
    command += " --exhaustive";
  }
  return command + " --out FILE";
}

std::string text_of(const Section& section) {
  uint64_t results = 0, inputs = 0, misrounded = 0, failures = 0;
  double allowed = 0, largest = 0, seconds = 0;
  std::string table;
  for (const Row& row : section.rows) {
    uint64_t count = 0;
    for (const std::optional<Json>& r : row.results) {
      if (!r) continue;
      ++results, count = std::max(count, (*r)["count"].get<uint64_t>());
      inputs += (*r)["count"].get<uint64_t>(), misrounded += (*r)["misrounded"].get<uint64_t>(), failures += (*r)["failures"].get<uint64_t>();
      allowed = std::max(allowed, (*r)["allowed_ulp"].get<double>()), seconds += (*r)["seconds"].get<double>();
      const Json& error = (*r)["largest_error_ulp"];
      largest = std::max(largest, error.is_number() ? error.get<double>() : std::numeric_limits<double>::infinity());
    }
    table += fmt::format("| {} | {} |", row.activation, count);
    for (const std::optional<Json>& r : row.results) table += " " + cell(r) + " |";
    table += "\n";
  }
  const bool bounded = allowed > 1;
  const std::string verdict = bounded ? fmt::format("The largest error is {:.7g} ulp; {} results are beyond the bound of {:.7g} ulp.", largest, failures, allowed)
                                      : fmt::format("{} of them are not the nearest number.", misrounded);
  return fmt::format("## {}, {}\n\nMade by `{}`: {} derivatives of {} activations, {} results, {:.0f} seconds. {}\n\n| activation | inputs each | {} |\n|---|---|---|---|---|\n{}\n",
                     section.dtype, section.inputs == "exhaustive" ? "all inputs" : section.inputs, command_of(section), results, section.rows.size(), inputs, seconds, verdict,
                     fmt::join(derivative_names, " | "), table);
}

}  // namespace

std::vector<Json> read_results(std::string_view option, const std::string& file) {
  std::vector<Json> results;
  std::istringstream lines(read_file(file));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    Json entry = Json::parse(line, nullptr, false);
    if (entry.is_discarded() && lines.eof()) break;
    if (!is_result(entry)) throw ArgumentError(fmt::format("[{}] line {} of {} is not a result of verify. Name another file.", option, number, file));
    results.push_back(std::move(entry));
  }
  return results;
}

std::string accuracy_document(const std::vector<Json>& results, std::string_view note) {
  std::string text = "# Accuracy\n\n";
  if (!note.empty()) text += fmt::format("{}\n\n", note);
  text +=
      "Results against the oracle, which evaluates the formula's text to as many digits as the rounding takes. Columns of float32, float16 and bfloat16 count the results that\n"
      "are not the number nearest to the true value (ties to even; subnormal numbers, signs of zero, infinities and NaN included); those of float64 are largest errors in units of\n"
      "the last place (ulp). `sampled(N)` inputs are N random ones of all sizes, `stratified(N)` ones come from each of N equal parts of all bit patterns; both with the\n"
      "special ones besides: zeros, powers of two and their neighbours, the ends of the range.\n\n";
  for (const Section& section : sections_of(results)) text += text_of(section);
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace rectify::cli
