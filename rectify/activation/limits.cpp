#include "rectify/activation/limits.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "rectify/activation/scan.h"

namespace rectify::activation {
namespace {

/// Recursive descent over the few rules a limit needs. The result is a number; a comparison is 1 or 0.
class LimitParser {
 public:
  LimitParser(Limit text, const Spec& spec, const std::array<double, max_parameters>& parameters) : rest_(text), spec_(spec), parameters_(parameters) {}

  double parse() {
    const double value = comparison();
    return failed_ || peek() != '\0' ? std::nan("") : value;
  }

 private:
  char peek() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { failed_ |= !take(c); }

  double comparison() {
    const double left = sum();
    if (take('<')) return take('=') ? left <= sum() : left < sum();
    if (take('>')) return take('=') ? left >= sum() : left > sum();
    return left;
  }
  double sum() {
    double value = product();
    while (true) {
      if (take('+')) {
        value += product();
      } else if (take('-')) {
        value -= product();
      } else {
        return value;
      }
    }
  }
  double product() {
    double value = factor();
    while (true) {
      if (take('*')) {
        value *= factor();
      } else if (take('/')) {
        value /= factor();
      } else {
        return value;
      }
    }
  }
  double factor() {
    if (take('-')) return -factor();
    if (take('(')) {
      const double value = comparison();
      expect(')');
      return value;
    }
    const char first = peek();
    return (first >= '0' && first <= '9') || first == '.' ? number() : name();
  }
  double number() {
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    failed_ |= error != std::errc{};
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return value;
  }
  double name() {
    size_t length = 0;
    const auto belongs = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
    while (length < rest_.size() && belongs(rest_[length])) ++length;
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (word == "inf") return std::numeric_limits<double>::infinity();
    if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (word == "where") {
      expect('(');
      const double condition = comparison();
      expect(',');
      const double yes = comparison();
      expect(',');
      const double no = comparison();
      expect(')');
      return condition != 0 ? yes : no;
    }
    if (word == "sqrt") {
      expect('(');
      const double value = sum();
      expect(')');
      return std::sqrt(value);
    }
    for (int i = 0; i < spec_.parameter_count(); ++i) {
      if (spec_.parameters[i].name == word) return parameters_[static_cast<size_t>(i)];
    }
    failed_ = true;
    if (length == 0) rest_ = {};  // an unknown character: stop here
    return 0;
  }

  std::string_view rest_;
  const Spec& spec_;
  const std::array<double, max_parameters>& parameters_;
  bool failed_ = false;
};

}  // namespace

double evaluate_limit(Limit text, const Spec& spec, const std::array<double, max_parameters>& parameters) noexcept {
  return LimitParser(text, spec, parameters).parse();
}

std::vector<double> kinks(const Function& function) {
  const Spec& s = spec(function);
  std::vector<double> result;
  std::string_view rest = s.kinks;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(';'), rest.size());
    result.push_back(evaluate_limit(rest.substr(0, end), s, function.parameters));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::erase_if(result, [](double x) { return !std::isfinite(x); });  // a line of slope 0 has no corner
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

std::vector<AtKink> at_kinks(const Function& function, Derivative derivative) {
  std::vector<AtKink> result;
  if (function.at_kinks == AtKinks::standard || derivative.x != 1) return result;
  Function standard = function;
  standard.at_kinks = AtKinks::standard;
  const std::vector<double> places = kinks(function);
  for (const double x : places) {
    const double here = evaluate(standard, x, derivative);
    const auto from = [&](double neighbour) {
      const double beside = evaluate(standard, neighbour, derivative);
      return std::fabs(beside - here) <= 1e-12 * std::fabs(here) ? here : beside;  // the slope is continuous on that side
    };
    const double left = from(just_below(x)), right = from(just_above(x)), middle = (places.front() + places.back()) / 2;
    const auto chosen = [&] {
      switch (function.at_kinks) {
        case AtKinks::left: return left;
        case AtKinks::right: return right;
        case AtKinks::inner: return x < middle ? right : x > middle ? left : here;
        case AtKinks::outer: return x < middle ? left : x > middle ? right : here;
        case AtKinks::mean: return (left + right) / 2;
        case AtKinks::zero: return 0.0;
        case AtKinks::standard: break;
      }
      return here;
    };
    result.push_back({x, chosen()});
  }
  return result;
}

double limit(const Function& function, Derivative derivative, bool positive) noexcept {
  if (function.formula) return evaluate(function, positive ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity(), derivative);
  const Spec& s = spec(function);
  if (derivative.parameter == 0) {
    const Limit text = derivative.x == 0   ? (positive ? s.at_plus_infinity : s.at_minus_infinity)
                       : derivative.x == 1 ? (positive ? s.slope_at_plus_infinity : s.slope_at_minus_infinity)
                                           : (positive ? s.curvature_at_plus_infinity : s.curvature_at_minus_infinity);
    return evaluate_limit(text, s, function.parameters);
  }
  const double sign = positive ? 1.0 : -1.0;
  const double far = evaluate(function, sign * 0x1p500, derivative), farther = evaluate(function, sign * 0x1p1000, derivative);
  const double shrunk = std::fabs(farther) < 0x1p-400 ? std::copysign(0.0, farther) : farther;
  return std::fabs(farther) > 1.5 * std::fabs(far) ? std::copysign(std::numeric_limits<double>::infinity(), farther) : shrunk;
}

}  // namespace rectify::activation
