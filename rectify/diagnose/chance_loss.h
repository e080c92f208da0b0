// What a network must beat to have learned anything.
#pragma once

#include "rectify/nn/loss.h"

namespace rectify::diagnose {

/// The loss of the best answer that does not look at the input, on these targets (n) or (n, columns): the entropy of the classes, the variance for mse, the mean distance from the median
/// for mae; of several columns their mean. 0 without targets.
double chance_loss(nn::Loss loss, const Tensor& target);

}  // namespace rectify::diagnose
