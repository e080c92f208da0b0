#include "rectify/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "rectify/data/loader.h"
#include "rectify/train/divergence.h"
#include "rectify/train/model_state.h"
#include "rectify/train/shards.h"

namespace rectify::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The number type that the model computes in; data are stored as float32.
DType dtype_of_model(nn::Module& model) {
  const std::vector<Tensor> parameters = model.parameters();
  return parameters.empty() ? DType::float32 : parameters.front().dtype();
}

Tensor converted(const Tensor& tensor, DType dtype) { return is_floating(tensor.dtype()) ? tensor.to(dtype) : tensor; }

bool counts_classes(nn::Loss loss, const Tensor& target) { return nn::is_classification(loss) && target.dtype() == DType::int64; }

int64_t count_correct(const Tensor& output, const Tensor& target) {
  const Tensor predicted = nn::predicted_classes(output);
  const auto guesses = predicted.values<int64_t>(), truths = target.values<int64_t>();
  int64_t correct = 0;
  for (size_t i = 0; i < truths.size(); ++i) correct += guesses[i] == truths[i] ? 1 : 0;
  return correct;
}

/// The outputs are those of the samples in order, in any number of pieces.
int64_t count_correct(const std::vector<Tensor>& outputs, const Tensor& target) {
  int64_t correct = 0, begin = 0;
  for (const Tensor& output : outputs) {
    correct += count_correct(output, target.rows(begin, begin + output.size(0)));
    begin += output.size(0);
  }
  return correct;
}

/// Means over samples, added batch by batch in order.
class Mean {
 public:
  void add(double loss, int64_t correct, int64_t samples) {
    loss_ += loss * static_cast<double>(samples);
    correct_ += correct;
    samples_ += samples;
  }
  Evaluation result() const {
    if (samples_ == 0) return {.loss = std::numeric_limits<double>::quiet_NaN()};
    const double n = static_cast<double>(samples_);
    return {.loss = loss_ / n, .accuracy = static_cast<double>(correct_) / n};
  }

 private:
  double loss_ = 0;
  int64_t correct_ = 0, samples_ = 0;
};

void check_batch(const char* function, int64_t batch) {
  if (batch < 1) throw ArgumentError(std::string("[") + function + "] the batch is " + std::to_string(batch) + "; a batch has at least 1 sample.");
}

void check_targets(const char* function, const data::Part& part, nn::Loss loss) {
  if (!part.target.defined()) throw ArgumentError(std::string("[") + function + "] the samples have no targets. Give labelled data.");
  if (part.input.size(0) != part.target.size(0)) {
    throw ShapeError(std::string("[") + function + "] " + std::to_string(part.input.size(0)) + " inputs for " + std::to_string(part.target.size(0)) + " targets.");
  }
  const bool classes = part.target.dtype() == DType::int64;
  if (classes != nn::is_classification(loss) && loss != nn::Loss::bce_with_logits) {
    throw ArgumentError(std::string("[") + function + "] the targets are " + (classes ? "classes, which " : "numbers, which ") + nn::to_string(loss) +
                        " does not take. Use " + (classes ? "cross_entropy." : "mse or mae."));
  }
}

void check_training(const char* function, const data::Part& part, const TrainOptions& options) {
  const std::string in = std::string("[") + function + "] ";
  if (options.epochs < 0) throw ArgumentError(in + "the number of epochs is " + std::to_string(options.epochs) + "; it must be at least 0.");
  if (options.first_step < 0) throw ArgumentError(in + "the number of steps taken before is " + std::to_string(options.first_step) + "; it must be at least 0.");
  check_batch(function, options.batch);
  check_shards(function, options.shards);
  if (part.size() == 0) throw ArgumentError(in + "the training part has no samples. Give data to train on.");
  check_targets(function, part, options.loss);
}

/// The learning rate before the schedule's factors, put back at the end of the run whatever happens.
class BaseLearningRate {
 public:
  explicit BaseLearningRate(Optimiser& optimiser) : optimiser_(optimiser), base_(optimiser.learning_rate()) {}
  ~BaseLearningRate() { optimiser_.set_learning_rate(base_); }
  BaseLearningRate(const BaseLearningRate&) = delete;
  BaseLearningRate& operator=(const BaseLearningRate&) = delete;
  void apply(double factor) { optimiser_.set_learning_rate(base_ * factor); }

 private:
  Optimiser& optimiser_;
  double base_;
};

/// The state of one call of fit().
struct Run {
  Run(nn::Module& trained, Optimiser& by, const data::Part& part, const TrainOptions& how, std::span<Listener* const> watched_by)
      : model(trained),
        optimiser(by),
        options(how),
        listeners(watched_by),
        loader(part, {.batch = how.batch, .seed = how.seed}),
        steps_per_epoch(loader.num_batches()),
        total_steps(how.epochs * steps_per_epoch),
        step(how.first_step),
        dtype(dtype_of_model(trained)),
        buffers(trained),
        learning_rate(by) {}

