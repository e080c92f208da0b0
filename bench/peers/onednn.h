#pragma once

#include "bench/kernel_library.h"

namespace bench {

/// oneDNN's eltwise primitives, forward and backward from the kept input (or output, where the task has it). Needs OpenMP, which its threads are.
KernelLibrary onednn_kernels();

}  // namespace bench
