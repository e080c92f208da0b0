#include "rectify/train/run.h"

#include "rectify/format/digest.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/network.h"
#include "rectify/train/shards.h"
#include "rectify/train/task.h"

namespace rectify::train {
namespace {

/// Gives every layer with weights and without an initialisation of its own this one: how a scheme's number reaches the layers.
class SetInitialiser final : public nn::Visitor {
 public:
  explicit SetInitialiser(const nn::Initialiser& initialiser) : initialiser_(initialiser) {}

 protected:
  void parameter_(const char*, Tensor&) override {}
  void buffer_(const char*, Tensor&) override {}
  void module_(const char*, nn::Module& module) override {
    if (auto* layer = dynamic_cast<nn::WeightedLayer*>(&module); layer && !layer->options.init) layer->options.init = initialiser_;
    module.visit(*this);
  }

 private:
  nn::Initialiser initialiser_;
};

void initialise(nn::Sequential& model, const nn::Initialiser& initialiser, uint64_t seed) {
  if (initialiser != nn::Initialiser{.scheme = initialiser.scheme}) {
    SetInitialiser set(initialiser);
    model.visit(set);
  }
  nn::initialise(model, {.scheme = initialiser.scheme, .seed = seed});
}

}  // namespace

Prepared prepare(const RunConfiguration& configuration) {
  if (configuration.epochs < 0) throw ArgumentError("[prepare] the number of epochs is " + std::to_string(configuration.epochs) + "; it must be at least 0.");
  if (configuration.batch < 1) throw ArgumentError("[prepare] the batch is " + std::to_string(configuration.batch) + "; a batch has at least 1 sample.");
  check_shards("prepare", configuration.shards);
  // All texts are parsed before the data are read, which may take a while.
  const std::vector<Specification> layers = parse_specification_list(configuration.network, "--net").or_throw();
  const Specification source = parse_specification(configuration.data, "--data").or_throw();
  const Specification optimiser = parse_specification(configuration.optimiser, "--optimiser").or_throw();
  const Schedule schedule = schedule_from(parse_specification(configuration.schedule, "--schedule").or_throw());
  const nn::Initialiser initialiser = nn::initialiser_from(parse_specification(configuration.init, "--init").or_throw());
  const nn::Loss loss = loss_named(configuration.loss);
  make_optimiser(optimiser, {});

  Prepared run;
  run.data = load_data(source, loss);
  run.model = nn::build(layers, Shape{run.data.input_count()}, run.data.sample_shape());
  check_outputs(run.model, run.data, loss);
  initialise(run.model, initialiser, configuration.seed);
  run.optimiser = make_optimiser(optimiser, run.model.parameters());
  run.options = {.epochs = configuration.epochs, .batch = configuration.batch, .shards = configuration.shards, .seed = configuration.seed, .loss = loss,
                 .schedule = schedule};
  run.configuration = {.network = run.model.specification(),
                       .data = run.data.specification,
                       .optimiser = run.optimiser->specification(),
                       .schedule = to_string(schedule),
                       .loss = nn::to_string(loss),
                       .init = nn::to_string(initialiser),
                       .epochs = configuration.epochs,
                       .batch = configuration.batch,
                       .shards = configuration.shards,
                       .seed = configuration.seed};
  return run;
}

std::string weights_sha256(nn::Sequential& model) { return format::weights_sha256(model.state()); }

}  // namespace rectify::train
