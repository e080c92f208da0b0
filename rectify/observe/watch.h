// Watch: what every unit of a network does while it trains, counted in each step. The first part of the microscope; nothing is judged here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rectify/activation/properties.h"
#include "rectify/autograd/layer_observer.h"
#include "rectify/train/parameter_owners.h"

namespace rectify::observe {

/// One linear layer or convolution with the activation that follows it, and what its units gave since the last reset(). Every array has one number per unit; a convolution's units are
/// its channels, each with one value per position. How the numbers are added is stated in kernel/statistics.h.
struct WatchedLayer {
  std::string name;                                ///< path of the module: "0", "block.inner"
  std::string layer;                               ///< "linear(256)"
  std::optional<activation::Function> activation;  ///< the first that is applied to the layer, also after pooling or normalisation; its learned parameters as they were at first
  /// Inputs of the activation in the tails where |slope| goes to 0 and is below 5 % of its largest (activation/properties.h: the left of a leaky_relu goes on, and is none).
  activation::SaturatedTails saturated;
  int64_t count = 0;                               ///< values per unit
  std::vector<double> sum, sum_of_squares;         ///< of the finite values of the output, after the activation
  std::vector<double> minimum, maximum;            ///< of those that are not NaN; +infinity and -infinity before the first
  std::vector<int64_t> zeros, non_finite;
  std::vector<int64_t> saturated_left, saturated_right;  ///< of the activation's inputs. Where only the output is kept (relu), its values tell the same

  int64_t units() const { return static_cast<int64_t>(sum.size()); }
};

/// While it lives, it counts what the layers of a model give in every forward pass that is recorded (inside value_and_grad) on this thread while the model is in training mode; evaluation
/// is not counted. Neither results nor the way they are computed change: the trained weights are the same bits. Costs one pass over each output while it is in cache.
///
/// Memory is bounded: 64 bytes per unit, whatever the length of the run. Layers are found by the weights that the model had when the watch began; the model must outlive it, and it ends on
/// the thread that made it.
class Watch final : private autograd::LayerObserver {
 public:
  explicit Watch(nn::Module& model);

  /// The layers that have run, in the order in which they first did.
  const std::vector<WatchedLayer>& layers() const { return layers_; }

  /// Counts anew from here; the layers stay. Learned parameters of activations are read again.
  void reset();

 private:
  /// What belongs to a layer and is nobody else's business.
  struct Followed {
    const void* weight;
    activation::SaturatedTails of_output;  ///< the tails as places of the output
    bool read_again;                       ///< the activation's parameters
  };
  void observe(const autograd::ObservedLayer& seen) override;
  /// Position in layers_, or nothing for a weight that is not the model's.
  std::optional<size_t> place_of(const void* weight, int64_t units);
  void set_activation(size_t place, const activation::Function& f);

  nn::Module& model_;
  std::vector<train::ParameterOwner> owners_;
  std::vector<WatchedLayer> layers_;
  std::vector<Followed> followed_;  // as long as layers_
};

}  // namespace rectify::observe
