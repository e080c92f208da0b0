#include "bench/diagnosis/significance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace bench::diagnosis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nothing = std::numeric_limits<double>::quiet_NaN();
constexpr double z = 1.959963984540054;  // of 95 %

/// Twice the rank of each value among all, from 1: whole numbers also where ties share a mean rank.
std::vector<int64_t> doubled_ranks(const std::vector<double>& values) {
  std::vector<int64_t> ranks;
  for (const double value : values) {
    const int64_t below = std::ranges::count_if(values, [&](double other) { return other < value; }), equal = std::ranges::count(values, value);
    ranks.push_back(2 * below + equal + 1);
  }
  return ranks;
}

/// Where the borders of Wilson's interval lie: centre -+ half.
double wilson(const Share& share, double side) {
  if (share.of == 0) return nothing;
  const double n = static_cast<double>(share.of), p = share.value();
  const double centre = p + z * z / (2 * n), half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return std::clamp((centre + side * half) / (1 + z * z / n), 0.0, 1.0);
}

}  // namespace

double probability_of_being_larger_by_chance(std::span<const double> worse, std::span<const double> better) {
  if (worse.empty() || better.empty()) return 1;
  std::vector<double> all(worse.begin(), worse.end());
  all.insert(all.end(), better.begin(), better.end());
  std::ranges::replace_if(all, [](double value) { return std::isnan(value); }, infinity);
  const std::vector<int64_t> ranks = doubled_ranks(all);
  const size_t size = worse.size();
  size_t observed = 0, largest = 0;
  for (size_t i = 0; i < ranks.size(); ++i) {
    largest += static_cast<size_t>(ranks[i]);
    if (i < size) observed += static_cast<size_t>(ranks[i]);
  }
  // arrangements[k][s]: in how many ways k of the values seen so far have the rank sum s. float64 counts exactly far beyond samples of ten.
  std::vector<std::vector<double>> arrangements(size + 1, std::vector<double>(largest + 1, 0.0));
  arrangements[0][0] = 1;
  for (const int64_t rank : ranks) {
    for (size_t k = size; k > 0; --k) {
      for (size_t sum = static_cast<size_t>(rank); sum <= largest; ++sum) arrangements[k][sum] += arrangements[k - 1][sum - static_cast<size_t>(rank)];
    }
  }
  double total = 0, as_large = 0;
  for (size_t sum = 0; sum <= largest; ++sum) {
    total += arrangements[size][sum];
    if (sum >= observed) as_large += arrangements[size][sum];
  }
  return as_large / total;
}

double median(std::span<const double> values) {
  if (values.empty()) return nothing;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const size_t half = sorted.size() / 2;
  if (sorted.size() % 2 == 1 || sorted[half - 1] == sorted[half]) return sorted[half];
  return (sorted[half - 1] + sorted[half]) / 2;
}

double Share::value() const { return of == 0 ? nothing : static_cast<double>(count) / static_cast<double>(of); }
double Share::low() const { return wilson(*this, -1); }
double Share::high() const { return wilson(*this, +1); }

}  // namespace bench::diagnosis
