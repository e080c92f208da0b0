// Trains on a toy set with the installed library and says whether it learned it.
#include <rectify/rectify.h>

#include <iostream>

int main() {
  using namespace rectify;
  train::Prepared run = train::prepare({.network = "linear(16), tanh, linear(2)", .data = "moons(n=400, seed=1)", .optimiser = "adam(lr=0.02)", .epochs = 20, .batch = 32});
  train::fit(run.model, *run.optimiser, run.data, run.options);
  const double accuracy = train::evaluate(run.model, run.data.test, run.options.loss).accuracy;
  std::cout << "accuracy " << accuracy << ", weights " << train::weights_sha256(run.model) << '\n';
  return accuracy >= 0.9 ? 0 : 1;
}
