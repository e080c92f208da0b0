// How large a layer's weights are, how large their gradient, how far a step moves them: measured on some of the units, so that it costs the same however wide the layer is.
#pragma once

#include <cstdint>

#include "rectify/tensor/tensor.h"

namespace rectify::observe {

/// The root of the mean of squares, added up tensor by tensor. A tensor's squares are summed as by kernel::dot.
class RootMeanSquare {
 public:
  void add(const Tensor& values);
  void add(double sum_of_squares, int64_t count) { sum_of_squares_ += sum_of_squares, count_ += count; }
  /// `unmeasured` if nothing was added.
  double value() const;

 private:
  double sum_of_squares_ = 0;
  int64_t count_ = 0;
};

/// A mean of numbers; `unmeasured` if nothing was added.
class Mean {
 public:
  void add(double x) { sum_ += x, ++count_; }
  double value() const;

 private:
  double sum_ = 0;
  int64_t count_ = 0;
};

/// The weights of at most 16 units (all, in a layer that has no more), spread evenly over the layer, whole rows of the weight (units, ...). Neither weight nor gradient is written to.
class WeightSample {
 public:
  static constexpr int64_t most_units = 16;

  explicit WeightSample(const Tensor& weight);

  /// A pass of the step that measure() ends: the layer's inputs (..., fan_in) and the gradient by its outputs (..., units). Convolutions are left out.
  void add_pass(const Tensor& input, const Tensor& output_gradient);
  /// The end of a step, before the weights change. `gradient` is of the weight's shape, or undefined (frozen).
  void measure(const Tensor& gradient);
  /// The end of the step after that: how far the weights have moved since. Does nothing without a measure() before it.
  void measure_update();
  /// Begins anew; a measure_update() that is still to come is not forgotten.
  void clear();

  // As in LayerWindow, of what was measured since the last clear().
  double weight() const { return weight_squares_.value(); }
  double gradient() const { return gradient_squares_.value(); }
  double update() const { return update_squares_.value(); }
  double sign_agreement() const { return sign_agreement_.value(); }
  double mean_share() const { return mean_share_.value(); }
  double unit_spread() const;

 private:
  void gather(const Tensor& from, Tensor& into) const;

  Tensor weight_;
  Tensor rows_, scratch_;  // (sampled units, fan_in)
  Tensor input_sum_, gradient_sum_;  // over the passes of this step: (fan_in), (units); undefined before the first
  int64_t passed_ = 0;               // samples in them
  bool moved_since_ = false;
  RootMeanSquare weight_squares_, gradient_squares_, update_squares_, spread_squares_;
  Mean sign_agreement_, mean_share_;
};

}  // namespace rectify::observe
