#include "rectify/diagnose/subject.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "rectify/data/loader.h"
#include "rectify/diagnose/chance_loss.h"
#include "rectify/nn/normalisations.h"
#include "rectify/nn/sequential.h"
#include "rectify/nn/units.h"
#include "rectify/observe/watch.h"
#include "rectify/train/model_state.h"

namespace rectify::diagnose {
namespace {

class Normalisations final : public nn::Visitor {
 public:
  explicit Normalisations(nn::Module& model) { model.visit(*this); }
  std::vector<nn::Normalisation*> list;

 protected:
  void parameter_(const char*, Tensor&) override {}
  void buffer_(const char*, Tensor&) override {}
  void module_(const char*, nn::Module& module) override {
    if (auto* const normalisation = dynamic_cast<nn::Normalisation*>(&module)) list.push_back(normalisation);
    module.visit(*this);
  }
};

/// The model as a probe meets it: without dropout, but normalised by the batch itself, as it will be in training. Before training the running statistics say nothing. Afterwards
/// modes and buffers are what they were.
class ProbeMode {
 public:
  ProbeMode(nn::Module& model, const std::vector<nn::Normalisation*>& normalisations, int64_t samples) : buffers_(model), mode_(model) {
    if (samples < 2) return;
    for (nn::Normalisation* const normalisation : normalisations) normalisation->train();
  }
  ~ProbeMode() { buffers_.restore(); }
  ProbeMode(const ProbeMode&) = delete;
  ProbeMode& operator=(const ProbeMode&) = delete;

