#pragma once

#include "bench/library.h"

namespace bench {

/// Eigen's Array expressions and matrix products as one would write them, compiled for this machine (-march=native): Eigen chooses its vectors at compile time.
Library eigen_library();

}  // namespace bench
