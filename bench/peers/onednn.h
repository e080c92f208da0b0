#pragma once

#include "bench/library.h"

namespace bench {

/// oneDNN: its eltwise primitives, forward and backward from the kept input (or output, where the task has it), and dnnl_sgemm. Needs OpenMP, which its threads are.
Library onednn_library();

void onednn_weight_gradient(const WeightGradientTask& task);
void onednn_rows(const RowsTask& task);

}  // namespace bench
