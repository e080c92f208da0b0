#include "rectify/activation/quadrature.h"

#include <array>
#include <cmath>

#include "rectify/activation/elementary.h"
#include "rectify/activation/limits.h"
#include "rectify/base/floating_environment.h"

namespace rectify::activation {
namespace {

constexpr int points = 16;

/// Nodes and weights of the Gauss-Legendre rule on [-1, 1], by Newton's method on the Legendre polynomial's recurrence.
struct Rule {
  std::array<double, points> node, weight;
};

Rule make_rule() {
  Rule rule{};
  for (int i = 0; i < points; ++i) {
    double x = elementary::cos(0x1.921fb54442d18p1 * (i + 0.75) / (points + 0.5)), slope = 0;
    for (int step = 0; step < 8; ++step) {
      double before = 1, current = x;
      for (int k = 2; k <= points; ++k) {
        const double next = ((2 * k - 1) * x * current - (k - 1) * before) / k;
        before = current;
        current = next;
      }
      slope = points * (x * current - before) / (x * x - 1);
      x -= current / slope;
    }
    rule.node[static_cast<size_t>(i)] = x;
    rule.weight[static_cast<size_t>(i)] = 2 / ((1 - x * x) * slope * slope);
  }
  return rule;
}

}  // namespace

double normal_expectation(double (*h)(const void* context, double z), const void* context, std::span<const double> kinks) {
  const FloatingEnvironment environment;
  static const Rule rule = make_rule();
  constexpr double panel = 0.25, end = 16, inverse_sqrt_2_pi = 0x1.9884533d43651p-2;
  const auto integral = [&](double left, double width) {
    double part = 0;
    for (size_t i = 0; i < points; ++i) {
      const double z = left + 0.5 * width * (1 + rule.node[i]);
      part += rule.weight[i] * (elementary::exp(-0.5 * z * z) * h(context, z));
    }
    return part;
  };
  double sum = 0;  // in units of half a panel
  for (double left = -end; left < end; left += panel) {
    double from = left;
    for (const double kink : kinks) {
      if (kink <= from || kink >= left + panel) continue;
      sum += integral(from, kink - from) * ((kink - from) / panel);
      from = kink;
    }
    const double width = left + panel - from;
    sum += width == panel ? integral(left, panel) : integral(from, width) * (width / panel);
  }
  return sum * (0.5 * panel) * inverse_sqrt_2_pi;
}

double gain(const Function& function) {
  const double second_moment = normal_expectation([&](double z) {
    const double y = evaluate(function, z);
    return y * y;
  }, kinks(function));
  return 1 / std::sqrt(second_moment);
}

}  // namespace rectify::activation
