// Where a training step stopped being finite.
#pragma once

#include <span>
#include <string>

#include "rectify/nn/loss.h"
#include "rectify/nn/module.h"

namespace rectify::train {

/// Whether all of a floating tensor's elements are finite.
bool all_finite(const Tensor& tensor);

/// Says in one sentence where the first non-finite number of a step came from: the input, the first layer in forward order whose output is not finite, the loss, or else
/// the last layer in order whose gradient is not finite. Repeats the forward passes of the batch's
/// shards with a trace, up to the first that is not finite; the caller has put the buffers back to what they were before the step, and so they are left.
std::string describe_divergence(nn::Module& model, nn::Loss loss, const Tensor& input, const Tensor& target, int64_t shards, double value,
                                std::span<const Tensor> gradients);

}  // namespace rectify::train
