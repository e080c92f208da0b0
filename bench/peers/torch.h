#pragma once

#include "bench/library.h"

namespace bench {

/// libtorch by its C++ front end: torch::nn::Sequential, torch::nn::functional::cross_entropy, backward() and torch::optim::SGD.
Library torch_library();

}  // namespace bench
