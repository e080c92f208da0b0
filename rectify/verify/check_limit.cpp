#include <cmath>
#include <optional>

#include "rectify/activation/limits.h"
#include "rectify/verify/oracle.h"
#include "rectify/verify/sweep.h"

namespace rectify::verify {

std::string check_limit(const activation::Function& function, int derivative, bool positive) {
  const double limit = activation::limit(function, {derivative, 0, 0}, positive);
  const Oracle oracle(function, derivative);
  std::optional<bool> negative;  // the sign of the last value that was not zero
  long double value = 0, before = 0;
  for (const int exponent : {3, 4, 5, 6, 8, 10, 14, 20, 40, 60, 80}) {
    before = value;
    value = oracle.value(std::ldexp(positive ? 1.0 : -1.0, exponent));
    if (value != 0) negative = value < 0;
  }
  const auto wrong = [&](const std::string& what) {
    constexpr const char* names[] = {"value", "slope", "curvature"};
    return "the Spec of " + to_string(function) + " says that its " + names[derivative] + " goes to " + (std::signbit(limit) && limit == 0 ? "-0" : std::to_string(limit)) + " at " +
           (positive ? "+inf" : "-inf") + ", but " + what;
  };
  if (std::isnan(limit)) {
    return std::fabs(value - oracle.value(std::ldexp(positive ? 1.5 : -1.5, 80))) > 0.01L ? "" : wrong("it does not oscillate");
  }
  const std::string far = "it is " + std::to_string(static_cast<double>(value)) + " at 2^80";
  if (std::isinf(limit)) return (limit > 0 ? value : -value) > 0x1p40L && (std::isinf(value) || std::fabs(value) > std::fabs(before)) ? "" : wrong(far);
  if (!(std::fabs(value - static_cast<long double>(limit)) <= 1e-15L * std::fmax(1.0L, std::fabs(static_cast<long double>(limit))))) return wrong(far);
  if (limit == 0 && std::signbit(limit) != negative.value_or(false)) return wrong(negative.value_or(false) ? "it is negative on the way there" : "it is not negative on the way there");
  return {};
}

}  // namespace rectify::verify
