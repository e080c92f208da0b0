#pragma once

#include "bench/library.h"

namespace bench {

/// Rectify itself: nn::Sequential, nn::cross_entropy, value_and_grad and train::SGD.
Library rectify_library();

}  // namespace bench
