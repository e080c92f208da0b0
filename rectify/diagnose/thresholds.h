// The borders that the rules compare with, each in one place. They separate planted faults from healthy controls of the tuning half of the benchmark (docs/diagnosis.md); what theory says of a
// border stands beside it.
#pragma once

#include <cstdint>

namespace rectify::diagnose::border {

// The loss.
inline constexpr int64_t steps_to_judge = 100;        ///< fewer steps say nothing about learning
inline constexpr int64_t samples_to_judge = 1000;     ///< nor do fewer samples: steps of one sample each are many and short
inline constexpr double stalled_share = 0.95;         ///< of the chance loss: a network above this has learnt nothing that depends on its input
inline constexpr double falling_share = 0.02;         ///< of the chance loss: a loss whose later half is so far below its earlier half has not stalled
inline constexpr double diverging_share = 1.5;        ///< recent loss / the smallest before
inline constexpr double noisy_loss = 0.5;             ///< deviation / mean within a window

// The signal. A layer with calibrated weights has a scale of 1, so that n layers of scale s multiply it by s^n.
inline constexpr double small_scale = 0.45, large_scale = 2.5;
inline constexpr double lost_variation = 0.03;        ///< of the last hidden layer's outputs / of the inputs
inline constexpr double grown_output = 30;            ///< rms of a layer / of the inputs
inline constexpr double surprising_loss = 3;          ///< loss before training / chance loss
inline constexpr double vanished_gradient = 1e-2;     ///< rms d of the first hidden layer / of the last layer, each times the root of its units
inline constexpr double exploded_gradient = 1e2;
inline constexpr double flat_slope = 0.35;            ///< factor of an activation on the gradient, geometric mean over layers; sigmoid has at most 0.25, relu 0.7
inline constexpr int64_t deep = 16;                   ///< layers with weights
inline constexpr int64_t deep_for_flat_slopes = 8;    ///< layers with weights whose activations are flat

// Units.
inline constexpr int64_t values_to_call_dead = 1000;  ///< with n values and none above 0, the chance to fire is below 3/n at 95 %
inline constexpr double dead_share = 0.75;            ///< of a layer's units
inline constexpr double saturated_share = 0.6;        ///< of a layer's values
inline constexpr double same_units = 1e-3;            ///< spread of the units' weights / rms of the weights
inline constexpr double one_sided_gradient = 0.75;    ///< sign agreement; a healthy relu layer has 0.45 at batch 32
inline constexpr double uncentred_input = 0.8;
inline constexpr double far_from_centred = 0.9;       ///< of the network's inputs: their mean is three times their deviation
inline constexpr double straight_bend = 0.3;          ///< of an activation: leaky_relu(0.3), which bends enough, has 0.7

// Inputs.
inline constexpr double large_input = 6, small_input = 0.05;
inline constexpr double uneven_features = 50;         ///< largest / smallest deviation of a feature

// Steps.
inline constexpr double large_update = 0.1, small_update = 5e-5;  ///< of the weights, in one step; about 1e-3 is usual
inline constexpr double short_way = 2;                ///< update of the weights times the steps that are planned: what the training can change of them
inline constexpr double high_loss = 0.25;             ///< of the chance loss
inline constexpr double high_loss_late = 0.1;         ///< in the second half of a training
inline constexpr double little_progress = 0.5;        ///< of the loss before training, at small updates
inline constexpr int64_t small_batch = 4;

}  // namespace rectify::diagnose::border
