// How long the optimiser's steps should be, measured at a checkpoint. For the files of this folder.
#pragma once

#include "rectify/diagnose/repair.h"

namespace rectify::diagnose {

/// The share of a healthy layer's weights, by their root mean square, that one step changes.
inline constexpr double healthy_update = 1e-3;

/// The learning rate at which a step along the optimiser's direction d goes to where the slope of the loss ends, by two points: the gradient g at the weights, and g' a little further along d, where
/// the weights have changed by the share `healthy_update`. The slope along d is g d, the curvature (g' - g) d / length; the step is -slope / curvature. d is what the
/// optimiser's steps become if the gradient stays, so that momentum counts. The median over up to
/// 8 of the next batches on which the loss falls along d and curves upwards; if there is none, the learning rate that changes the weights by `healthy_update`.
double learning_rate_from_curvature(const Checkpoint& checkpoint);

}  // namespace rectify::diagnose
