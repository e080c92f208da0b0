#include "rectify/diagnose/chance_loss.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "rectify/activation/elementary.h"

namespace rectify::diagnose {
namespace {

/// -sum of p log p.
double entropy(std::span<const double> shares) {
  double sum = 0;
  for (const double p : shares) sum -= p > 0 ? p * elementary::log(p) : 0;
  return sum;
}

double entropy_of_classes(const Tensor& target) {
  std::vector<int64_t> classes(target.values<int64_t>().begin(), target.values<int64_t>().end());
  std::ranges::sort(classes);
  std::vector<double> shares;
  for (auto first = classes.begin(); first != classes.end();) {
    const auto last = std::ranges::upper_bound(first, classes.end(), *first);
    shares.push_back(static_cast<double>(last - first) / static_cast<double>(classes.size()));
    first = last;
  }
  return entropy(shares);
}

/// The loss of the best constant for one column of targets.
double chance_of_column(nn::Loss loss, std::vector<double> targets) {
  const double n = static_cast<double>(targets.size());
  double sum = 0, apart = 0;
  for (const double t : targets) sum += t;
  const double mean = sum / n;
  if (loss == nn::Loss::bce_with_logits) return entropy(std::vector{mean, 1 - mean});
  if (loss == nn::Loss::mse) {
    for (const double t : targets) apart += (t - mean) * (t - mean);
  } else {
    const auto middle = targets.begin() + static_cast<int64_t>(targets.size()) / 2;
    std::ranges::nth_element(targets, middle);
    const double median = *middle;
    for (const double t : targets) apart += std::fabs(t - median);
  }
  return apart / n;
}

}  // namespace

double chance_loss(nn::Loss loss, const Tensor& target) {
  // Classes, of bce_with_logits too: the entropy of two shares is that of the mean.
  if (target.dtype() == DType::int64) return entropy_of_classes(target);
  if (target.size() == 0) return 0;
  const int64_t samples = target.size(0), columns = target.size() / samples;
  double sum = 0;
  for (int64_t column = 0; column < columns; ++column) {
    std::vector<double> targets;
    for (int64_t i = 0; i < samples; ++i) targets.push_back(target.at(i * columns + column));
    sum += chance_of_column(loss, std::move(targets));
  }
  return sum / static_cast<double>(columns);
}

}  // namespace rectify::diagnose
