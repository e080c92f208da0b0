#include "bench/problem.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace bench {
namespace {

constexpr int batches = 16;  // 6.4 MB of images at batch 128: a training loop does not find its next batch in the L2 cache

/// Inputs of one output of a layer with weights, 0 for other layers.
int64_t fan_in(const Layer& layer, const Sample& from) {
  switch (layer.kind) {
    case Layer::Kind::linear: return from.size();
    case Layer::Kind::convolution: return layer.window * layer.window * from.channels;
    default: return 0;
  }
}

}  // namespace

Layer linear(int64_t outputs) { return {.kind = Layer::Kind::linear, .outputs = outputs}; }
Layer convolution(int64_t outputs, int64_t window) { return {.kind = Layer::Kind::convolution, .outputs = outputs, .window = window}; }
Layer max_pool(int64_t window) { return {.kind = Layer::Kind::max_pool, .window = window}; }
Layer activation(std::string name) { return {.kind = Layer::Kind::activation, .name = std::move(name)}; }

std::vector<Sample> shapes(const Problem& problem) {
  std::vector<Sample> result{problem.input};
  for (const Layer& layer : problem.layers) {
    Sample shape = result.back();
    switch (layer.kind) {
      case Layer::Kind::linear: shape = {.channels = layer.outputs}; break;
      case Layer::Kind::convolution: shape = {shape.height - layer.window + 1, shape.width - layer.window + 1, layer.outputs}; break;
      case Layer::Kind::max_pool: shape.height /= layer.window, shape.width /= layer.window; break;
      case Layer::Kind::activation: break;
    }
    result.push_back(shape);
  }
  return result;
}

void fill(Problem& problem) {
  std::mt19937 random(1);
  const auto unit = [&] { return static_cast<float>(random() >> 8) * 0x1p-24f; };
  const std::vector<Sample> at = shapes(problem);
  for (size_t i = 0; i < problem.layers.size(); ++i) {
    const int64_t inputs = fan_in(problem.layers[i], at[i]);
    if (inputs == 0) continue;
    const float bound = std::sqrt(6.0f / static_cast<float>(inputs));
    for (float& w : problem.weights.emplace_back(inputs * problem.layers[i].outputs)) w = bound * (2.0f * unit() - 1.0f);
  }
  for (int b = 0; b < batches; ++b) {
    for (float& x : problem.inputs.emplace_back(problem.batch * problem.input.size())) x = std::max(0.0f, 2.0f * unit() - 1.0f);
    if (problem.loss == Loss::cross_entropy) {
      for (int64_t& t : problem.classes.emplace_back(problem.batch)) t = static_cast<int64_t>(random() % static_cast<uint32_t>(at.back().size()));
    } else {
      for (float& t : problem.targets.emplace_back(problem.batch * at.back().size())) t = static_cast<float>(random() >> 31);
    }
  }
}

double operations(const Problem& problem) {
  const std::vector<Sample> at = shapes(problem);
  double total = 0;
  bool first = true;
  for (size_t i = 0; i < problem.layers.size(); ++i) {
    const int64_t inputs = fan_in(problem.layers[i], at[i]);
    if (inputs == 0) continue;
    const double once = 2.0 * static_cast<double>(problem.batch * at[i + 1].size() * inputs);
    total += once * (!problem.training ? 1 : first ? 2 : 3);
    first = false;
  }
  return total;
}

int64_t parameter_count(const Problem& problem) {
  const std::vector<Sample> at = shapes(problem);
  int64_t total = 0;
  for (size_t i = 0; i < problem.layers.size(); ++i) {
    const int64_t inputs = fan_in(problem.layers[i], at[i]);
    if (inputs > 0) total += (inputs + 1) * problem.layers[i].outputs;
  }
  return total;
}

}  // namespace bench
