#include "bench/spread.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace bench {

Spread spread(std::vector<double> sample, double tail) {
  if (sample.empty()) throw std::invalid_argument("[spread] the sample is empty.");
  std::ranges::sort(sample);
  const auto quantile = [&](double q) {
    const double position = q * static_cast<double>(sample.size() - 1), below = std::floor(position);
    const size_t index = static_cast<size_t>(below);
    return index + 1 < sample.size() ? sample[index] + (position - below) * (sample[index + 1] - sample[index]) : sample[index];
  };
  return {quantile(0.5), quantile(tail), quantile(1 - tail)};
}

Spread paired_ratio(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() != y.size()) throw std::invalid_argument("[paired_ratio] the samples do not have the same length.");
  std::vector<double> quotients(x.size());
  std::ranges::transform(x, y, quotients.begin(), std::divides<>{});
  return spread(std::move(quotients), 0.25);
}

}  // namespace bench
