#include "rectify/observe/run_log.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"

namespace rectify::observe {
namespace {

/// The power of two that brings `largest` near 1, so that neither sums nor squares of doubles overflow or vanish. Scaling by it is exact.
double power_of_two_for(double largest) {
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, std::clamp(-exponent, -1000, 1000));
}

template <class T>
Histogram histogram_of(const T* values, int64_t count, int bins) {
  if (bins < 1) throw ArgumentError("[make_histogram] " + std::to_string(bins) + " bins; at least 1 is needed.");
  if (count < 0) throw ArgumentError("[make_histogram] the number of values is negative: " + std::to_string(count) + ".");
  Histogram histogram;
  histogram.counts.assign(static_cast<size_t>(bins), 0);
  int64_t finite = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double x = values[i];
    if (!std::isfinite(x)) continue;
    histogram.low = finite == 0 ? x : std::min(histogram.low, x);
    histogram.high = finite == 0 ? x : std::max(histogram.high, x);
    ++finite;
  }
  histogram.non_finite = count - finite;
  if (finite == 0) return histogram;

  const double scale = power_of_two_for(std::max(std::fabs(histogram.low), std::fabs(histogram.high)));
  const double low = histogram.low * scale;
  const double width = histogram.high * scale - low;
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double x = static_cast<double>(values[i]) * scale;
    if (!std::isfinite(x)) continue;
    sum += x;
    const int bin = width > 0 ? std::min(bins - 1, static_cast<int>((x - low) / width * bins)) : bins / 2;
    ++histogram.counts[static_cast<size_t>(bin)];
  }
  const double mean = sum / static_cast<double>(finite);
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double x = static_cast<double>(values[i]) * scale;
    if (std::isfinite(x)) squares += (x - mean) * (x - mean);
  }
  histogram.mean = mean / scale;
  histogram.standard_deviation = std::sqrt(squares / static_cast<double>(finite)) / scale;
  return histogram;
}

}  // namespace

Histogram make_histogram(const float* values, int64_t count, int bins) { return histogram_of(values, count, bins); }
Histogram make_histogram(const double* values, int64_t count, int bins) { return histogram_of(values, count, bins); }

}  // namespace rectify::observe
