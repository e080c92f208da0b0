#include "rectify/observe/unit_counts.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "rectify/kernel/statistics.h"

namespace rectify::observe {

UnitCounts::UnitCounts(int64_t units) : sum(static_cast<size_t>(units)), sum_of_squares(sum), minimum(sum), maximum(sum), zeros(sum.size()), non_finite(zeros), saturated_left(zeros), saturated_right(zeros) {
  clear();
}

void UnitCounts::clear() {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  count = 0;
  for (auto* numbers : {&sum, &sum_of_squares}) std::ranges::fill(*numbers, 0.0);
  std::ranges::fill(minimum, infinity);
  std::ranges::fill(maximum, -infinity);
  for (auto* counts : {&zeros, &non_finite, &saturated_left, &saturated_right}) std::ranges::fill(*counts, 0);
}

void UnitCounts::add(const Tensor& values, const Tensor& inputs, const activation::SaturatedTails& tails) {
  const int64_t rows = values.size() / units();
  const kernel::UnitAccumulators into{.sum = sum.data(), .sum_of_squares = sum_of_squares.data(), .minimum = minimum.data(), .maximum = maximum.data(), .zeros = zeros.data(),
                                      .non_finite = non_finite.data(), .below = saturated_left.data(), .above = saturated_right.data()};
  dispatch_floating(values.dtype(), "Watch", [&]<class T>(T) {
    kernel::add_unit_statistics<T>(values.data<T>(), inputs.defined() ? inputs.data<T>() : nullptr, rows, units(), {.below = tails.left, .above = tails.right}, into);
  });
  count += rows;
}

void UnitCounts::add(const UnitCounts& other) {
  if (other.count == 0) return;
  const auto combine = [](auto& into, const auto& from, auto operation) { std::ranges::transform(into, from, into.begin(), operation); };
  count += other.count;
  combine(sum, other.sum, std::plus{});
  combine(sum_of_squares, other.sum_of_squares, std::plus{});
  combine(minimum, other.minimum, [](double a, double b) { return b < a ? b : a; });
  combine(maximum, other.maximum, [](double a, double b) { return b > a ? b : a; });
  combine(zeros, other.zeros, std::plus{});
  combine(non_finite, other.non_finite, std::plus{});
  combine(saturated_left, other.saturated_left, std::plus{});
  combine(saturated_right, other.saturated_right, std::plus{});
}

}  // namespace rectify::observe