 private:
  train::SavedBuffers buffers_;
  train::EvaluationMode mode_;
};

InputMeasure measure_input(const Tensor& input) {
  InputMeasure measure{.samples = input.size(0), .features = input.size() / input.size(0)};
  double squares = 0, centres = 0, mean_squares = 0;
  int64_t finite = 0;
  for (int64_t feature = 0; feature < measure.features; ++feature) {
    double sum = 0, of_feature = 0, smallest = INFINITY, largest = -INFINITY;
    int64_t count = 0;
    const auto each = [&](auto&& body) {
      for (int64_t i = 0; i < measure.samples; ++i) {
        const double x = input.at(i * measure.features + feature);
        if (std::isfinite(x)) body(x);
      }
    };
    each([&](double x) { ++count, sum += x, of_feature += x * x, smallest = std::min(smallest, x), largest = std::max(largest, x); });
    if (count == 0) continue;
    const double n = static_cast<double>(count), mean = sum / n;
    double apart = 0;
    each([&](double x) { apart += (x - mean) * (x - mean); });
    squares += of_feature, centres += mean * mean, mean_squares += of_feature / n, finite += count;
    measure.largest = std::max({measure.largest, std::fabs(smallest), std::fabs(largest)});
    if (smallest == largest) {
      ++measure.constant_features;
      continue;
    }
    const double deviation = std::sqrt(apart / n);
    const bool first = measure.largest_deviation == 0;
    measure.smallest_deviation = first ? deviation : std::min(measure.smallest_deviation, deviation);
    measure.largest_deviation = std::max(measure.largest_deviation, deviation);
  }
  measure.non_finite = input.size() - finite;
  measure.rms = finite > 0 ? std::sqrt(squares / static_cast<double>(finite)) : 0;
  measure.uncentred = mean_squares > 0 ? centres / mean_squares : 0;
  return measure;
}

template <class Unit>
bool ends_in(const nn::Module& module) {
  const auto* const list = dynamic_cast<const nn::Sequential*>(&module);
  if (list && list->size() > 0) return ends_in<Unit>((*list)[list->size() - 1]);
  return dynamic_cast<const Unit*>(&module) != nullptr;
}

/// Whether each row's numbers are probabilities, or with `logarithms` those of probabilities: what a module that is no list may end in.
bool are_probabilities(const Tensor& output, bool logarithms) {
  const int64_t columns = output.rank() == 2 ? output.size(1) : 0;
  if (columns < 2) return false;
  for (int64_t i = 0; i < output.size(0); ++i) {
    double sum = 0;
    for (int64_t j = 0; j < columns; ++j) {
      const double x = output.at(i * columns + j), p = logarithms ? std::exp(x) : x;
      if (!(p >= 0 && p <= 1)) return false;
      sum += p;
    }
    if (std::fabs(sum - 1) > 1e-4) return false;
  }
  return true;
}

OutputMeasure measure_output(const nn::Module& model, nn::Loss loss, const Tensor& output, const Tensor& target) {
  OutputMeasure measure{.last_activation = "", .ends_in_softmax = ends_in<Softmax>(model) || are_probabilities(output, false),
                        .ends_in_log_softmax = ends_in<LogSoftmax>(model) || are_probabilities(output, true), .chance_loss = chance_loss(loss, target)};
  const auto range = [](const Tensor& values, double& smallest, double& largest) {
    if (values.size() == 0) return;
    smallest = largest = values.at(0);
    for (int64_t i = 1; i < values.size(); ++i) smallest = std::min(smallest, values.at(i)), largest = std::max(largest, values.at(i));
  };
  range(output, measure.smallest, measure.largest);
  if (!nn::is_classification(loss)) range(target, measure.smallest_target, measure.largest_target);
  const size_t row = static_cast<size_t>(output.size() / output.size(0)) * size_of(output.dtype());
  const char* const bytes = static_cast<const char*>(output.raw());
  measure.distinct_outputs = 1;
  for (int64_t i = 1; i < output.size(0) && measure.distinct_outputs == 1; ++i) {
    if (std::memcmp(bytes, bytes + static_cast<size_t>(i) * row, row) != 0) measure.distinct_outputs = 2;
  }
  return measure;
}

}  // namespace

data::Part sample_of(nn::Module& model, const data::Dataset& data, int64_t samples) {
  if (samples < 1) throw ArgumentError("[examine] " + std::to_string(samples) + " samples; at least 1 is needed.");
  if (data.train.size() == 0 || !data.train.target.defined()) throw ArgumentError("[examine] there are no training samples with targets. Give labelled data.");
  data::Loader loader(data.train, {.batch = samples});
  const data::Batch& batch = *loader.begin();
  data::Part sample{.input = batch.input, .target = batch.target};
  const std::vector<Tensor> parameters = model.parameters();
  if (!parameters.empty()) {
    const DType dtype = parameters.front().dtype();
    sample.input = sample.input.to(dtype);
    if (is_floating(sample.target.dtype())) sample.target = sample.target.to(dtype);
  }
  return sample;
}

Subject examine(nn::Module& model, nn::Loss loss, const data::Dataset& data, int64_t samples) {
  const data::Part sample = sample_of(model, data, samples);
  const Normalisations normalisations(model);
  const ProbeMode mode(model, normalisations.list, sample.size());
  const observe::Watch watch(model, {.every = 1, .gradients_every = 1, .window = 1, .evaluation = true});
  Tensor output;
  const double value = value_and_grad(model, [&] {
                         const Tensor recorded = model(sample.input);
                         output = recorded.detach();
                         return nn::compute(loss, recorded, sample.target);
                       }).value.item();
  Subject subject;
  subject.loss = loss;
  subject.training_samples = data.train.size();
  subject.normalised = !normalisations.list.empty();
  subject.input = measure_input(sample.input);
  subject.output = measure_output(model, loss, output, sample.target);
  subject.output.loss = value;
  subject.log = watch.log();
  // A model without layers that are watched has a probe all the same.
  if (subject.log.windows.empty()) subject.log.windows.push_back({.first_loss = value, .last_loss = value, .layers = {}});
  observe::Window& probe = subject.log.windows.front();
  probe.first_step = probe.last_step = 0;
  probe.loss = value;
  if (!subject.log.layers.empty()) subject.output.last_activation = subject.log.layers.back().activation;
  return subject;
}

}  // namespace rectify::diagnose
