// Remedies that change what the network computes, or what it learns from and how.
#include <algorithm>
#include <cmath>

#include "rectify/activation/catalogue.h"
#include "rectify/data/load.h"
#include "rectify/data/loader.h"
#include "rectify/diagnose/learning_rate.h"
#include "rectify/diagnose/network_parts.h"
#include "rectify/diagnose/remedies.h"
#include "rectify/diagnose/run_subject.h"
#include "rectify/diagnose/weights.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/initialise.h"
#include "rectify/train/model_state.h"

namespace rectify::diagnose {
namespace {

[[noreturn]] void refuse(const char* remedy, const std::string& reason) { throw ArgumentError("[" + std::string(remedy) + "] " + reason); }

/// Takes out what a layer's text says of how it begins; whether it has a bias stays.
void forget_initialisation(LayerPart& part) {
  remove_argument(part.text, "init");
  if (part.find("bias")) remove_argument(part.text, "bias");
}

/// Puts scale and offset of the next layer's inputs where they were: W' = W r and b' = b + W (before - after r), with r the ratio of the deviations.
void fit_inputs(nn::WeightedLayer& next, const Spread& before, const Spread& after) {
  WeightTable table(next.weight);
  std::vector<double> offsets(static_cast<size_t>(table.outputs));
  for (int64_t o = 0; o < table.outputs; ++o) {
    for (int64_t k = 0; k < table.columns; ++k) {
      const auto input = static_cast<size_t>(input_of(next, o, k));
      float& weight = table.row(o)[k];
      const double ratio = after.variance[input] > 0 ? std::sqrt(before.variance[input] / after.variance[input]) : 1.0;
      offsets[static_cast<size_t>(o)] += static_cast<double>(weight) * (before.mean[input] - after.mean[input] * ratio);
      weight = static_cast<float>(static_cast<double>(weight) * ratio);
    }
  }
  if (next.bias.defined()) add_to(next.bias, offsets);
}

/// Data that come from no specification: their parts are scaled as they are, and the preprocessing, which scaled before, says both.
void standardise(data::Dataset& data) {
  const Spread found = spread_of(data.train.input);
  std::vector<double> offset, divisor;
  for (size_t k = 0; k < found.mean.size(); ++k) {
    const auto known = [&](const std::vector<double>& values, double fallback) { return values.empty() ? fallback : values.size() == 1 ? values[0] : values[k]; };
    const double deviation = found.variance[k] > 0 ? std::sqrt(found.variance[k]) : 1.0, before = known(data.preprocessing.divisor, 1);
    offset.push_back(known(data.preprocessing.offset, 0) + before * found.mean[k]);
    divisor.push_back(before * deviation);
  }
  const auto scale = [&](data::Part& part) {
    if (part.size() == 0) return;
    part.input = part.input.clone();
    const auto features = static_cast<int64_t>(found.mean.size());
    for (int64_t i = 0; i < part.input.size(); ++i) {
      const auto k = static_cast<size_t>(i % features);
      float& value = part.input.data<float>()[i];
      value = static_cast<float>((static_cast<double>(value) - found.mean[k]) / (found.variance[k] > 0 ? std::sqrt(found.variance[k]) : 1.0));
    }
  };
  scale(data.train), scale(data.test);
  if (data.validation) scale(*data.validation);
  data.preprocessing.scale = data::Scale::standard;
  data.preprocessing.offset = std::move(offset);
  data.preprocessing.divisor = std::move(divisor);
}

}  // namespace

void reinitialise(Checkpoint& checkpoint, std::optional<size_t> layer) {
  train::Prepared& run = checkpoint.run;
  const std::vector<size_t> all = weighted_places(run.model);
  const std::vector<size_t> places = layer ? std::vector{place_of(run.model, *layer, "reinitialise")} : all;
  const Tensor sample = sample_inputs(checkpoint);
  std::vector<LayerPart> parts = take_apart(checkpoint);
  for (const size_t place : places) forget_initialisation(parts[place]);
  if (layer) {
    for (TensorPart& tensor : parts[places[0]].tensors) tensor.moments.clear();
    put_together(checkpoint, std::move(parts));
    nn::Sequential drawn = nn::clone(run.model);
    nn::initialise(drawn, {.scheme = nn::Init::calibrated, .seed = run.options.seed});
    run.model[places[0]].load_state(drawn[places[0]].state());
  } else {
    put_together(checkpoint, std::move(parts));
    nn::initialise(run.model, {.scheme = nn::Init::calibrated, .seed = run.options.seed});
    run.configuration.init = nn::to_string(nn::Initialiser{nn::Init::calibrated, 0});
    run.optimiser = train::make_optimiser(parse_specification(run.configuration.optimiser, "--optimiser").or_throw(), run.model.parameters());
  }
  Tensor arriving = sample;
  size_t reached = 0;
  for (const size_t place : places) {
    arriving = pass(run.model, arriving, reached, place);
    standardise(weighted(run.model, place), arriving);
    reached = place;
  }
}

void swap_activation(Checkpoint& checkpoint, std::optional<size_t> layer, const std::string& activation) {
  const Specification text = parse_specification(activation, "activation").or_throw();
  const activation::Function function = activation::from_specification(text).or_throw();
  nn::Sequential before = nn::clone(checkpoint.run.model);
  std::vector<size_t> places = weighted_places(before);
  if (layer) places = {place_of(before, *layer, "swap_activation")};
  std::vector<LayerPart> parts = take_apart(checkpoint);
  struct Swap {
    size_t next, next_after;  ///< the layer that takes it up, before and after activations came in
  };
  std::vector<Swap> swaps;
  size_t inserted = 0;
  for (const size_t place : places) {
    const std::optional<Path> path = path_from(before, place);
    if (!path || (path->activation && dynamic_cast<nn::Activation&>(before[*path->activation]).function() == function)) continue;
    if (path->activation) {
      parts[*path->activation + inserted] = {text, {}};
    } else {
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(place + inserted + 1), {text, {}});
      ++inserted;
    }
    ensure_bias(parts[path->next + inserted]);
    swaps.push_back({path->next, path->next + inserted});
  }
  if (swaps.empty()) refuse("swap_activation", "there is no activation of a hidden layer here that could become " + activation + ".");
  const Tensor sample = sample_inputs(checkpoint);
  put_together(checkpoint, std::move(parts));
  nn::Sequential& after = checkpoint.run.model;
  for (const Swap& swap : swaps) {
    const Tensor arrived = pass(before, sample, 0, swap.next), arrives = pass(after, sample, 0, swap.next_after);
    fit_inputs(weighted(after, swap.next_after), spread_of(arrived), spread_of(arrives));
    // The inputs may vary together in another way than before, so that their sums are fitted too.
    fit_sums(weighted(after, swap.next_after), arrives, spread_of(pass(before, arrived, swap.next, swap.next + 1)));
  }
}

