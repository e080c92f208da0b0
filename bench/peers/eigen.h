#pragma once

#include "bench/kernel_library.h"

namespace bench {

/// Eigen's Array expressions as one would write them, compiled for this machine (-march=native): Eigen chooses its vectors at compile time.
KernelLibrary eigen_kernels();

}  // namespace bench
