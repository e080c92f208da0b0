#include "rectify/observe/recorder.h"

#include <algorithm>

#include "rectify/autograd/trace.h"
#include "rectify/train/model_state.h"
#include "rectify/train/parameter_owners.h"

namespace rectify::observe {
namespace {

constexpr size_t most_snapshots = 65;

/// What one forward and backward pass over the sample shows.
struct Pass {
  std::vector<trace::Layer> layers;
  std::vector<Tensor> gradients;  ///< by the model's parameters
};

Pass run_pass(nn::Module& model, nn::Loss loss, const data::Part& sample) {
  const train::EvaluationMode mode(model);
  Pass pass;
  pass.gradients = value_and_grad(model, [&] {
                     trace::Trace trace;
                     const Tensor output = model(sample.input);
                     pass.layers = trace.layers();
                     return nn::compute(loss, output, sample.target);
                   }).gradients;
  return pass;
}

const Tensor& final_output(const trace::Layer& layer) { return layer.activation ? layer.activated : layer.output; }

Histogram histogram_of(const Tensor& tensor) {
  if (!tensor.defined()) return make_histogram(static_cast<const float*>(nullptr), 0);
  return dispatch_floating(tensor.dtype(), "Recorder", [&]<class T>(T) { return make_histogram(tensor.data<T>(), tensor.size()); });
}

std::vector<float> firing_rates(const Tensor& output) {
  const int64_t units = output.size(-1), rows = units == 0 ? 0 : output.size() / units;
  std::vector<int64_t> firing(static_cast<size_t>(units), 0);
  dispatch_floating(output.dtype(), "Recorder", [&]<class T>(T) {
    const T* value = output.data<T>();
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t& count : firing) count += *value++ > 0 ? 1 : 0;
    }
  });
  std::vector<float> rates;
  for (const int64_t count : firing) rates.push_back(static_cast<float>(static_cast<double>(count) / static_cast<double>(std::max<int64_t>(rows, 1))));
  return rates;
}

Tensor gradient_of(const void* weight, const std::vector<Tensor>& parameters, const std::vector<Tensor>& gradients) {
  const auto found = std::ranges::find(parameters, weight, &Tensor::id);
  return found == parameters.end() ? Tensor() : gradients[static_cast<size_t>(found - parameters.begin())];
}

Metrics metrics_of(const train::Evaluation& evaluation, nn::Loss loss) {
  Metrics metrics{.loss = evaluation.loss, .accuracy = std::nullopt};
  if (nn::is_classification(loss)) metrics.accuracy = evaluation.accuracy;
  return metrics;
}

}  // namespace

Recorder::Recorder(nn::Loss loss, int64_t sample) : loss_(loss), sample_size_(sample) {
  if (sample < 1) throw ArgumentError("[Recorder] the sample is " + std::to_string(sample) + "; it needs at least 1 training sample.");
}

void Recorder::on_start(nn::Module& model, const data::Dataset& data) {
  log_ = {};
  stride_ = 1;
  const int64_t count = std::min(sample_size_, data.train.size());
  sample_ = {.input = data.train.input.rows(0, count), .target = data.train.target.rows(0, count)};
  const std::vector<Tensor> parameters = model.parameters();
  if (!parameters.empty()) {
    const DType dtype = parameters.front().dtype();
    sample_.input = sample_.input.to(dtype);
    if (is_floating(sample_.target.dtype())) sample_.target = sample_.target.to(dtype);
  }
  take_snapshot(model, 0, 0);
}

void Recorder::on_epoch(nn::Module& model, const train::EpochInfo& info) {
  EpochRecord record{.epoch = info.epoch, .step = info.step, .learning_rate = info.learning_rate, .seconds = info.seconds, .train = metrics_of(info.train, loss_),
                     .validation = std::nullopt, .test = metrics_of(info.test, loss_)};
  if (info.validation) record.validation = metrics_of(*info.validation, loss_);
  log_.epochs.push_back(std::move(record));
  take_snapshot(model, info.epoch, info.step);
  thin();
}

void Recorder::take_snapshot(nn::Module& model, int64_t epoch, int64_t step) {
  const Pass pass = run_pass(model, loss_, sample_);
  if (log_.snapshots.empty()) {
    const std::vector<train::ParameterOwner> owners = train::parameter_owners(model);
    for (const trace::Layer& layer : pass.layers) {
      const train::ParameterOwner* owner = train::find_owner(owners, layer.weight);
      const int64_t units = layer.output.size(-1);
      std::string text = owner ? owner->module->specification() : "";
      // A module that holds its weights itself has no text of its own for each of them.
      if (text.empty()) text = "linear(" + std::to_string(units) + ")";
      log_.layers.push_back({.name = owner ? owner->path : "", .layer = std::move(text),
                             .activation = layer.activation ? activation::to_string(*layer.activation) : "", .units = units});
    }
  }
  // A model may choose its layers by its input or its weights; a moment with other layers cannot stand beside the first.
  if (pass.layers.size() != log_.layers.size()) return;
  const std::vector<Tensor> parameters = model.parameters();
  Snapshot snapshot{.epoch = epoch, .step = step, .layers = {}};
  for (const trace::Layer& layer : pass.layers) {
    const Tensor& output = final_output(layer);
    snapshot.layers.push_back({.output = histogram_of(output), .gradient = histogram_of(gradient_of(layer.weight, parameters, pass.gradients)),
                               .firing_rate = firing_rates(output)});
  }
  log_.snapshots.push_back(std::move(snapshot));
}

void Recorder::thin() {
  std::vector<Snapshot>& snapshots = log_.snapshots;
  if (snapshots.size() < 2) return;
  // The one before the latest was kept only while it was the latest.
  if (snapshots[snapshots.size() - 2].epoch % stride_ != 0) snapshots.erase(snapshots.end() - 2);
  if (snapshots.size() <= most_snapshots) return;
  stride_ *= 2;
  const int64_t latest = snapshots.back().epoch;
  std::erase_if(snapshots, [&](const Snapshot& snapshot) { return snapshot.epoch % stride_ != 0 && snapshot.epoch != latest; });
}

}  // namespace rectify::observe
