#include "rectify/train/run.h"

#include "rectify/format/digest.h"
#include "rectify/data/load.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/network.h"
#include "rectify/train/shards.h"

namespace rectify::train {
namespace {

nn::Loss loss_named(const std::string& name) {
  const std::optional<nn::Loss> loss = nn::find_loss(name);
  if (loss) return *loss;
  std::string known;
  for (const std::string& other : nn::loss_names()) known += (known.empty() ? "" : ", ") + other;
  throw ArgumentError("[loss] there is no loss \"" + name + "\"." + did_you_mean(name, nn::loss_names()) + " Known: " + known + ".");
}

bool is_regression(nn::Loss loss) { return !nn::is_classification(loss); }

void check_task(const data::Dataset& data, nn::Loss loss) {
  const bool regression = data.task() == data::Task::regression;
  if (regression == is_regression(loss)) return;
  throw ArgumentError("[prepare] the labels of " + data.specification + " are " + (regression ? "numbers" : "classes") + ", which the loss " + nn::to_string(loss) +
                      " does not take. Use " + (regression ? "mse or mae, or task=classification in the data." : "cross_entropy."));
}

void check_outputs(nn::Sequential& model, const data::Dataset& data, nn::Loss loss) {
  const int64_t needed = nn::output_count(loss, data.output_count()), found = nn::output_size(model, Shape{data.input_count()});
  if (found == needed) return;
  const std::string of_data = data.task() == data::Task::regression ? "the data have one number per sample" : "the data have " + std::to_string(data.output_count()) + " classes";
  throw ArgumentError("[prepare] the network has " + std::to_string(found) + (found == 1 ? " output, but " : " outputs, but ") + of_data + ", for which " +
                      nn::to_string(loss) + " needs " + std::to_string(needed) + ". End the network with linear(" + std::to_string(needed) + ").");
}

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
  run.data = data::load(source, {.task = is_regression(loss) ? std::optional(data::Task::regression) : std::nullopt});
  check_task(run.data, loss);
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
