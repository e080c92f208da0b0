#include "rectify/base/specification.h"

#include <charconv>
#include <cmath>
#include <set>
#include <system_error>

namespace rectify {
namespace {

// Deep enough for anything a person writes, shallow enough for any stack.
constexpr int max_depth = 64;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_character(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '/'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The place in the text and what was expected there.
struct ParseError {
  size_t position;
  std::string message;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Specification single() {
    Specification item = parse_item(0);
    if (!at_end()) {
      if (peek() == ',') fail("expected one item, found a list");
      expected("the end of the text after " + shown(item));
    }
    return item;
  }

  std::vector<Specification> list() {
    std::vector<Specification> items;
    for (;;) {
      items.push_back(parse_item(0));
      if (at_end()) return items;
      if (peek() != ',') expected("',' or the end of the text after " + shown(items.back()));
      ++position_;
    }
  }

 private:
  Specification parse_item(int depth) {
    skip_space();
    if (depth > max_depth) fail("the calls are nested more than " + std::to_string(max_depth) + " deep");
    Specification item;
    item.position = position_;
    if (peek() == '"' || peek() == '\'') {
      item.quoted = true;
      item.name = parse_string();
      return item;
    }
    if (!starts_name()) expected("a name");
    item.name = parse_name();
    skip_space();
    if (peek() != '(') return item;
    ++position_;
    parse_arguments(item, depth);
    return item;
  }

  void parse_arguments(Specification& item, int depth) {
    skip_space();
    if (peek() == ')') {
      ++position_;
      return;
    }
    std::set<std::string> names;
    for (;;) {
      const size_t begin = (skip_space(), position_);
      Argument argument = parse_argument(depth);
      if (argument.name.empty() && !names.empty()) fail_at(begin, "a positional argument of " + item.name + " comes after the named ones");
      if (!argument.name.empty() && !names.insert(argument.name).second) fail_at(begin, "argument " + argument.name + " of " + item.name + " is given twice");
      item.arguments.push_back(std::move(argument));
      skip_space();
      if (peek() == ')') break;
      if (peek() != ',') expected("')' after the arguments of " + item.name);
      ++position_;
    }
    ++position_;
  }

  Argument parse_argument(int depth) {
    skip_space();
    Argument argument;
    if (starts_name()) {  // look ahead for NAME '=': otherwise the name is the value's
      const size_t begin = position_;
      std::string name = parse_name();
      skip_space();
      if (peek() == '=') {
        ++position_;
        argument.name = std::move(name);
        skip_space();
      } else {
        position_ = begin;
      }
    }
    argument.position = position_;
    if (starts_number()) {
      argument.value = parse_number();
    } else if (starts_name() || peek() == '"' || peek() == '\'') {
      argument.value = parse_item(depth + 1);
    } else {
      expected(argument.name.empty() ? "a value" : "a value for " + argument.name);
    }
    return argument;
  }

  std::string parse_name() {
    const size_t begin = position_;
    while (position_ < text_.size() && is_name_character(text_[position_])) ++position_;
    return std::string(text_.substr(begin, position_ - begin));
  }

  Number parse_number() {
    const size_t begin = position_;
    if (peek() == '+' || peek() == '-') ++position_;
    const auto digits = [&] {
      while (is_digit(peek())) ++position_;
    };
    digits();
    if (peek() == '.') ++position_, digits();
    if ((peek() == 'e' || peek() == 'E') && (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))))) position_ += 2, digits();
    Number result;
    result.text = std::string(text_.substr(begin, position_ - begin));
    if (is_name_character(peek())) {
      fail("a number runs into '" + std::string(1, peek()) + "': a name that begins with a digit has to be quoted");
    }
    const char* first = result.text.data() + (result.text[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(first, result.text.data() + result.text.size(), result.value);
    if (error == std::errc::result_out_of_range) fail_at(begin, "the number " + result.text + " is beyond the range of float64");
    if (error != std::errc() || end != result.text.data() + result.text.size()) fail_at(begin, "'" + result.text + "' is not a number");
    return result;
  }

  std::string parse_string() {
    const size_t begin = position_;
    const char quote = text_[position_++];
    std::string result;
    for (;;) {
      if (position_ >= text_.size()) fail_at(begin, "the quoted text that begins here is not closed");
      char c = text_[position_++];
      if (c == quote) return result;
      if (c == '\\') {
        c = peek();
        if (c != '\\' && c != '"' && c != '\'') fail_at(position_ - 1, "a backslash stands before \\, \" or ' only; write it twice");
        ++position_;
      }
      result += c;
    }
  }

  char peek(size_t ahead = 0) const { return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0'; }
  // A path may begin with '/' or './' too; ".5" is a number.
  bool starts_name() const { return is_letter(peek()) || peek() == '/' || (peek() == '.' && (peek(1) == '.' || peek(1) == '/' || is_letter(peek(1)))); }
  bool starts_number() const {
    const size_t sign = peek() == '+' || peek() == '-';
    return is_digit(peek(sign)) || (peek(sign) == '.' && is_digit(peek(sign + 1)));
  }
  void skip_space() {
    while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  }
  bool at_end() {
    skip_space();
    return position_ >= text_.size();
  }

  [[noreturn]] void fail_at(size_t position, std::string message) const { throw ParseError{position, std::move(message)}; }
  [[noreturn]] void fail(std::string message) const { fail_at(position_, std::move(message)); }
  [[noreturn]] void expected(const std::string& what) const {
    if (position_ >= text_.size()) fail("expected " + what + ", found end of text");
    const unsigned char c = static_cast<unsigned char>(text_[position_]);
    std::string found = "an unprintable character";
    if (c >= 0x20 && c < 0x7f) found = std::string("'") + text_[position_] + "'";
    if (c >= 0x80) found = "a character that belongs into quotes";
    fail("expected " + what + ", found " + found);
  }
  static std::string shown(const Specification& item) { return item.quoted ? "the quoted text" : item.name.substr(0, 64); }

  std::string_view text_;
  size_t position_ = 0;
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// "what: message." then the text, or the part of it around the place, then a caret under the place.
std::string describe(std::string_view text, std::string_view what, const ParseError& error) {
  constexpr size_t width = 120;
  const size_t position = std::min(error.position, text.size());
  size_t begin = position > width / 2 && text.size() > width ? position - width / 2 : 0;
  size_t end = std::min(text.size(), begin + width);
  while (begin > 0 && begin < text.size() && is_continuation(text[begin])) --begin;
  while (end < text.size() && is_continuation(text[end])) ++end;

  std::string line = begin > 0 ? "..." : "", caret(line.size(), ' ');
  for (size_t i = begin; i < end; ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    line += c < 0x20 || c == 0x7f ? ' ' : text[i];
    if (i < position && !is_continuation(text[i])) caret += ' ';
  }
  if (end < text.size()) line += "...";
  return std::string(what) + ": " + error.message + ".\n  " + line + "\n  " + caret + "^";
}

template <class Parse>
auto run_parser(std::string_view text, std::string_view what, Parse parse) -> Result<decltype(parse(std::declval<Parser&>()))> {
  try {
    Parser parser(text);
    return parse(parser);
  } catch (const ParseError& error) {
    return Failure{describe(text, what, error)};
  }
}

bool is_plain_name(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_name_character(c)) return false;
  }
  if (is_letter(text[0]) || text[0] == '/') return true;
  return text[0] == '.' && text.size() > 1 && (text[1] == '.' || text[1] == '/' || is_letter(text[1]));
}

void append(std::string& out, const Specification& item) {
  if (item.quoted || !is_plain_name(item.name)) {
    out += '"';
    for (const char c : item.name) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  } else {
    out += item.name;
  }
  if (item.arguments.empty()) return;
  out += '(';
  for (size_t i = 0; i < item.arguments.size(); ++i) {
    const Argument& argument = item.arguments[i];
    if (i > 0) out += ", ";
    if (!argument.name.empty()) out += argument.name + "=";
    if (const Number* value = std::get_if<Number>(&argument.value)) {
      out += value->text.empty() ? number(value->value).text : value->text;
    } else {
      append(out, std::get<Specification>(argument.value));
    }
  }
  out += ')';
}

}  // namespace

Result<Specification> parse_specification(std::string_view text, std::string_view what) {
  return run_parser(text, what, [](Parser& parser) { return parser.single(); });
}

Result<std::vector<Specification>> parse_specification_list(std::string_view text, std::string_view what) {
  return run_parser(text, what, [](Parser& parser) { return parser.list(); });
}

std::string to_string(const Specification& specification) {
  std::string out;
  append(out, specification);
  return out;
}

std::string to_string(const std::vector<Specification>& list) {
  std::string out;
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ", ";
    append(out, list[i]);
  }
  return out;
}

Number number(double value) {
  if (!std::isfinite(value)) throw ArgumentError("[number] a specification has finite numbers only, found " + std::to_string(value) + ".");
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {value, std::string(buffer, end)};
}

}  // namespace rectify
