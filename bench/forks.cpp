// The question: when is a remedy adopted? Where it is needed, and where it is not, over many seeds; and how good the learning rate is that is measured.
//
// The tables of docs/decisions/repair.md. Takes half a minute on one core; --seeds N for more than 40.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "rectify/diagnose/learning_rate.h"
#include "rectify/diagnose/repair.h"

namespace {

using namespace rectify;
using namespace rectify::diagnose;

/// A training, of which a seed makes data, weights and order.
struct Training {
  const char* data;  ///< a toy set
  const char* network;
  const char* optimiser;
  int64_t steps = 0;  ///< taken before the fork
};

Checkpoint begin(const Training& training, uint64_t seed) {
  const train::RunConfiguration configuration{.network = training.network, .data = fmt::format("{}(n=2000, seed={})", training.data, seed), .optimiser = training.optimiser,
                                              .epochs = 10, .batch = 32, .seed = seed};
  Checkpoint checkpoint{.run = train::prepare(configuration), .step = 0};
  checkpoint.step = train::take_steps(checkpoint.run.model, *checkpoint.run.optimiser, checkpoint.run.data.train, checkpoint.run.options, training.steps).steps;
  return checkpoint;
}

/// Over the training part, after the whole training; infinite if it diverged.
double final_loss(Checkpoint checkpoint) {
  train::Prepared& run = checkpoint.run;
  run.options.first_step = checkpoint.step;
  const bool diverged = train::fit(run.model, *run.optimiser, run.data, run.options).diverged;
  return diverged ? HUGE_VAL : train::evaluate(run.model, run.data.train, run.options.loss).loss;
}

void print_adoptions(uint64_t seeds) {
  const std::vector<Training> trainings{{"spirals", "linear(32), relu, linear(32), relu, linear(2)", "adam(lr=0.01)", 0},
                                        {"spirals", "linear(32), relu, linear(32), relu, linear(2)", "adam(lr=0.01)", 100},
                                        {"spirals", "linear(32), relu, linear(32), relu, linear(2)", "adam(lr=0.01)", 400},
                                        {"blobs", "linear(32), tanh, linear(32), tanh, linear(3)", "sgd(lr=0.1, momentum=0.9)", 0},
                                        {"blobs", "linear(32), tanh, linear(32), tanh, linear(3)", "sgd(lr=0.1, momentum=0.9)", 100},
                                        {"moons", "linear(32), gelu, linear(2)", "sgd(lr=0.05, momentum=0.9)", 60},
                                        {"circles", "linear(32), sigmoid, linear(2)", "adam(lr=0.01)", 200}};
  const std::vector<Remedy> remedies{{.change = Change::rescale_activation}, {.change = Change::insert_normalisation}, {.change = Change::set_learning_rate}, {.change = Change::clip_gradient, .number = 1},
                                     {.change = Change::standardise_input},  {.change = Change::reinitialise},         {.change = Change::swap_activation, .text = "leaky_relu"},
                                     {.change = Change::change_batch, .number = 64}};
  fmt::print("Healthy networks, {} seeds: how often a remedy is adopted / how often the interval alone lies below 0 with a tenth of the loss won\n\n| network, after steps |", seeds);
  for (const Remedy& remedy : remedies) fmt::print(" {} |", name(remedy.change));
  fmt::print("\n|---|");
  for (size_t i = 0; i < remedies.size(); ++i) fmt::print("---|");
  fmt::print("\n");
  for (const Training& training : trainings) {
    fmt::print("| {}, {}, {} steps |", training.network, training.data, training.steps);
    for (const Remedy& remedy : remedies) {
      uint64_t adopted = 0, better = 0, tried = 0;
      for (uint64_t seed = 0; seed < seeds; ++seed) {
        try {
          const ForkResult fork = fork_test(begin(training, seed), remedy);
          ++tried;
          adopted += fork.helps ? 1 : 0;
          better += fork.high < 0 && -fork.difference >= least_gain * fork.loss_without ? 1 : 0;
        } catch (const ArgumentError&) {
          break;  // it cannot be applied to this network
        }
      }
      tried ? fmt::print(" {} / {} |", adopted, better) : fmt::print(" |");
    }
    fmt::print("\n");
  }
}

void print_learning_rates() {
  const std::vector<Training> trainings{{"circles", "linear(64), relu, linear(64), relu, linear(2)", "sgd(lr=1, momentum=0.9)"},
                                {"circles", "linear(64), relu, linear(64), relu, linear(2)", "sgd(lr=0.0001)"},
                                {"spirals", "linear(48), relu, linear(48), relu, linear(48), relu, linear(48), relu, linear(2)", "sgd(lr=0.1, momentum=0.9)"},
                                {"spirals", "linear(32), tanh, linear(32), tanh, linear(2)", "adam(lr=1)"},
                                {"moons", "linear(32), gelu, linear(2)", "rmsprop(lr=0.00001)"}};
  fmt::print("\nThe learning rate by the curvature, after reinitialise: loss after 10 epochs at multiples of it\n\n| network | data | optimiser | found | as given | x 0.1 | x 0.3 | x 1 | x 3 | x 10 |\n|---|---|---|---|---|---|---|---|---|---|\n");
  for (const Training& training : trainings) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      const Checkpoint checkpoint = apply({.change = Change::reinitialise}, begin(training, seed));
      const double rate = learning_rate_from_curvature(checkpoint);
      fmt::print("| {} | {} | {} | {:.2g} | {:.3g} |", training.network, training.data, training.optimiser, rate, final_loss(copy(checkpoint)));
      for (const double times : {0.1, 0.3, 1.0, 3.0, 10.0}) fmt::print(" {:.3g} |", final_loss(apply({.change = Change::set_learning_rate, .number = times * rate}, checkpoint)));
      fmt::print("\n");
    }
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  const bool asked = argument_count == 3 && std::string(arguments[1]) == "--seeds";
  if (argument_count != 1 && !asked) {
    fmt::print(stderr, "forks: usage: forks [--seeds N]\n");
    return 2;
  }
  const long seeds = asked ? std::strtol(arguments[2], nullptr, 10) : 40;
  if (seeds < 1) {
    fmt::print(stderr, "forks: --seeds is '{}'; expected a whole number of at least 1.\n", arguments[2]);
    return 2;
  }
  print_adoptions(static_cast<uint64_t>(seeds));
  print_learning_rates();
  return 0;
}
