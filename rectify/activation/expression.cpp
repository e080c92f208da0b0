#include "rectify/activation/expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "rectify/base/specification.h"

namespace rectify::activation {
namespace {

struct FunctionEntry {
  std::string_view name;
  Operation operation;
  size_t operands;
};
constexpr FunctionEntry functions[] = {
    {"exp", Operation::exp, 1},         {"expm1", Operation::expm1, 1},       {"log", Operation::log, 1},           {"log1p", Operation::log1p, 1},
    {"sqrt", Operation::sqrt, 1},       {"abs", Operation::abs, 1},           {"min", Operation::minimum, 2},       {"max", Operation::maximum, 2},
    {"tanh", Operation::tanh, 1},       {"sigmoid", Operation::sigmoid, 1},   {"softplus", Operation::softplus, 1}, {"erf", Operation::erf, 1},
    {"erfc", Operation::erfc, 1},       {"Phi", Operation::normal_cdf, 1},    {"sign", Operation::sign, 1},         {"sin", Operation::sin, 1},
    {"cos", Operation::cos, 1},         {"sinh", Operation::sinh, 1},         {"cosh", Operation::cosh, 1},         {"arctan", Operation::arctan, 1},
    {"where", Operation::where, 3},     {"pi", Operation::pi, 0},             {"e", Operation::e, 0},
};

const FunctionEntry* find_function(std::string_view name) {
  const auto found = std::ranges::find(functions, name, &FunctionEntry::name);
  return found == std::end(functions) ? nullptr : found;
}

// Not <cctype>: the grammar does not depend on the locale.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_comparison(Operation operation) { return operation == Operation::less || operation == Operation::less_equal || operation == Operation::equal; }

struct ParseError {
  size_t position;
  std::string message;
};

/// The text around a place, on one line, and a caret under the place.
std::string with_caret(std::string_view text, size_t position) {
  constexpr size_t before = 60, after = 40;
  const size_t begin = position > before ? position - before : 0, end = std::min(text.size(), position + after);
  std::string shown = begin > 0 ? "..." : "";
  const size_t caret = shown.size() + (position - begin);
  for (char c : text.substr(begin, end - begin)) shown += c >= ' ' && c <= '~' ? c : is_space(c) ? ' ' : '?';
  if (end < text.size()) shown += "...";
  return "\n  " + shown + "\n  " + std::string(caret, ' ') + "^";
}

/// True if the decimal `digits` (with point and exponent) is a float64: the number is m * 10^k with whole m.
bool is_exact_decimal(std::string_view digits) {
  uint64_t mantissa = 0;
  int scale = 0;
  bool point = false;
  const size_t exponent = std::min(digits.find('e'), digits.size());
  for (char c : digits.substr(0, exponent)) {
    if (c == '.') {
      point = true;
      continue;
    }
    if (mantissa >= UINT64_MAX / 10 - 1) return false;
    mantissa = 10 * mantissa + static_cast<uint64_t>(c - '0');
    if (point) --scale;
  }
  if (exponent < digits.size()) {
    const char* first = digits.data() + exponent + 1;
    if (*first == '+') ++first;
    int written = 0;
    if (std::from_chars(first, digits.data() + digits.size(), written).ec != std::errc() || std::abs(written) > 400) return false;
    scale += written;
  }
  for (; scale < 0 && mantissa % 10 == 0 && mantissa != 0; ++scale) mantissa /= 10;
  if (scale < -27) return mantissa == 0;
  for (; scale < 0; ++scale) {  // m / 10^k is a binary fraction if 5^k divides m
    if (mantissa % 5 != 0) return false;
    mantissa /= 5;
  }
  constexpr uint64_t limit = uint64_t{1} << 53;
  for (; scale > 0 && mantissa <= limit; --scale) mantissa *= 10;
  return mantissa <= limit && scale == 0;
}

class Parser {
 public:
  Parser(std::string_view text, std::span<const std::string> parameters) : text_(text), parameters_(parameters) {}

  ExpressionPointer parse() {
    ExpressionPointer result = comparison();
    if (peek() != '\0' || position_ < text_.size()) fail_here("expected an operator or the end of the formula");
    return number_checked(std::move(result), 0);
  }

