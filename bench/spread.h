// Order statistics of repeated measurements.
#pragma once

#include <vector>

namespace bench {

/// The middle of a sample and the range around it. Quantiles are interpolated linearly between the sorted values.
struct Spread {
  double median = 0, low = 0, high = 0;
};

/// `low` and `high` leave out the share `tail` of the sample on either side: 0.25 gives the quartiles. Throws std::invalid_argument for an empty sample.
Spread spread(std::vector<double> sample, double tail = 0.1);

/// The quartiles of x[i] / y[i]: for repetitions that were measured together. Throws std::invalid_argument if the lengths differ or are 0.
Spread paired_ratio(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace bench
