// What a watched run did, as windows of steps: plain data, of bounded size whatever the length of the run. Watch writes it, diagnose and report read it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace rectify::observe {

/// Not measured in this window.
inline constexpr double unmeasured = std::numeric_limits<double>::quiet_NaN();

/// One linear layer or convolution with the activation that follows it, in the order in which they first ran.
struct LayerIdentity {
  std::string name;         ///< path of the module: "0", "block.inner"
  std::string layer;        ///< "linear(256)"
  std::string activation;   ///< full specification of the first that is applied to it; empty if there is none
  int64_t units = 0;        ///< outputs; a convolution's are its channels
  int64_t fan_in = 0;       ///< numbers that each of them sums
};

/// What a layer did in one window. h is the layer's output after its activation, z before it; u is the loss's gradient by h, d the one by z. Shares are from 0 to 1. "rms" is the root of the
/// mean square over all values.
struct LayerWindow {
  int64_t values = 0;             ///< of h, per unit
  double mean = 0, rms = 0;       ///< of h
  double uncentred = 0;           ///< sum over units of mean(h)² / sum of mean(h²): 0 if every unit's mean is 0, 1 if no unit varies
  double smallest = 0, largest = 0;
  double zeros = 0;               ///< share of values of h that are exactly 0
  double saturated = 0;           ///< share of inputs of the activation in tails where the slope goes to 0 and is below 5 % of its largest
  int64_t dead_units = 0;         ///< whose h was exactly 0 for each value, with an activation
  int64_t stuck_units = 0;        ///< whose inputs were saturated for each value; the dead ones of relu among them
  int64_t linear_units = 0;       ///< over whose range of inputs the activation's slope changed by less than 1 % of its largest
  int64_t non_finite = 0;         ///< values of h
  double pre_activation_rms = unmeasured;  ///< of z, where z is kept
  // Measured in some steps of the window; unmeasured if in none.
  double input = unmeasured;                    ///< rms of x, what the layer is applied to
  double input_uncentred = unmeasured;          ///< of x, as `uncentred`
  double output_gradient = unmeasured;          ///< rms of u
  double pre_activation_gradient = unmeasured;  ///< rms of d
  double weight = unmeasured, weight_gradient = unmeasured;  ///< rms of W and of the loss's gradient by it
  double bias = unmeasured, largest_bias = unmeasured;       ///< mean of b, and the largest of its magnitudes; unmeasured without one
  double update = unmeasured;                   ///< rms of the change of W in one step
  double sign_agreement = unmeasured;           ///< mean over units of |positive - negative| / fan_in of the gradients of the unit's weights: 1 if all have one sign
  double mean_share = unmeasured;               ///< n² |mean d|² |mean x|² / |gradient of W|², n samples, x the layer's inputs: how much of the gradient their means alone give; of linear layers
  double unit_spread = unmeasured;              ///< rms distance of the units' weight vectors from their mean / rms of the weights: 0 if all units are the same
};

/// What the activation does to the gradient on its way back: rms d / rms u. NaN where one was not measured or u is 0.
double activation_factor(const LayerWindow& layer);
/// What the layer's weights do to it, on its way to the layer before: rms u of that one / rms d. NaN where one was not measured or d is 0.
double weights_factor(const LayerWindow& before, const LayerWindow& layer);

struct Window {
  int64_t first_step = 0, last_step = 0;  ///< from 1; both 0 for a probe before training
  double loss = 0;                        ///< mean over the steps
  double loss_deviation = 0;              ///< standard deviation over the steps
  double first_loss = 0, last_loss = 0;
  double learning_rate = 0;               ///< the largest of the steps
  std::vector<LayerWindow> layers;        ///< all of WatchLog::layers; without values where a layer did not run
};

/// What is remembered of a unit over the whole run.
struct UnitHistory {
  int64_t silent_values = 0;   ///< how many values of h in a row, up to now, have been exactly 0 (0 if the last window had another)
  int64_t silent_since = 0;    ///< the last step of the window before the first of those; 0 if from the beginning
};

struct WatchLog {
  int64_t every = 1;                 ///< steps between two whose forward pass is counted
  std::vector<LayerIdentity> layers;
  std::vector<Window> windows;       ///< the probe first if there is one; then without gaps, oldest first
  std::vector<std::vector<UnitHistory>> units;  ///< per layer, per unit, at the end of the log
};

/// Adds a window. At most 16 of one length stay, lengths from 2^k to 2^(k+1) - 1 steps being one: a 17th makes the two oldest of that length one of the next, so that a run of n windows
/// keeps about 16 log2(n / 16) + 16, the latest in full detail. A probe stays by itself.
void append(WatchLog& log, Window window);

/// Two neighbours as one: means weighted by values or steps, extremes, sums of values, the larger counts of units; what was measured in one of them alone as it was there.
Window merged(const Window& earlier, const Window& later);

}  // namespace rectify::observe