 private:
  [[noreturn]] static void fail(size_t position, std::string message) { throw ParseError{position, std::move(message)}; }
  [[noreturn]] void fail_here(std::string message) {
    peek();
    fail(position_, std::move(message) + (position_ >= text_.size() ? ", the text ends here" : ""));
  }
  char at(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  char peek() {
    while (is_space(at(position_))) ++position_;
    return at(position_);
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++position_;
    return true;
  }

  /// Counts how deep the parser itself is.
  struct Level {
    explicit Level(Parser& owner) : parser(owner) {
      if (++parser.level_ > max_formula_depth) fail(parser.position_, too_deep());
    }
    ~Level() { --parser.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    Parser& parser;
  };
  static std::string too_deep() { return "the formula is nested more than " + std::to_string(max_formula_depth) + " levels deep"; }

  /// A number, not a comparison.
  static ExpressionPointer number_checked(ExpressionPointer e, size_t position) {
    if (is_comparison(e->operation)) fail(position, "a comparison stands only inside where(condition, a, b)");
    return e;
  }
  ExpressionPointer join(Operation operation, std::vector<ExpressionPointer> operands, size_t position) {
    for (const ExpressionPointer& operand : operands) number_checked(operand, position);
    return shallow(make_expression(operation, std::move(operands)), position);
  }
  static ExpressionPointer shallow(ExpressionPointer e, size_t position) {
    if (e->depth > max_formula_depth) fail(position, too_deep() + " (long sums and products count; parentheses around halves help)");
    return e;
  }

  ExpressionPointer comparison() {
    const Level level(*this);
    ExpressionPointer left = sum();
    const char c = peek();
    const size_t place = position_;
    if (c == '<' || c == '>') {
      ++position_;
      const Operation operation = take_adjacent('=') ? Operation::less_equal : Operation::less;
      ExpressionPointer right = sum();
      if (c == '>') std::swap(left, right);
      return join(operation, {std::move(left), std::move(right)}, place);
    }
    if (c == '=') {
      ++position_;
      if (!take_adjacent('=')) fail(place, "'=' is not an operator; equality is '=='");
      return join(Operation::equal, {std::move(left), sum()}, place);
    }
    return left;
  }
  bool take_adjacent(char c) {
    if (at(position_) != c) return false;
    ++position_;
    return true;
  }

  ExpressionPointer sum() {
    ExpressionPointer result = product();
    while (peek() == '+' || peek() == '-') {
      const size_t place = position_;
      const Operation operation = text_[position_++] == '+' ? Operation::add : Operation::subtract;
      result = join(operation, {std::move(result), product()}, place);
    }
    return result;
  }

  ExpressionPointer product() {
    ExpressionPointer result = factor();
    while (peek() == '*' || peek() == '/') {
      const size_t place = position_;
      if (text_[place] == '*' && at(place + 1) == '*') fail(place, "'**' is not an operator; powers are written x^2");
      const Operation operation = text_[position_++] == '*' ? Operation::multiply : Operation::divide;
      result = join(operation, {std::move(result), factor()}, place);
    }
    return result;
  }

  ExpressionPointer factor() {
    const Level level(*this);
    const size_t place = (peek(), position_);
    if (take('-')) return join(Operation::negate, {factor()}, place);
    if (take('+')) return factor();
    ExpressionPointer base = atom();
    const size_t hat = (peek(), position_);
    if (!take('^')) return base;
    if (base->operation == Operation::e) return join(Operation::exp, {factor()}, hat);
    const std::optional<int> exponent = whole_exponent();
    if (!exponent) {
      fail(hat + 1, "expected a whole exponent of at most " + std::to_string(max_formula_exponent) + "; write sqrt(a) for a^0.5 and exp(b*log(a)) for a^b with a > 0");
    }
    if (peek() == '^') fail(position_, "one power of another needs parentheses: (x^2)^3");
    return shallow(make_power(number_checked(std::move(base), hat), *exponent), hat);
  }

  /// 2, -1, (-1).
  std::optional<int> whole_exponent() {
    const bool parenthesis = take('('), negative = take('-');
    peek();
    const char* first = text_.data() + position_;
    int value = 0;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc() || *first == '-' || value > max_formula_exponent) return std::nullopt;
    position_ += static_cast<size_t>(end - first);
    const char next = at(position_);
    if (next == '.' || is_letter(next) || (parenthesis && !take(')'))) return std::nullopt;
    return negative ? -value : value;
  }

  ExpressionPointer atom() {
    const char first = peek();
    if (take('(')) {
      ExpressionPointer inside = comparison();
      if (!take(')')) fail_here("expected ')'");
      return inside;
    }
    if (is_digit(first) || (first == '.' && is_digit(at(position_ + 1)))) return number();
    if (!is_letter(first)) fail_here("expected a number, a name or '('");
    return name();
  }

  ExpressionPointer number() {
    const size_t begin = position_;
    const auto digits = [&] {
      while (is_digit(at(position_))) ++position_;
    };
    digits();
    if (at(position_) == '.') ++position_, digits();
    if ((at(position_) == 'e' || at(position_) == 'E') && (is_digit(at(position_ + 1)) || ((at(position_ + 1) == '+' || at(position_ + 1) == '-') && is_digit(at(position_ + 2))))) {
      position_ += 2, digits();
    }
    if (is_letter(at(position_)) || at(position_) == '.') fail(position_, "a number runs into '" + std::string(1, at(position_)) + "'; products need a '*'");
    Expression result;
    result.text = std::string(text_.substr(begin, position_ - begin));
    std::ranges::replace(result.text, 'E', 'e');
    if (std::from_chars(result.text.data(), result.text.data() + result.text.size(), result.value).ec != std::errc()) {
      fail(begin, "the number " + result.text + " is beyond the range of float64");
    }
    result.exact = is_exact_decimal(result.text);
    return std::make_shared<const Expression>(std::move(result));
  }

  ExpressionPointer name() {
    const size_t begin = position_;
    while (is_letter(at(position_)) || is_digit(at(position_))) ++position_;
    const std::string_view word = text_.substr(begin, position_ - begin);
    if (const auto found = std::ranges::find(parameters_, word); found != parameters_.end()) {
      return std::make_shared<const Expression>(
          Expression{.operation = Operation::parameter, .text = std::string(word), .parameter = static_cast<int>(found - parameters_.begin())});
    }
    if (word == "x") return make_expression(Operation::input, {});
    const FunctionEntry* function = find_function(word);
    if (function == nullptr) fail(begin, unknown_name(word));
    return call(*function, begin);
  }

  ExpressionPointer call(const FunctionEntry& function, size_t begin) {
    std::vector<ExpressionPointer> operands;
    for (size_t i = 0; i < function.operands; ++i) {
      if (!take(i == 0 ? '(' : ',')) fail_here(std::string("expected '") + (i == 0 ? '(' : ',') + "': " + std::string(function.name) + " takes " + arguments(function.operands));
      const size_t place = (peek(), position_);
      operands.push_back(comparison());
      if (function.operation == Operation::where && i == 0) {
        if (!is_comparison(operands[0]->operation)) fail(place, "where(condition, a, b) needs a comparison as its condition");
      } else {
        number_checked(operands.back(), place);
      }
    }
    if (function.operands > 0 && !take(')')) fail_here("expected ')': " + std::string(function.name) + " takes " + arguments(function.operands));
    return shallow(make_expression(function.operation, std::move(operands)), begin);
  }
  static std::string arguments(size_t count) { return count == 1 ? "one argument" : std::to_string(count) + " arguments"; }

  std::string unknown_name(std::string_view word) const {
    std::vector<std::string> known{"x"};
    known.insert(known.end(), parameters_.begin(), parameters_.end());
    for (const FunctionEntry& function : functions) known.emplace_back(function.name);
    const std::vector<std::string> near = nearest_names(word, known);
    std::string list;
    for (const std::string& candidate : near.empty() ? known : near) list += (list.empty() ? "" : ", ") + candidate;
    return "unknown name '" + std::string(word.substr(0, 40)) + "'. " + (near.empty() ? "Known are " : "Did you mean ") + list + (near.empty() ? "" : "?");
  }

  std::string_view text_;
  std::span<const std::string> parameters_;
  size_t position_ = 0;
  int level_ = 0;
};

}  // namespace

Result<ExpressionPointer> parse_expression(std::string_view text, std::span<const std::string> parameters) {
  if (text.size() > max_formula_length) {
    return Failure{"[formula] the text has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(max_formula_length) + " are read. Write a shorter formula."};
  }
  for (const std::string& name : parameters) {
    if (name == "x" || find_function(name) != nullptr) {
      return Failure{"[formula] a parameter is named '" + name + "', which already has a meaning in formulas. Give it another name."};
    }
  }
  try {
    return Parser(text, parameters).parse();
  } catch (const ParseError& error) {
    const bool complete = error.message.ends_with('?');
    return Failure{"[formula] " + error.message + (complete ? "" : ".") + with_caret(text, error.position)};
  }
}

ExpressionPointer make_number(double value) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, std::fabs(value)).ptr;
  ExpressionPointer number = std::make_shared<const Expression>(Expression{.text = std::string(digits, end), .value = std::fabs(value), .exact = true});
  return std::signbit(value) ? make_expression(Operation::negate, {std::move(number)}) : number;
}

ExpressionPointer make_expression(Operation operation, std::vector<ExpressionPointer> operands) {
  int depth = 0;
  for (const ExpressionPointer& operand : operands) depth = std::max(depth, operand->depth);
  return std::make_shared<const Expression>(Expression{.operation = operation, .depth = depth + 1, .operands = std::move(operands)});
}

ExpressionPointer make_power(ExpressionPointer base, int exponent) {
  const int depth = base->depth + 1;
  return std::make_shared<const Expression>(Expression{.operation = Operation::power, .exponent = exponent, .depth = depth, .operands = {std::move(base)}});
}

}  // namespace rectify::activation
