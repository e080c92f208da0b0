#include "cli/activation_name.h"

#include <algorithm>

#include "cli/options.h"
#include "rectify/base/specification.h"

namespace rectify::cli {

activation::Function activation_named(const std::string& text, std::span<const std::string> parameters) {
  Specification specification = parse_specification(text, "the activation").or_throw();
  for (const std::string& parameter : parameters) {
    const size_t equals = parameter.find('=');
    if (equals == 0 || equals == std::string::npos) throw ArgumentError("[--param] '" + parameter + "' is not NAME=VALUE, for example negative_slope=0.2.");
    const std::string name = parameter.substr(0, equals);
    const bool twice = std::ranges::any_of(specification.arguments, [&](const Argument& argument) { return argument.name == name; });
    if (twice) throw ArgumentError("[--param] " + name + " is given twice. Leave one of them out.");
    specification.arguments.push_back({.name = name, .value = number(real_number("--param", parameter.substr(equals + 1)))});
  }
  return activation::from_specification(specification).or_throw();
}

}  // namespace rectify::cli
