// What the rules reason with: quantities that follow from a subject's windows, per layer and for the whole training.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "rectify/activation/properties.h"
#include "rectify/diagnose/subject.h"

namespace rectify::diagnose {

/// What is known of an activation before anything runs.
struct ActivationFacts {
  bool saturates = false;       ///< its slope tends to 0 at both ends
  bool silent_tail = false;     ///< is exactly 0 with slope 0 on one side, as relu: what is there gives nothing and learns nothing
  double bend = 1;              ///< how far the slope ranges / its largest magnitude: 0 for a straight line, 0.2 for leaky_relu(0.8), 1 or more for what is flat or turns somewhere
  bool superlinear = false;     ///< grows faster than x: no finite largest slope
  double gain = 1;              ///< deviation of z, times this over sqrt(E f²), that keeps the variance: what `calibrated` initialisation gives
  double low = 0, high = 0;     ///< infimum and supremum
};

/// The facts of an activation by its text; those of the identity for "".
ActivationFacts facts_of(const std::string& activation);

/// One layer in one window. NaN is what was not measured.
struct LayerMeasure {
  double scale = 1;              ///< rms W sqrt(fan_in) / gain: 1 for calibrated weights, which keep the variance
  double variation = 0;          ///< rms of what differs between samples in h: rms sqrt(1 - uncentred)
  double slope_factor = 1;       ///< rms d / rms u: what the activation does to the gradient on its way back
  double weights_factor = 1;     ///< rms u of the layer before / rms d: what the weights do to it; NaN for the first layer
  double update_ratio = 0;       ///< rms of a step's change of W / rms W
};

/// What the loss says about the training so far.
struct Harm {
  bool trained = false;          ///< there are enough steps to judge by
  bool non_finite = false, diverging = false, stalled = false;
  int64_t since_step = 0;        ///< of what is true above
  double share_of_chance = 1;    ///< recent loss / the loss of an answer that does not look at the input
  double progress = 0;           ///< (loss at first - recent loss) / loss at first
  bool falls = false;            ///< the later half of the steps has a smaller loss than the earlier one
  double noise = 0;              ///< deviation of the loss within the recent windows / their mean
  bool any() const { return non_finite || diverging || stalled; }
};

/// A subject with what follows from it.
class Measured {
 public:
  explicit Measured(const Subject& subject);

  const Subject& subject() const { return subject_; }
  const observe::WatchLog& log() const { return subject_.log; }
  size_t depth() const { return facts_.size(); }
  const ActivationFacts& facts(size_t layer) const { return facts_[layer]; }
  /// The window before training, or the first there is.
  const observe::Window& first() const { return log().windows.front(); }
  const observe::Window& latest() const { return log().windows.back(); }
  /// Windows of training: without the probe.
  std::span<const observe::Window> training() const;
  LayerMeasure layer(const observe::Window& window, size_t layer) const;
  const Harm& harm() const { return harm_; }
  /// "layer 2, linear(64)"
  std::string name_of(size_t layer) const;

 private:
  const Subject& subject_;
  std::vector<ActivationFacts> facts_;
  Harm harm_;
};

}  // namespace rectify::diagnose
