// The one small grammar of every specification: `linear(64, init=normal(0.05)), leaky_relu(0.2), linear(3)`.
//
//   list   := item (',' item)*                     the layers of a network, or one item alone
//   item   := NAME [ '(' [argument (',' argument)*] ')' ]  |  STRING
//   argument := [NAME '='] value
//   value  := NUMBER | item                        true and false are items without arguments
//   NAME   := letter or '_' , then letters, digits, '_', '-', '.', '/'      so that a plain path is a name; it may begin with '/', './' or '../' too
//   STRING := '"' ... '"' or '\'' ... '\'' with \\ and \" and \' as escapes
//
// Positional arguments come before named ones. Parsed once, typed at once: see ArgumentReader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "rectify/base/error.h"

namespace rectify {

struct Specification;

/// A number keeps the text it was written as, so that printing it back changes nothing.
struct Number {
  double value = 0;
  std::string text;
};

/// One argument: `name` is empty for a positional one. `position` is the byte offset of the value in the text.
struct Argument;

/// One call of the grammar, `name(arguments...)`.
struct Specification {
  std::string name;
  std::vector<Argument> arguments;
  bool quoted = false;    ///< written as a quoted string: `name` is the text and there are no arguments
  size_t position = 0;    ///< byte offset in the text it was parsed from
};

struct Argument {
  std::string name;
  std::variant<Number, Specification> value;
  size_t position = 0;
};

/// Parses one item. A failure's message shows the text with a caret under the place: three lines, the first a full sentence.
/// `what` names the text in messages ("--data").
Result<Specification> parse_specification(std::string_view text, std::string_view what = "specification");

/// Parses a comma-separated list of items (at least one).
Result<std::vector<Specification>> parse_specification_list(std::string_view text, std::string_view what = "specification");

/// The text that parses back to the same specification; a number is printed as it was written, or in the shortest form that reads back.
std::string to_string(const Specification& specification);
std::string to_string(const std::vector<Specification>& list);

/// A number for building specifications in code: its text is the shortest that reads back exactly. Throws ArgumentError for infinities and NaN.
Number number(double value);

/// Reads the arguments of one specification into types. Each argument is asked for once, in the order of the positional ones;
/// finish() then throws an ArgumentError for arguments nobody asked for, listing the known names and suggesting the nearest.
/// All members throw ArgumentError with the specification's name, the argument's, the value found and what was expected.
class ArgumentReader {
 public:
  explicit ArgumentReader(const Specification& specification);

  /// Later calls fill `name` from its named argument or else from the next positional one; `fallback` if neither is there.
  double number(std::string_view name, std::optional<double> fallback = std::nullopt);
  int64_t integer(std::string_view name, std::optional<int64_t> fallback = std::nullopt);
  bool boolean(std::string_view name, std::optional<bool> fallback = std::nullopt);
  /// A bare name or a quoted string.
  std::string text(std::string_view name, std::optional<std::string> fallback = std::nullopt);
  /// A nested specification such as `init=normal(0.05)`; a bare name counts as one without arguments.
  std::optional<Specification> specification(std::string_view name);
  /// Named only, never positional.
  bool has(std::string_view name) const;
  /// Whether the next call with this name would find a number: for arguments that may be a number or something else.
  bool is_number(std::string_view name) const;
  /// The number of arguments that nobody has asked for yet.
  size_t remaining() const;
  void finish() const;

 private:
  std::optional<size_t> find(std::string_view name) const;
  const Argument* take(std::string_view name);
  const Specification* specification_;
  std::vector<bool> used_;
  std::vector<std::string> known_;
};

/// The names in `candidates` nearest to `name` by edit distance, nearest first, at most three and only plausible ones.
std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& candidates);

/// " Did you mean relu or prelu?" or, when nothing is near, "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace rectify
