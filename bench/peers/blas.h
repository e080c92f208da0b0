#pragma once

#include <optional>

#include "bench/library.h"

namespace bench {

/// cblas_sgemm of OpenBLAS and of BLIS, where they are installed. Nothing is linked: both define the same names, so each is opened from its own file and sees itself alone.
std::optional<Library> openblas_library();
std::optional<Library> blis_library();

}  // namespace bench
