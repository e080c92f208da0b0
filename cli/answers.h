// A network's outputs as answers: classes and their probabilities, and what it answers everywhere in the plane.
#pragma once

#include <optional>

#include "rectify/data/dataset.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/module.h"
#include "rectify/report/decision_chart.h"

namespace rectify::cli {

/// The probability of each class (n, classes) that the outputs of a network trained with this loss stand for.
Tensor class_probabilities(nn::Loss loss, const Tensor& output);

/// The decision regions of a classifier of points in the plane; nothing for other data.
std::optional<report::DecisionRegions> decision_regions(nn::Module& model, const data::Dataset& data, nn::Loss loss);

}  // namespace rectify::cli