  /// One optimiser step, or a description of why there is none.
  bool take_step(const data::Batch& batch, int64_t epoch, Mean& mean) {
    const Tensor input = converted(batch.input, dtype), target = converted(batch.target, dtype);
    learning_rate.apply(options.schedule.at(step, steps_per_epoch, total_steps));
    buffers.save();
    const auto [loss, gradients, outputs] = sharded_value_and_grad(model, options.loss, input, target, options.shards);
    ++step;
    const double value = loss.item();
    if (!std::isfinite(value) || !std::ranges::all_of(gradients, [](const Tensor& gradient) { return !gradient.defined() || all_finite(gradient); })) {
      buffers.restore();
      result.diverged = true;
      result.divergence = "step " + std::to_string(step) + ", epoch " + std::to_string(epoch) + ": " +
                          describe_divergence(model, options.loss, input, target, options.shards, value, gradients);
      buffers.restore();
      return false;
    }
    optimiser.step(gradients);
    mean.add(value, counts_classes(options.loss, batch.target) ? count_correct(outputs, batch.target) : 0, batch.size());
    const StepInfo info{.step = step, .steps = total_steps, .epoch = epoch, .loss = value, .learning_rate = optimiser.learning_rate()};
    for (Listener* listener : listeners) listener->on_step(model, info, gradients);
    return true;
  }

  /// Walks to the end of the epoch in which the next step is, or to before step `last`; false if the run ends there for another reason.
  bool take_batches(Mean& mean, int64_t last) {
    const int64_t epoch = step / steps_per_epoch;
    loader.set_epoch(static_cast<uint64_t>(epoch));
    for (auto batch = loader.begin_at(step % steps_per_epoch); batch != loader.end() && step < last; ++batch) {
      if (options.stop && options.stop->load(std::memory_order_relaxed)) {
        result.stopped = true;
        return false;
      }
      if (!take_step(*batch, epoch + 1, mean)) return false;
    }
    return true;
  }

  /// Walks the rest of an epoch; false if the run ends before its end.
  bool take_epoch(const data::Dataset& data) {
    const Clock::time_point start = Clock::now();
    const int64_t epoch = step / steps_per_epoch + 1;
    Mean mean;
    if (!take_batches(mean, std::numeric_limits<int64_t>::max())) return false;
    EpochInfo info{.epoch = epoch, .epochs = options.epochs, .step = step, .learning_rate = optimiser.learning_rate(), .train = mean.result(),
                   .test = evaluate(model, data.test, options.loss), .validation = std::nullopt};
    if (data.validation) info.validation = evaluate(model, *data.validation, options.loss);
    info.seconds = seconds_since(start);
    result.epochs.push_back(info);
    for (Listener* listener : listeners) listener->on_epoch(model, info);
    return true;
  }

  nn::Module& model;
  Optimiser& optimiser;
  const TrainOptions& options;
  std::span<Listener* const> listeners;
  data::Loader loader;
  int64_t steps_per_epoch, total_steps, step;
  DType dtype;
  SavedBuffers buffers;
  BaseLearningRate learning_rate;
  TrainResult result;
};

}  // namespace

Tensor predict(nn::Module& model, const Tensor& input, int64_t batch) {
  check_batch("predict", batch);
  const NoGrad scope;
  const EvaluationMode mode(model);
  const DType dtype = dtype_of_model(model);
  const int64_t n = input.size(0);
  if (n <= batch) return model(converted(input, dtype));
  Tensor all;
  for (int64_t begin = 0; begin < n; begin += batch) {
    const int64_t end = std::min(n, begin + batch);
    const Tensor output = model(converted(input.rows(begin, end), dtype));
    if (!all.defined()) {
      std::vector<int64_t> sizes(output.shape().sizes().begin(), output.shape().sizes().end());
      sizes.at(0) = n;
      all = Tensor::empty(Shape(std::span<const int64_t>(sizes)), output.dtype());
    }
    all.rows(begin, end).copy_from(output);
  }
  return all;
}

Evaluation evaluate(nn::Module& model, const data::Part& part, nn::Loss loss, int64_t batch) {
  check_batch("evaluate", batch);
  if (part.size() == 0) return Mean().result();
  check_targets("evaluate", part, loss);
  const NoGrad scope;
  const EvaluationMode mode(model);
  const DType dtype = dtype_of_model(model);
  Mean mean;
  for (int64_t begin = 0; begin < part.size(); begin += batch) {
    const int64_t end = std::min(part.size(), begin + batch);
    const Tensor target = part.target.rows(begin, end), output = model(converted(part.input.rows(begin, end), dtype));
    const double value = nn::compute(loss, output, converted(target, dtype)).item();
    mean.add(value, counts_classes(loss, target) ? count_correct(output, target) : 0, end - begin);
  }
  return mean.result();
}

TrainResult fit(nn::Module& model, Optimiser& optimiser, const data::Dataset& data, const TrainOptions& options, std::span<Listener* const> listeners) {
  check_training("fit", data.train, options);
  const Clock::time_point start = Clock::now();
  Run run(model, optimiser, data.train, options, listeners);
  model.train();
  for (Listener* listener : listeners) listener->on_start(model, data);
  while (run.step < run.total_steps) {
    if (!run.take_epoch(data)) break;
  }
  run.result.seconds = seconds_since(start);
  return std::move(run.result);
}

StepsTaken take_steps(nn::Module& model, Optimiser& optimiser, const data::Part& part, const TrainOptions& options, int64_t steps) {
  check_training("take_steps", part, options);
  Run run(model, optimiser, part, options, {});
  model.train();
  Mean mean;
  while (run.step < options.first_step + steps) {
    if (!run.take_batches(mean, options.first_step + steps)) break;
  }
  // The step that diverged was counted, but the weights are those before it.
  return {.steps = run.step - options.first_step - (run.result.diverged ? 1 : 0), .diverged = run.result.diverged, .divergence = run.result.divergence};
}

}  // namespace rectify::train
