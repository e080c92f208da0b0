// What is measured of a layer in sampled steps: what goes in, what comes back, how large its weights are and how far a step moves them.
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

/// The measures of LayerWindow that are taken in some steps only, of those since the last clear(). Weights are looked at on at most 16 units (all, in a layer that has no more), spread evenly
/// over the layer, whole rows of the weight (units, ...), so that it costs the same however wide the layer is. Nothing is written to.
class LayerSample {
 public:
  static constexpr int64_t most_units = 16;

  explicit LayerSample(const Tensor& weight);

  /// The gradient by the output of the layer's activation.
  void add_output_gradient(const Tensor& gradient) { output_gradient_.add(gradient); }
  /// The layer's input and the gradient by its own output. A step may have several such passes.
  void add_pass(const Tensor& input, const Tensor& gradient);
  /// The end of a step, before the weights change. `gradient` is of the weight's shape, or undefined (frozen).
  void end_step(const Tensor& gradient);
  /// The end of the step after that: how far the weights have moved since. Does nothing without an end_step() before it.
  void end_next_step();
  /// Begins anew; an end_next_step() that is still to come is not forgotten.
  void clear();

  double input() const { return input_.value(); }
  double input_uncentred() const { return input_uncentred_.value(); }
  double output_gradient() const { return output_gradient_.value(); }
  double pre_activation_gradient() const { return pre_activation_gradient_.value(); }
  double weight() const { return weight_squares_.value(); }
  double weight_gradient() const { return weight_gradient_.value(); }
  double update() const { return update_.value(); }
  double sign_agreement() const { return sign_agreement_.value(); }
  double mean_share() const { return mean_share_.value(); }
  double unit_spread() const;

 private:
  void gather(const Tensor& from, Tensor& into) const;
  void measure_means(double weight_gradient_squares);

  Tensor weight_;
  Tensor rows_, scratch_;  // (sampled units, fan_in)
  bool moved_since_ = false;
  /// Over the passes of the step that is under way. Of a convolution there are as many rows of inputs as pixels.
  struct {
    Tensor input_sum, gradient_sum;  // over all axes but the last; undefined before the first pass
    double input_squares = 0;
    int64_t input_rows = 0;
  } step_;
  RootMeanSquare input_, output_gradient_, pre_activation_gradient_, weight_squares_, weight_gradient_, update_, spread_squares_;
  Mean input_uncentred_, sign_agreement_, mean_share_;
};

}  // namespace rectify::observe
