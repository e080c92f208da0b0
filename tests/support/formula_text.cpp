#include "tests/support/formula_text.h"

#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace rectify::test {
namespace {

struct FunctionEntry {
  std::string_view name;
  size_t operands;
};
constexpr FunctionEntry functions[] = {{"exp", 1},     {"expm1", 1},    {"log", 1}, {"log1p", 1}, {"sqrt", 1}, {"abs", 1},  {"min", 2},   {"max", 2}, {"tanh", 1},
                                       {"sigmoid", 1}, {"softplus", 1}, {"erf", 1}, {"erfc", 1},  {"Phi", 1},  {"sign", 1}, {"where", 3}, {"pi", 0},  {"e", 0}};

using Pointer = std::unique_ptr<Expression>;

class Parser {
 public:
  Parser(std::string_view text, const std::vector<std::string>& parameters) : text_(text), parameters_(parameters) {}

  Pointer parse() {
    Pointer result = comparison();
    if (peek() != '\0') fail("unexpected text");
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + " at byte " + std::to_string(position_) + " of '" + std::string(text_) + "'");
  }
  char peek() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected ") + c);
  }
  static Pointer make(Expression::Kind kind, Pointer a, Pointer b = nullptr) {
    auto result = std::make_unique<Expression>();
    result->kind = kind;
    result->operands.push_back(std::move(a));
    if (b) result->operands.push_back(std::move(b));
    return result;
  }

  Pointer comparison() {
    Pointer left = sum();
    if (take('<')) {
      const auto kind = take('=') ? Expression::Kind::less_equal : Expression::Kind::less;
      return make(kind, std::move(left), sum());
    }
    if (take('>')) {
      const auto kind = take('=') ? Expression::Kind::less_equal : Expression::Kind::less;
      Pointer right = sum();
      return make(kind, std::move(right), std::move(left));
    }
    return left;
  }
  Pointer sum() {
    Pointer result = product();
    while (true) {
      if (take('+')) {
        result = make(Expression::Kind::add, std::move(result), product());
      } else if (take('-')) {
        result = make(Expression::Kind::subtract, std::move(result), product());
      } else {
        return result;
      }
    }
  }
  Pointer product() {
    Pointer result = factor();
    while (true) {
      if (take('*')) {
        result = make(Expression::Kind::multiply, std::move(result), factor());
      } else if (take('/')) {
        result = make(Expression::Kind::divide, std::move(result), factor());
      } else {
        return result;
      }
    }
  }
  Pointer factor() {
    if (take('-')) return make(Expression::Kind::negate, factor());
    Pointer base = atom();
    if (take('^')) return make(Expression::Kind::power, std::move(base), factor());
    return base;
  }
  Pointer atom() {
    if (take('(')) {
      Pointer inside = comparison();
      expect(')');
      return inside;
    }
    const char first = peek();
    if (std::isdigit(static_cast<unsigned char>(first)) != 0 || first == '.') return number();
    if (std::isalpha(static_cast<unsigned char>(first)) == 0) fail("expected a number, a name or '('");
    return name();
  }
  Pointer number() {
    const size_t begin = position_;
    const auto digit = [&] { return position_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[position_])) != 0; };
    while (digit() || (position_ < text_.size() && text_[position_] == '.')) ++position_;
    if (position_ < text_.size() && text_[position_] == 'e') {
      ++position_;
      if (position_ < text_.size() && (text_[position_] == '-' || text_[position_] == '+')) ++position_;
      while (digit()) ++position_;
    }
    auto result = std::make_unique<Expression>();
    result->text = std::string(text_.substr(begin, position_ - begin));
    result->exact = std::strtold(result->text.c_str(), nullptr);
    result->is_exact = result->text.find_first_of(".e") == std::string::npos && result->text.size() < 19;  // a whole number
    return result;
  }
  Pointer name() {
    const size_t begin = position_;
    while (position_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[position_])) != 0 || text_[position_] == '_')) ++position_;
    auto result = std::make_unique<Expression>();
    result->text = std::string(text_.substr(begin, position_ - begin));
    if (result->text == "x") {
      result->kind = Expression::Kind::input;
      return result;
    }
    for (size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i] != result->text) continue;
      result->kind = Expression::Kind::parameter;
      result->parameter = i;
      return result;
    }
    result->kind = Expression::Kind::call;
    for (size_t i = 0; i < std::size(functions); ++i) {
      if (functions[i].name == result->text) result->function = static_cast<int>(i);
    }
    if (result->function < 0) fail("unknown name " + result->text);
    const size_t count = functions[result->function].operands;
    for (size_t i = 0; i < count; ++i) {
      expect(i == 0 ? '(' : ',');
      result->operands.push_back(comparison());
    }
    if (count > 0) expect(')');
    return result;
  }

  std::string_view text_;
  const std::vector<std::string>& parameters_;
  size_t position_ = 0;
};

}  // namespace

std::unique_ptr<Expression> parse_formula(std::string_view text, const std::vector<std::string>& parameters) { return Parser(text, parameters).parse(); }

}  // namespace rectify::test
