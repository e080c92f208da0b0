#pragma once

#include "bench/kernel_library.h"
#include "bench/library.h"

namespace bench {

/// Rectify itself: nn::Sequential, nn::cross_entropy, value_and_grad and train::SGD.
Library rectify_library();

/// kernel::pointwise_here for the value and the slope.
KernelLibrary rectify_kernels();

}  // namespace bench
