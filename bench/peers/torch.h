#pragma once

#include "bench/library.h"

namespace bench {

/// libtorch by its C++ front end (torch::nn::Sequential, backward() and torch::optim::SGD), and ATen's operators, with preallocated output where they have it.
Library torch_library();

KernelPass torch_kernel(const KernelTask& task);
std::function<void()> torch_product(const ProductTask& task);
void torch_weight_gradient(const WeightGradientTask& task);
void torch_rows(const RowsTask& task);
std::unique_ptr<Network> torch_network(const Problem& problem);

}  // namespace bench
