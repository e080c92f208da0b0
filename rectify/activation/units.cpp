#include "rectify/activation/units.h"

#include <algorithm>
#include <cmath>

#include "rectify/activation/quadrature.h"
#include "rectify/base/words.h"

namespace rectify::activation {
namespace {

constexpr UnitParameter gate_layout{
    .name = "layout", .default_value = "packed", .choices = "packed swapped interleaved", .meaning = "[a, b], [b, a], or a and b in turn"};

constexpr UnitSpec specs[] = {
#define RECTIFY_UNIT(name_, Type, ...) UnitSpec{.name = #name_, __VA_ARGS__},
#include "rectify/activation/units.inc"
#undef RECTIFY_UNIT
};

constexpr UnitId ids[] = {
#define RECTIFY_UNIT(name, Type, ...) UnitId::name,
#include "rectify/activation/units.inc"
#undef RECTIFY_UNIT
};

bool has_alias(const UnitSpec& unit, const std::string& wanted) {
  return std::ranges::any_of(words(unit.aliases), [&](std::string_view alias) { return folded(alias) == wanted; });
}

}  // namespace

std::span<const UnitId> all_units() { return ids; }
const UnitSpec& spec(UnitId id) { return specs[static_cast<size_t>(id)]; }

std::optional<UnitId> find_unit(std::string_view name) {
  const std::string wanted = folded(name);
  for (const UnitId id : ids) {
    if (folded(spec(id).name) == wanted || has_alias(spec(id), wanted)) return id;
  }
  return std::nullopt;
}

std::vector<std::string> unit_names() {
  std::vector<std::string> result;
  for (const UnitSpec& unit : specs) result.emplace_back(unit.name);
  return result;
}

double gated_gain(const Function& gate) {
  const auto second_moment = [&](double g) {
    return g * g * normal_expectation([&](double z) {
      const double f = evaluate(gate, g * z);
      return f * f;
    });
  };
  double low = 0x1p-20, high = 0x1p20;
  if (!(second_moment(low) < 1 && second_moment(high) > 1)) return 1.0;
  // By halves of the exponent first, then of the interval: the order of the steps is fixed, and so is the result.
  while (high > 2 * low) {
    const double middle = std::sqrt(low * high);
    (second_moment(middle) < 1 ? low : high) = middle;
  }
  for (int step = 0; step < 45; ++step) {
    const double middle = 0.5 * (low + high);
    (second_moment(middle) < 1 ? low : high) = middle;
  }
  return high;
}

double maxout_gain(int64_t pieces) {
  // The largest of k has the distribution function Phi^k: E = integral x^2 k Phi^(k-1) dN.
  const Function distribution = make(Id::gelu);  // z Phi(z)
  const double second_moment = normal_expectation([&](double z) {
    const double phi = z == 0 ? 0.5 : evaluate(distribution, z) / z;
    double power = 1, square = phi;
    for (int64_t exponent = pieces - 1; exponent > 0; exponent /= 2, square *= square) power *= exponent % 2 == 1 ? square : 1.0;
    return z * z * static_cast<double>(pieces) * power;
  });
  return 1 / std::sqrt(second_moment);
}

double crelu_gain() { return std::sqrt(2.0); }

double rational_gain(std::span<const double> numerator, std::span<const double> denominator) {
  const double second_moment = normal_expectation([&](double z) {
    double p = 0, q = 0;
    for (size_t j = numerator.size(); j-- > 0;) p = p * z + numerator[j];
    for (size_t k = denominator.size(); k-- > 0;) q = (q + std::fabs(denominator[k])) * std::fabs(z);
    return p / (1 + q) * (p / (1 + q));
  });
  const double gain = 1 / std::sqrt(second_moment);
  return std::isfinite(gain) ? gain : 1.0;
}

}  // namespace rectify::activation
