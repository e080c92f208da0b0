#pragma once

#include "bench/library.h"

namespace bench {

/// Rectify itself: nn::Sequential, value_and_grad and train::SGD; kernel::gemm; kernel::pointwise_here for the value and the slope.
Library rectify_library();

KernelPass rectify_kernel(const KernelTask& task);
std::function<void()> rectify_product(const ProductTask& task);
void rectify_weight_gradient(const WeightGradientTask& task);
void rectify_rows(const RowsTask& task);
std::unique_ptr<Network> rectify_network(const Problem& problem);
/// A training network under an observe::Watch.
std::unique_ptr<Network> rectify_watched_network(const Problem& problem);

}  // namespace bench
