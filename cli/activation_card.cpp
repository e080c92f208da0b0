#include "cli/activation_card.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <vector>

#include <fmt/format.h>

#include "cli/activation_text.h"
#include "rectify/base/files.h"
#include "rectify/base/random.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/kernel/target.h"
#include "rectify/report/activation_chart.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;
using activation::Function;

constexpr int64_t in_cache = 4096;

Json read_document(const char* option, const std::string& file, const char* list, const char* made_by) {
  const Json document = Json::parse(read_file(file), nullptr, false);
  if (document.is_discarded() || !document.is_object() || !document.contains(list) || !document[list].is_array()) {
    throw ArgumentError(fmt::format("[{}] {} is not the JSON of {}: there is no list '{}'. Name the file that it wrote.", option, file, made_by, list));
  }
  return document;
}

/// What a file says under a key, if it is there and of that kind: the files come from outside.
std::string text_at(const Json& json, const char* key) { return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : ""; }
std::optional<double> number_at(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_number() ? std::optional(json[key].get<double>()) : std::nullopt;
}

/// The processor's name where the system tells it.
std::string machine() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unnamed processor";
}

/// Nanoseconds per float32 element of f, or of its backward pass, on one thread in cache: the median of the repetitions.
double measured_nanoseconds(const Function& f, bool backward) {
  std::vector<float> x(in_cache), g(in_cache), y(in_cache);
  const RandomKey key{.seed = 1, .purpose = Purpose::toy_data, .ordinal = 0};
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(12 * random_uniform(key, 2 * i) - 6);
    g[i] = static_cast<float>(2 * random_uniform(key, 2 * i + 1) - 1);
  }
  std::vector<double> times;
  for (int repetition = 0; repetition < 15; ++repetition) {
    constexpr int passes = 40;
    const auto start = std::chrono::steady_clock::now();
    for (int pass = 0; pass < passes; ++pass) {
      kernel::pointwise_here<float>(f, backward ? activation::slope : activation::value_itself, x.data(), backward ? g.data() : nullptr, y.data(), in_cache);
    }
    const double nanoseconds = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
    times.push_back(nanoseconds / (static_cast<double>(passes) * in_cache));
  }
  std::ranges::nth_element(times, times.begin() + times.size() / 2);
  return times[times.size() / 2];
}

/// The median of the benchmark's case, if the document has it.
std::optional<double> recorded_nanoseconds(const Json& document, std::string_view name, bool backward) {
  if (document.is_null()) return std::nullopt;
  for (const Json& one : document["cases"]) {
    if (text_at(one, "activation") != name || text_at(one, "direction") != (backward ? "backward" : "forward") || number_at(one, "elements") != in_cache) continue;
    const Json::json_pointer median("/libraries/rectify/nanoseconds_per_element/median");
    if (one.contains(median) && one[median].is_number()) return one[median].get<double>();
  }
  return std::nullopt;
}

std::string speed_line(const Function& f, const Json& document) {
  const std::string_view name = activation::spec(f.id).name;
  const bool plain = f == activation::make(f.id);
  const auto forward = plain ? recorded_nanoseconds(document, name, false) : std::nullopt, backward = plain ? recorded_nanoseconds(document, name, true) : std::nullopt;
  if (forward && backward) {
    return fmt::format("{:.3g} ns forward and {:.3g} backward per float32 element, {} elements in cache, one thread, as recorded by `bench/kernels`.", *forward, *backward, in_cache);
  }
  return fmt::format("{:.3g} ns forward and {:.3g} backward per float32 element, {} elements in cache, one thread, {}, {}; measured when this card was made.",
                     measured_nanoseconds(f, false), measured_nanoseconds(f, true), in_cache, kernel::current_target(), machine());
}

std::string accuracy_rows(const Function& f, const Json& document) {
  if (document.is_null()) return {};
  constexpr const char* derivatives[] = {"value", "slope", "curvature"};
  std::string rows;
  for (const Json& one : document["results"]) {
    const auto derivative = number_at(one, "derivative"), count = number_at(one, "count"), misrounded = number_at(one, "misrounded"), error = number_at(one, "largest_error_ulp");
    if (text_at(one, "activation") != to_string(f) || !count || !misrounded) continue;
    if (derivative != 0.0 && derivative != 1.0 && derivative != 2.0) continue;
    rows += fmt::format("| {} | {} | {:.0f}, {} | {:.0f} | {} |\n", derivatives[static_cast<int>(*derivative)], text_at(one, "dtype"), *count, text_at(one, "inputs"), *misrounded,
                        error ? fmt::format("{:.7g}", *error) : "inf");
  }
  return rows.empty() ? rows : "| | type | inputs | misrounded | largest error, ulp |\n|---|---|---|---|---|\n" + rows + "\n";
}

/// Text in a cell of a Markdown table.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '_' || c == '<') result += '\\';
    result += c;
  }
  return result;
}

std::string table(const Rows& rows) {
  std::string text = "| | |\n|---|---|\n";
  for (const auto& [key, value] : rows) text += fmt::format("| {} | {} |\n", escaped(key), key == "formula" ? "`" + value + "`" : escaped(value));
  return text;
}

}  // namespace

Measurements Measurements::read(const std::optional<std::string>& accuracy_file, const std::optional<std::string>& speed_file) {
  Measurements result;
  if (accuracy_file) result.accuracy = read_document("--accuracy", *accuracy_file, "results", "rectify verify --json");
  if (speed_file) result.speed = read_document("--speed", *speed_file, "cases", "bench/kernels");
  return result;
}

void write_card(const Function& function, const fs::path& file, const Measurements& measurements) {
  if (file.extension() != ".md") throw ArgumentError(fmt::format("[--card] '{}' does not end in .md. The picture is written beside it, as .svg.", file.string()));
  const fs::path picture = fs::path(file).replace_extension(".svg");
  const std::string title = to_string(function);
  const std::string text = fmt::format(
      "# {0}\n\n![{0}: value, slope and curvature]({1})\n\n{2}\n## Properties\n\nComputed by `rectify activations \"{0}\"`; the words are explained in the guide.\n\n{3}\n"
      "## Measured\n\n{4}{5}\n",
      title, picture.filename().string(), table(definition_rows(function)), table(property_rows(activation::properties(function))), accuracy_rows(function, measurements.accuracy),
      speed_line(function, measurements.speed));
  write_file(picture, report::svg(report::curves_of(function)));
  write_file(file, text);
}

size_t write_cards(const fs::path& folder, const Measurements& measurements) {
  std::string index = "# Activations\n\nWritten by `rectify activations --cards`.\n\n| name | formula | |\n|---|---|---|\n";
  for (const activation::Id id : activation::all()) {
    const activation::Spec& spec = activation::spec(id);
    write_card(activation::make(id), folder / fmt::format("{}.md", spec.name), measurements);
    index += fmt::format("| [{0}]({0}.md) | `{1}` | {2} |\n", spec.name, spec.formula, escaped(spec.description));
  }
  write_file(folder / "README.md", index);
  return activation::all().size();
}

}  // namespace rectify::cli
