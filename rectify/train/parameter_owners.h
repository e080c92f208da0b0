// Which module holds which parameter: how a message or a log names the layer that a tensor belongs to.
#pragma once

#include <string>
#include <vector>

#include "rectify/nn/module.h"

namespace rectify::train {

/// One parameter and the innermost module that shows it to visitors.
struct ParameterOwner {
  const void* id = nullptr;       ///< Tensor::id() of the parameter
  std::string path;               ///< of the module: "2", "block.inner"; "" for the outermost one
  const nn::Module* module = nullptr;

  /// "layer 2, linear(10)"; "the model" for the outermost module.
  std::string description() const;
};

/// All parameters of a model in the order of visiting.
std::vector<ParameterOwner> parameter_owners(nn::Module& model);

/// The entry with this id, or nullptr.
const ParameterOwner* find_owner(const std::vector<ParameterOwner>& owners, const void* id);

}  // namespace rectify::train
