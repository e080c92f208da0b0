// A tensor with its name in a module, an optimiser or a file.
#pragma once

#include <string>

#include "rectify/tensor/tensor.h"

namespace rectify {

struct NamedTensor {
  std::string name;  ///< a path such as "1.weight"
  Tensor tensor;
};

}  // namespace rectify
