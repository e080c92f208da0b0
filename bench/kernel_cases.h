// Which activation kernels are measured, and how.
#pragma once

#include "bench/inquiry.h"

namespace bench {

/// The activations that the compared libraries have.
std::vector<std::string> kernel_case_names();

/// The named activations, all of them if none is named, on one thread: forward and backward at 4,096 elements and, with `memory_rounds` above 0, at 2^25.
Report ask_kernels(const Inquiry& inquiry, int memory_rounds, const std::vector<std::string>& names = {});

}  // namespace bench