void standardise_input(Checkpoint& checkpoint) {
  train::Prepared& run = checkpoint.run;
  if (run.data.preprocessing.scale == data::Scale::standard) refuse("standardise_input", "the inputs have mean 0 and variance 1 already.");
  if (run.data.specification.empty()) return standardise(run.data);
  Specification text = parse_specification(run.data.specification, "--data").or_throw();
  set_argument(text, "scale", Specification{.name = "standard", .arguments = {}});
  run.data = data::load(text, {.task = run.data.task()});
  run.configuration.data = run.data.specification;
}

void remove_output_activation(Checkpoint& checkpoint) {
  train::Prepared& run = checkpoint.run;
  const std::vector<size_t> places = weighted_places(run.model);
  if (places.empty() || places.back() + 1 == run.model.size()) refuse("remove_output_activation", "nothing comes after the network's last layer with weights.");
  if (run.options.loss == nn::Loss::nll) refuse("remove_output_activation", "the loss nll needs log-probabilities. Use cross_entropy with it.");
  std::vector<LayerPart> parts = take_apart(checkpoint);
  parts.resize(places.back() + 1);
  const Shape before = pass(run.model, run.data.train.input.rows(0, 1), 0, run.model.size()).shape(), after = pass(run.model, run.data.train.input.rows(0, 1), 0, parts.size()).shape();
  if (before != after) refuse("remove_output_activation", "what comes after the last layer with weights makes outputs of the shape " + to_string(before) + " of " + to_string(after) + ".");
  put_together(checkpoint, std::move(parts));
}

void correct_loss(Checkpoint& checkpoint, const std::string& name) {
  train::Prepared& run = checkpoint.run;
  const std::optional<nn::Loss> loss = nn::find_loss(name);
  if (!loss) refuse("correct_loss", "there is no loss \"" + name + "\"." + did_you_mean(name, nn::loss_names()));
  if (*loss == run.options.loss) refuse("correct_loss", "the loss is " + name + " already.");
  if (nn::is_classification(*loss) != (run.data.task() == data::Task::classification)) refuse("correct_loss", "the loss " + name + " does not take the targets of " + run.data.specification + ".");
  const int64_t outputs = nn::output_count(run.options.loss, run.data.output_count()), needed = nn::output_count(*loss, run.data.output_count());
  if (outputs != needed) refuse("correct_loss", "the network has " + std::to_string(outputs) + " outputs, and " + name + " needs " + std::to_string(needed) + ".");
  run.options.loss = *loss;
  run.configuration.loss = name;
}

void change_batch(Checkpoint& checkpoint, int64_t batch) {
  train::TrainOptions& options = checkpoint.run.options;
  const data::Part& part = checkpoint.run.data.train;
  if (batch < 1) refuse("change_batch", "the batch is " + std::to_string(batch) + "; a batch has at least 1 sample.");
  const int64_t before = data::Loader(part, {.batch = options.batch}).num_batches(), after = data::Loader(part, {.batch = batch}).num_batches();
  if (batch == options.batch || before == 0) refuse("change_batch", "the batch has " + std::to_string(batch) + " samples already.");
  const int64_t samples = std::min(checkpoint.step % before * options.batch, part.size());
  checkpoint.step = checkpoint.step / before * after + samples / batch;
  options.batch = checkpoint.run.configuration.batch = batch;
}

void set_learning_rate(Checkpoint& checkpoint, double learning_rate) {
  train::Prepared& run = checkpoint.run;
  run.optimiser->set_learning_rate(learning_rate > 0 ? learning_rate : learning_rate_from_curvature(checkpoint));
  run.configuration.optimiser = run.optimiser->specification();
}

void hold_learning_rate(Checkpoint& checkpoint) {
  train::Prepared& run = checkpoint.run;
  train::TrainOptions& options = run.options;
  if (options.schedule.kind == train::Schedule::Kind::constant && options.schedule.warmup == 0) refuse("hold_learning_rate", "the schedule is constant already.");
  const double factor = options.schedule.at(checkpoint.step, steps_per_epoch(run), planned_steps(run));
  options.schedule = {};
  run.configuration.schedule = train::to_string(options.schedule);
  set_learning_rate(checkpoint, factor * run.optimiser->learning_rate());
}

void clip_gradient(Checkpoint& checkpoint, double norm) {
  if (!(norm > 0)) refuse("clip_gradient", "the norm must be above 0, not " + number(norm).text + ".");
  set_optimiser_option(checkpoint, "clip", norm);
}

}  // namespace rectify::diagnose
