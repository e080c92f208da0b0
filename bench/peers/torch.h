#pragma once

#include "bench/kernel_library.h"
#include "bench/library.h"

namespace bench {

/// libtorch by its C++ front end: torch::nn::Sequential, torch::nn::functional::cross_entropy, backward() and torch::optim::SGD.
Library torch_library();

/// ATen's operators, with preallocated output where they have it (out= and grad_input variants).
KernelLibrary torch_kernels();

/// Key and value of what matters for libtorch's speed: its version, its BLAS, and the instruction sets of both.
std::vector<std::pair<std::string, std::string>> torch_settings();

/// Sets ATen's threads and those of its BLAS.
void set_torch_threads(int count);

}  // namespace bench
