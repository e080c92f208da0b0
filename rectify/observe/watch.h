// Watch: what every unit of a network does while it trains, counted in each step, and what comes back to every layer. The first part of the microscope; nothing is judged here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rectify/activation/properties.h"
#include "rectify/autograd/layer_observer.h"
#include "rectify/observe/layer_sample.h"
#include "rectify/observe/slope_range.h"
#include "rectify/observe/unit_counts.h"
#include "rectify/observe/watch_log.h"
#include "rectify/train/parameter_owners.h"
#include "rectify/train/trainer.h"

namespace rectify::observe {

/// What is 0 is chosen at the end of the first step, so that watching costs about 2 % of a step in a wide network and 5 % in a narrow one (docs/decisions/statistics.md): 1, 10, 10 where
/// the layers have 192 inputs or more, weighted by their outputs, and 5, 20, 20 where they have fewer.
struct WatchOptions {
  int64_t every = 0;            ///< of so many steps the forward pass of one is counted
  int64_t gradients_every = 0;  ///< the same for gradients, weights and pre-activations
  int64_t window = 0;           ///< steps
  int64_t first_step = 0;       ///< how many were taken before the watch began, as in train::TrainOptions: the log's steps go on from there
  bool evaluation = false;      ///< passes in evaluation mode are counted, and no others
};

/// One linear layer or convolution with the activation that follows it, and what its units gave since the last reset(): its output after the activation.
struct WatchedLayer : UnitCounts {
  explicit WatchedLayer(int64_t units) : UnitCounts(units) {}
  std::string name;                                ///< path of the module: "0", "block.inner"
  std::string layer;                               ///< "linear(256)"
  std::optional<activation::Function> activation;  ///< the first that is applied to the layer, also after pooling or normalisation; its learned parameters as they were at first
  /// Inputs of the activation in the tails where |slope| goes to 0 and is below 5 % of its largest (activation/properties.h: the left of a leaky_relu goes on, and is none).
  activation::SaturatedTails saturated;
};

/// While it lives, it watches every forward pass of a model that is recorded (inside value_and_grad) on this thread while the model is in training mode, the gradients that come back, and
/// where a step ends: the end of an outermost value_and_grad that has weights of the model among its variables. Evaluation is not counted. Neither results nor the way they are computed
/// change: the trained weights are the same bits.
///
/// The forward pass of every counted step is counted per unit, in one pass over each output while it is in cache. In sampled steps (options.gradients_every) the gradients are squared and
/// added, pre-activations are counted where they are kept for the backward pass, and up to 16 units of each layer have their weights compared with each other and with the step after
/// (layer_sample.h). When a window of steps is full it goes to the log.
///
/// Memory is bounded: some 200 bytes per unit, 32 rows of weights per layer and a log of fixed size, whatever the length of the run. Layers are found by the weights that the model had when
/// the watch began; the model must outlive it, and it ends on the thread that made it. As a train::Listener it also learns the learning rate, which is 0 in the log otherwise.
class Watch final : public train::Listener, private autograd::LayerObserver {
 public:
  /// Throws ArgumentError for negative options, and for an `every` that is longer than the window.
  explicit Watch(nn::Module& model, const WatchOptions& options = {});

  /// The layers that have run, in the order in which they first did, with their counts up to now.
  std::vector<WatchedLayer> layers() const;
  /// The windows up to now. The last one is shorter than the others while it is open.
  WatchLog log() const;

  /// layers() counts anew from here; the layers stay, and so does the log, in which a new window begins. Learned parameters of activations are read again.
  void reset();

  void on_step(nn::Module& model, const train::StepInfo& info, std::span<const Tensor> gradients) override;

 private:
  /// What belongs to a layer and is nobody else's business. Counts are those of the open window.
  struct Followed {
    Followed(const Tensor& layer_weight, const Tensor& layer_bias);
    const void* id;                        ///< of the weight
    Tensor bias;                           ///< undefined without one
    activation::SaturatedTails of_output;  ///< the tails as places of the output
    std::optional<SlopeRange> slopes;      ///< of the activation
    bool read_again = false;               ///< the activation's parameters
    UnitCounts outputs, inputs;            ///< of the activation; inputs in sampled steps, where they are kept
    LayerSample sample;
  };
  void observe(const autograd::ObservedLayer& seen) override;
  void observe_gradient(const autograd::ObservedGradient& seen) override;
  void observe_step(const autograd::ObservedStep& step) override;

  bool is_counted_mode() const { return model_.training() != options_.evaluation; }
  /// Whether the step that is under way is one of every `period`; the first is one of any.
  bool is_due(int64_t period) const { return steps_ == 0 || steps_ % period == 0; }
  /// Position in layers_, or nothing for a weight that is not the model's.
  std::optional<size_t> place_of(const void* weight) const;
  std::optional<size_t> place_of(const void* weight, int64_t units);
  bool is_activation_of(size_t place, const activation::Function& f) const;
  void set_activation(size_t place, const activation::Function& f);
  /// After the first step, from the layers' sizes.
  void choose_periods();
  LayerWindow layer_window(size_t place) const;
  /// Adds the open window to a log that has those before.
  void add_open_window(WatchLog& log) const;
  void begin_window();

  nn::Module& model_;
  WatchOptions options_;  // 0 until the first step has ended, where it is to be chosen
  std::vector<train::ParameterOwner> owners_;
  std::vector<Tensor> parameters_;    // as owners_
  std::vector<WatchedLayer> layers_;  // counts of the windows that are closed
  std::vector<Followed> followed_;    // as layers_
  int64_t steps_ = 0;                 // that have ended
  struct {
    int64_t steps = 0;
    double first_loss = 0, last_loss = 0, sum = 0, sum_of_squares = 0;  // the sums of differences from the first
    double learning_rate = 0;           // the largest
  } open_;
  WatchLog log_;
};

}  // namespace rectify::observe
