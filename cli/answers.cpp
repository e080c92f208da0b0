#include "cli/answers.h"

#include <algorithm>
#include <limits>

#include "rectify/nn/activations.h"
#include "rectify/train/trainer.h"

namespace rectify::cli {
namespace {

constexpr int grid = 161;            // samples per axis
constexpr int64_t most_points = 600;  // of a part: more hide the regions

/// Extent of one feature over all parts as the network sees it, with a margin.
report::Range extent(const data::Dataset& data, int64_t feature) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const data::Part* part : {&data.train, &data.test}) {
    for (int64_t i = 0; i < part->size(); ++i) {
      const double value = part->input.at(2 * i + feature);
      low = std::min(low, value), high = std::max(high, value);
    }
  }
  const double margin = high > low ? 0.08 * (high - low) : 1.0;
  return {low - margin, high + margin};
}

/// From what the network sees back to the data's own units.
double unscaled(const data::Preprocessing& p, size_t feature, double value) {
  const size_t i = p.offset.size() == 1 ? 0 : feature;
  return p.offset.empty() ? value : value * p.divisor[i] + p.offset[i];
}

void add_points(std::vector<report::LabelledPoint>& points, const data::Dataset& data, const data::Part& part, bool test) {
  const int64_t stride = (part.size() + most_points - 1) / most_points;
  for (int64_t i = 0; i < part.size(); i += std::max<int64_t>(stride, 1)) {
    points.push_back({.x = unscaled(data.preprocessing, 0, part.input.at(2 * i)),
                      .y = unscaled(data.preprocessing, 1, part.input.at(2 * i + 1)),
                      .label = part.target.data<int64_t>()[i],
                      .test = test});
  }
}

}  // namespace

Tensor class_probabilities(nn::Loss loss, const Tensor& output) {
  if (loss == nn::Loss::nll) return exp(output);
  if (loss != nn::Loss::bce_with_logits) return softmax(output);
  const int64_t n = output.size(0);
  const Tensor one = sigmoid(output), other = sigmoid(-output);
  Tensor both = Tensor::empty(Shape{n, 2});
  for (int64_t i = 0; i < n; ++i) {
    both.data<float>()[2 * i] = static_cast<float>(other.at(i));
    both.data<float>()[2 * i + 1] = static_cast<float>(one.at(i));
  }
  return both;
}

std::optional<report::DecisionRegions> decision_regions(nn::Module& model, const data::Dataset& data, nn::Loss loss) {
  if (data.task() != data::Task::classification || data.sample_shape() != Shape{2} || !nn::is_classification(loss)) return std::nullopt;
  const report::Range x = extent(data, 0), y = extent(data, 1);
  std::vector<float> points;
  for (int row = 0; row < grid; ++row) {
    for (int column = 0; column < grid; ++column) {
      points.push_back(static_cast<float>(x.low + x.width() * column / (grid - 1)));
      points.push_back(static_cast<float>(y.low + y.width() * row / (grid - 1)));
    }
  }
  const Tensor output = train::predict(model, Tensor::from(points, Shape{int64_t{grid} * grid, 2}));
  const Tensor classes = nn::predicted_classes(output), probabilities = class_probabilities(loss, output);
  const auto& p = data.preprocessing;
  report::DecisionRegions regions{.x = {unscaled(p, 0, x.low), unscaled(p, 0, x.high)},
                                  .y = {unscaled(p, 1, y.low), unscaled(p, 1, y.high)},
                                  .columns = grid,
                                  .rows = grid,
                                  .predicted = {},
                                  .probability = {},
                                  .points = {},
                                  .class_names = data.class_names(),
                                  .x_name = data.feature_names().size() == 2 ? data.feature_names()[0] : "x1",
                                  .y_name = data.feature_names().size() == 2 ? data.feature_names()[1] : "x2"};
  for (int64_t i = 0; i < classes.size(); ++i) {
    const int64_t answer = classes.data<int64_t>()[i];
    regions.predicted.push_back(static_cast<int32_t>(answer));
    regions.probability.push_back(static_cast<float>(probabilities.at(i * probabilities.size(1) + answer)));
  }
  add_points(regions.points, data, data.train, false);
  add_points(regions.points, data, data.test, true);
  return regions;
}

}  // namespace rectify::cli
