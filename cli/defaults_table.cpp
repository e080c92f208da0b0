#include "cli/defaults_table.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "rectify/activation/dialects.h"
#include "rectify/activation/limits.h"

namespace rectify::cli {
namespace {

using activation::Dialect;
using activation::DialectName;
using activation::Function;
using activation::Id;

/// What a bare call of the name means in that library: the lines that do not wait for an argument, the first of each name.
std::vector<const DialectName*> bare_names() {
  std::vector<const DialectName*> result;
  for (const DialectName& line : activation::dialect_names()) {
    const auto same = [&](const DialectName* known) { return known->dialect == line.dialect && known->theirs == line.theirs; };
    if (line.conditions().empty() && std::ranges::none_of(result, same)) result.push_back(&line);
  }
  return result;
}

std::string named(const DialectName& line) { return fmt::format("{} `{}`", activation::dialect_named(line.dialect)->title, line.theirs); }

void append(std::string& list, const std::string& item, const char* separator = ", ") { list += (list.empty() ? "" : separator) + item; }

/// `slope 0 at 0`, for every kink.
std::string kink_slopes(const Function& f) {
  std::string text;
  for (const double x : activation::kinks(f)) append(text, fmt::format("{:.6g} at {:.6g}", activation::evaluate(f, x, activation::slope), x));
  return text;
}

/// The arguments of to_string() without the name.
std::string arguments(const Function& f) {
  const std::string text = to_string(f);
  const size_t open = text.find('(');
  return open == std::string::npos ? "" : text.substr(open + 1, text.size() - open - 2);
}

std::string default_rows() {
  std::string rows;
  const auto names = bare_names();
  for (const Id id : activation::all()) {
    const Function ours = activation::make(id);
    std::string same;
    std::map<std::string, std::string> different;
    for (const DialectName* line : names) {
      const Function theirs = line->function();
      if (theirs.id != id) continue;
      if (theirs == ours) append(same, named(*line));
      else append(different[fmt::format("`{}`{}", arguments(theirs), theirs.at_kinks == ours.at_kinks ? "" : fmt::format(" (slope {})", kink_slopes(theirs)))], named(*line));
    }
    std::string others;
    for (const auto& [what, who] : different) append(others, what + ": " + who, "; ");
    const std::string defaults = arguments(ours), kinks = kink_slopes(ours);
    if (defaults.empty() && kinks.empty() && others.empty() && same.empty()) continue;
    rows += fmt::format("| `{}` | {} | {} | {} | {} |\n", activation::spec(id).name, defaults.empty() ? "" : "`" + defaults + "`", kinks, same, others);
  }
  return rows;
}

std::string rows_of_other_meanings() {
  std::string rows;
  for (const DialectName* line : bare_names()) {
    const Function theirs = line->function();
    const auto ours = activation::find(line->theirs);
    if (ours && *ours != theirs.id) rows += fmt::format("| `{}` | {} | `{}` | `{}` |\n", line->theirs, activation::dialect_named(line->dialect)->title, activation::spec(*ours).name, to_string(theirs));
  }
  return rows;
}

}  // namespace

std::string defaults_document() {
  return fmt::format(
      "# Defaults, ours and theirs\n\n"
      "Written by `rectify activations --defaults`. The facts about other libraries, with their versions, stand in `rectify/activation/dialects.inc`; `dialect=` and names such as\n"
      "`jax.nn.gelu` choose them. A library that is not mentioned has no activation of that name or was not looked at.\n\n"
      "| activation | defaults | slope at the kinks | the same in | elsewhere |\n|---|---|---|---|---|\n{}\n"
      "## Names that mean something else there\n\n"
      "| name | in | here it is | there it is |\n|---|---|---|---|\n{}",
      default_rows(), rows_of_other_meanings());
}

}  // namespace rectify::cli
