// Losses: means over the batch, as tensors of rank 0.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rectify/autograd/operations.h"

namespace rectify::nn {

/// Mean of -log softmax(logits)[target]. logits (n, classes), target int64 (n). The same bits as nll(log_softmax(logits), target).
/// Warns once per process if the rows look like probabilities (non-negative, each summing to 1): softmax would then be applied twice, which flattens the gradients.
Tensor cross_entropy(const Tensor& logits, const Tensor& target);

/// Mean of -log_probabilities[target]. Warns once if a log-probability is above 0: the input is then probably not the result of log_softmax.
Tensor nll(const Tensor& log_probabilities, const Tensor& target);

/// Mean of (prediction - target)² and of |prediction - target|. Equal shapes; a missing last axis of size 1 is not added silently but refused.
Tensor mse(const Tensor& prediction, const Tensor& target);
Tensor mae(const Tensor& prediction, const Tensor& target);

/// Mean of t softplus(-z) + (1 - t) softplus(z): binary cross-entropy of sigmoid(z) without its cancellation. Targets in [0, 1], same shape and type.
Tensor bce_with_logits(const Tensor& logits, const Tensor& target);

enum class Loss { cross_entropy, nll, mse, mae, bce_with_logits };

/// "cross_entropy" and so on; nullopt for an unknown name.
std::optional<Loss> find_loss(std::string_view name);
std::string to_string(Loss loss);
/// Every name, for messages.
std::vector<std::string> loss_names();
/// The loss by its kind. For bce_with_logits int64 targets of two classes are converted to the logits' type and shape.
Tensor compute(Loss loss, const Tensor& output, const Tensor& target);
/// The loss of each sample by itself, (n), not differentiated: compute() is their mean, to rounding.
Tensor sample_losses(Loss loss, const Tensor& output, const Tensor& target);
/// Whether the targets are class indices.
bool is_classification(Loss loss);
/// Number of network outputs for a number of classes (or 1 for regression): bce_with_logits needs one for two classes.
int64_t output_count(Loss loss, int64_t classes);
/// The class each row's output stands for: the largest logit or, with one column, whether it is above 0. int64 (n).
Tensor predicted_classes(const Tensor& output);

}  // namespace rectify::nn
