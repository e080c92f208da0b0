#include "bench/diagnosis/tools/layer_views.h"

#include <algorithm>
#include <cmath>

#include "rectify/autograd/trace.h"
#include "rectify/train/model_state.h"

namespace bench::diagnosis {

using rectify::Tensor;

std::string LayerView::activation_name() const { return activation ? std::string(rectify::activation::spec(*activation).name) : ""; }

rectify::data::Part first_samples(const rectify::data::Part& part, int64_t count) {
  const int64_t n = std::min(count, part.size());
  return {.input = part.input.rows(0, n), .target = part.target.rows(0, n)};
}

std::vector<LayerView> view_layers(rectify::nn::Module& model, const rectify::data::Part& batch, rectify::nn::Loss loss, bool with_gradients) {
  const rectify::train::EvaluationMode mode(model);
  const std::vector<Tensor> parameters = model.parameters();
  std::vector<rectify::trace::Layer> traced;
  std::vector<Tensor> gradients(parameters.size());
  double value = 0;
  const auto forward = [&] {
    const rectify::trace::Trace trace;
    const Tensor result = rectify::nn::compute(loss, model(batch.input), batch.target);
    traced = trace.layers();
    return result;
  };
  if (with_gradients) {
    auto [result, found] = rectify::value_and_grad(model, forward);
    value = result.item();
    gradients = std::move(found);
  } else {
    const rectify::NoGrad scope;
    value = forward().item();
  }
  std::vector<LayerView> views;
  for (const rectify::trace::Layer& layer : traced) {
    const auto found = std::ranges::find(parameters, layer.weight, &Tensor::id);
    if (found == parameters.end()) continue;
    views.push_back({.weight = *found,
                     .gradient = gradients[static_cast<size_t>(found - parameters.begin())],
                     .pre_activation = layer.passed_on.defined() ? layer.passed_on.detach() : layer.output.detach(),
                     .output = layer.activated.defined() ? layer.activated.detach() : layer.output.detach(),
                     .activation = layer.activation,
                     .loss = value});
  }
  return views;
}

double mean_of(const Tensor& tensor) {
  double sum = 0;
  for (const float x : tensor.values<float>()) sum += x;
  return sum / static_cast<double>(tensor.size());
}

double mean_magnitude(const Tensor& tensor) {
  double sum = 0;
  for (const float x : tensor.values<float>()) sum += std::abs(x);
  return sum / static_cast<double>(tensor.size());
}

double variance_of(const Tensor& tensor) {
  const double centre = mean_of(tensor);
  double sum = 0;
  for (const float x : tensor.values<float>()) sum += (x - centre) * (x - centre);
  return sum / static_cast<double>(tensor.size());
}

bool has_non_finite(const Tensor& tensor) {
  return share_of(tensor, [](float x) { return !std::isfinite(x); }) > 0;
}

double share_of(const Tensor& tensor, const std::function<bool(float)>& predicate) {
  const auto values = tensor.values<float>();
  return static_cast<double>(std::ranges::count_if(values, predicate)) / static_cast<double>(values.size());
}

std::vector<double> share_by_unit(const Tensor& tensor, const std::function<bool(float)>& predicate) {
  const auto values = tensor.values<float>();
  const auto units = static_cast<size_t>(tensor.size(-1));
  std::vector<double> shares(units);
  for (size_t i = 0; i < values.size(); ++i) shares[i % units] += predicate(values[i]) ? 1 : 0;
  for (double& share : shares) share /= static_cast<double>(values.size() / units);
  return shares;
}

double share_below(const std::vector<double>& numbers, double limit) {
  return static_cast<double>(std::ranges::count_if(numbers, [&](double x) { return x < limit; })) / static_cast<double>(numbers.size());
}

}  // namespace bench::diagnosis
