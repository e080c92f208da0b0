// Trainings at some step, for tests of remedies.
#pragma once

#include <cmath>
#include <string>

#include "rectify/base/random.h"
#include "rectify/diagnose/repair.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/network.h"
#include "rectify/train/run.h"

namespace rectify::diagnose {

/// A prepared run as a checkpoint, after some steps of it.
inline Checkpoint checkpoint_of(const train::RunConfiguration& configuration, int64_t steps = 0) {
  Checkpoint checkpoint{.run = train::prepare(configuration), .step = 0};
  checkpoint.step = train::take_steps(checkpoint.run.model, *checkpoint.run.optimiser, checkpoint.run.data.train, checkpoint.run.options, steps).steps;
  return checkpoint;
}

inline train::RunConfiguration configuration(const std::string& network, uint64_t seed = 0) {
  return {.network = network, .data = "spirals(n=600, noise=0.1, seed=" + std::to_string(seed) + ")", .optimiser = "adam(lr=0.01)", .epochs = 20, .batch = 32, .seed = seed};
}

/// A regression on two inputs, y = sin(2 a) + b / 2 with noise from the index, as a data set made in code; its inputs are scaled and shifted.
inline data::Dataset waves(double scale = 1, double offset = 0, int64_t n = 800) {
  data::Dataset data;
  const auto fill = [&](data::Part& part, int64_t count, uint64_t ordinal) {
    part.input = Tensor::empty(Shape{count, 2});
    part.target = Tensor::empty(Shape{count, 1});
    const RandomKey key{.seed = 5, .purpose = Purpose::test, .ordinal = ordinal};
    for (int64_t i = 0; i < count; ++i) {
      const auto index = static_cast<uint64_t>(i);
      const double a = 4 * random_uniform(key, 3 * index) - 2, b = 4 * random_uniform(key, 3 * index + 1) - 2, noise = 0.1 * (random_uniform(key, 3 * index + 2) - 0.5);
      part.input.data<float>()[2 * i] = static_cast<float>(scale * a + offset);
      part.input.data<float>()[2 * i + 1] = static_cast<float>(scale * b + offset);
      part.target.data<float>()[i] = static_cast<float>(std::sin(2 * a) + b / 2 + noise);
    }
  };
  fill(data.train, n, 1);
  fill(data.test, n / 4, 2);
  data.preprocessing.task = data::Task::regression;
  data.preprocessing.sample_shape = Shape{2};
  data.preprocessing.offset = {0};
  data.preprocessing.divisor = {1};
  return data;
}

/// The same for data that come from no specification.
inline Checkpoint checkpoint_of(const data::Dataset& data, const std::string& network, const std::string& optimiser, uint64_t seed = 0, const std::string& init = "calibrated") {
  Checkpoint checkpoint;
  train::Prepared& run = checkpoint.run;
  run.data = data;
  run.model = nn::build(parse_specification_list(network).or_throw(), data.sample_shape());
  nn::initialise(run.model, {.scheme = nn::initialiser_from(parse_specification(init).or_throw()).scheme, .seed = seed});
  run.optimiser = train::make_optimiser(parse_specification(optimiser).or_throw(), run.model.parameters());
  run.options = {.epochs = 20, .batch = 32, .seed = seed, .loss = nn::Loss::mse};
  run.configuration = {.network = run.model.specification(), .data = "", .optimiser = run.optimiser->specification(), .loss = "mse", .epochs = 20, .batch = 32, .seed = seed};
  return checkpoint;
}

inline double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (int64_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a.at(i) - b.at(i)));
  return largest;
}

}  // namespace rectify::diagnose
