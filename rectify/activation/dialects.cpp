#include "rectify/activation/dialects.h"

#include <algorithm>

#include <fmt/format.h>

#include "rectify/activation/units.h"
#include "rectify/base/words.h"

namespace rectify::activation {
namespace {

constexpr Dialect all_dialects[] = {
#define RECTIFY_DIALECT(name, title, prefixes) {#name, title, prefixes},
#define RECTIFY_DIALECT_NAME(dialect, theirs, ours, parameters)
#include "rectify/activation/dialects.inc"
#undef RECTIFY_DIALECT
#undef RECTIFY_DIALECT_NAME
};

constexpr DialectName all_names[] = {
#define RECTIFY_DIALECT(name, title, prefixes)
#define RECTIFY_DIALECT_NAME(dialect, theirs, ours, parameters) {#dialect, theirs, ours, parameters},
#include "rectify/activation/dialects.inc"
#undef RECTIFY_DIALECT
#undef RECTIFY_DIALECT_NAME
};

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

Pairs pairs(std::string_view text, char separator) {
  Pairs result;
  for (const std::string_view word : words(text)) {
    if (const size_t at = word.find(separator); at != std::string_view::npos) result.emplace_back(word.substr(0, at), word.substr(at + 1));
  }
  return result;
}

/// Our own names: canonical ones first, then aliases, then PyTorch's and ONNX's.
std::optional<Id> find_own(std::string_view name) {
  const std::string wanted = folded(name);
  if (wanted.empty()) return std::nullopt;
  const auto means = [&](std::string_view candidate) { return folded(candidate) == wanted; };
  for (const Id id : all()) {
    if (means(spec(id).name)) return id;
  }
  for (const Id id : all()) {
    if (std::ranges::any_of(words(spec(id).aliases), means)) return id;
  }
  for (const Id id : all()) {
    if (means(spec(id).torch) || means(spec(id).onnx)) return id;
  }
  return std::nullopt;
}

Id id_of(const DialectName& line) { return *find_own(line.ours.substr(0, line.ours.find('('))); }

/// A name without the prefix that names its library, and that library.
struct Stripped {
  const Dialect* dialect = nullptr;
  std::string name;
};

Stripped stripped(std::string_view name) {
  const std::string whole = folded(name);
  Stripped result{nullptr, whole};
  for (const Dialect& dialect : all_dialects) {
    for (const std::string_view word : words(dialect.prefixes)) {
      const std::string prefix = folded(word);
      if (whole.starts_with(prefix) && whole.size() > prefix.size() && whole.size() - prefix.size() < result.name.size()) result = {&dialect, whole.substr(prefix.size())};
    }
  }
  return result;
}

/// Lines of one dialect that have this name; if there are none, those that stand for the activation that we call by it.
std::vector<const DialectName*> lines_for(const Dialect& dialect, std::string_view name) {
  std::vector<const DialectName*> result;
  for (const DialectName& line : all_names) {
    if (line.dialect == dialect.name && folded(line.theirs) == folded(name)) result.push_back(&line);
  }
  const std::optional<Id> id = find_own(name);
  if (!result.empty() || !id) return result;
  for (const DialectName& line : all_names) {
    if (line.dialect == dialect.name && id_of(line) == *id) result.push_back(&line);
  }
  return result;
}

std::string text_of(const Argument& argument) {
  if (const Number* value = std::get_if<Number>(&argument.value)) return value->text;
  return std::get<Specification>(argument.value).name;
}

bool fits(const DialectName& line, const Specification& call) {
  const Pairs conditions = line.conditions(), renamed = line.renamed();
  for (const auto& condition : conditions) {
    const auto meets = [&](const Argument& argument) { return argument.name == condition.first && folded(text_of(argument)) == condition.second; };
    if (std::ranges::none_of(call.arguments, meets)) return false;
  }
  const Spec& ours = spec(id_of(line));
  for (const Argument& argument : call.arguments) {
    const auto is_its_name = [&](const auto& pair) { return pair.first == argument.name; };
    const bool own = std::any_of(ours.parameters, ours.parameters + ours.parameter_count(), [&](const Parameter& parameter) { return parameter.name == argument.name; });
    const bool known = argument.name.empty() || argument.name == "at_kinks" || own || std::ranges::any_of(renamed, is_its_name) || std::ranges::any_of(conditions, is_its_name);
    if (!known) return false;
  }
  return true;
}

/// The line's activation with its defaults, overridden by the arguments of the call.
Specification merged(const DialectName& line, const Specification& call) {
  Specification result = *parse_specification(line.ours);
  result.name = spec(id_of(line)).name;
  const Spec& ours = spec(id_of(line));
  const Pairs conditions = line.conditions(), renamed = line.renamed();
  size_t position = 0;
  std::vector<std::string> defaults;  // of the line, not yet overridden
  for (const Argument& argument : result.arguments) defaults.push_back(argument.name);
  for (Argument argument : call.arguments) {
    if (argument.name.empty() && position < (renamed.empty() ? static_cast<size_t>(ours.parameter_count()) : renamed.size())) {
      argument.name = renamed.empty() ? ours.parameters[position].name : renamed[position].second;
      ++position;
    } else if (std::ranges::any_of(conditions, [&](const auto& pair) { return pair.first == argument.name; })) {
      continue;
    } else {
      for (const auto& [theirs, own] : renamed) {
        if (argument.name == theirs) {
          argument.name = own;
          break;
        }
      }
    }
    if (std::erase(defaults, argument.name) > 0) {
      std::ranges::find(result.arguments, argument.name, &Argument::name)->value = argument.value;
    } else if (argument.name.empty()) {
      result.arguments.insert(result.arguments.begin(), argument);  // one too many, as the reader will say
    } else {
      result.arguments.push_back(argument);
    }
  }
  return result;
}

Failure unknown_activation(const std::string& name) {
  std::vector<std::string> known = names();
  for (const std::string& unit : unit_names()) known.push_back(unit);
  return Failure{fmt::format("[activation] there is no activation '{}'.{}", name, did_you_mean(name, known))};
}

}  // namespace

std::span<const Dialect> dialects() { return all_dialects; }
std::span<const DialectName> dialect_names() { return all_names; }

Function DialectName::function() const { return from_specification(*parse_specification(ours)).or_throw(); }
Pairs DialectName::renamed() const { return pairs(parameters, '='); }
Pairs DialectName::conditions() const { return pairs(parameters, ':'); }

std::optional<Dialect> dialect_named(std::string_view name) {
  const std::string wanted = folded(name);
  for (const Dialect& dialect : all_dialects) {
    if (folded(dialect.name) == wanted || folded(dialect.title) == wanted) return dialect;
  }
  return std::nullopt;
}

std::optional<Id> find(std::string_view name) {
  if (const std::optional<Id> own = find_own(name)) return own;
  const Stripped rest = stripped(name);
  if (rest.dialect != nullptr) {
    const auto lines = lines_for(*rest.dialect, rest.name);
    return lines.empty() ? find_own(rest.name) : std::optional(id_of(*lines.front()));
  }
  for (const DialectName& line : all_names) {
    if (folded(line.theirs) == rest.name) return id_of(line);
  }
  return std::nullopt;
}

Result<Specification> in_own_terms(const Specification& specification) {
  if (specification.quoted) return unknown_activation(specification.name);
  Specification call = specification;
  std::optional<Dialect> dialect;
  const auto named = std::ranges::find(call.arguments, "dialect", &Argument::name);
  if (named != call.arguments.end()) {
    dialect = dialect_named(text_of(*named));
    if (!dialect) {
      std::vector<std::string> known;
      for (const Dialect& one : all_dialects) known.emplace_back(one.name);
      return Failure{fmt::format("[activation] {}: there is no dialect '{}'.{} Known are {}.", call.name, text_of(*named), did_you_mean(text_of(*named), known), fmt::join(known, ", "))};
    }
    call.arguments.erase(named);
  }
  if (const Stripped rest = stripped(call.name); rest.dialect != nullptr && !find_own(call.name)) {
    if (dialect && dialect->name != rest.dialect->name) {
      return Failure{fmt::format("[activation] {} is a name of {}, but dialect={} is given. Leave one of them out.", call.name, rest.dialect->name, dialect->name)};
    }
    dialect = *rest.dialect;
    call.name = rest.name;
  }
  if (dialect) {
    const auto lines = lines_for(*dialect, call.name);
    for (const DialectName* line : lines) {
      if (fits(*line, call)) return merged(*line, call);
    }
    if (!lines.empty()) return merged(*lines.front(), call);
  }
  const std::optional<Id> id = find(call.name);
  if (!id) return unknown_activation(specification.name);
  call.name = spec(*id).name;
  return call;
}

}  // namespace rectify::activation
