// What is learnt: data and a loss that fit each other and the network. For the files of this folder.
#pragma once

#include <string>

#include "rectify/base/specification.h"
#include "rectify/data/dataset.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/sequential.h"

namespace rectify::train {

/// Throws ArgumentError, suggesting the nearest, if there is no such loss.
nn::Loss loss_named(const std::string& name);

/// The data, with labels that the loss takes. Throws ArgumentError if they are of the other kind.
data::Dataset load_data(const Specification& source, nn::Loss loss);

/// Throws ArgumentError saying both numbers if the network has more or fewer outputs than the loss needs for these data.
void check_outputs(nn::Sequential& model, const data::Dataset& data, nn::Loss loss);

}  // namespace rectify::train
