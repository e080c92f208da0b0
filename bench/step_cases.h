// Which whole steps are measured, and what is aimed at.
#pragma once

#include "bench/inquiry.h"

namespace bench {

/// Names of the cases, as --cases takes them.
std::vector<std::string> step_case_names();

/// The named cases, all of them if none is named: a whole step on one thread and on two, both beside the other libraries, the matrix products alone by one that has them,
/// and the peak of the machine.
Report ask_steps(const Inquiry& inquiry, const std::vector<std::string>& names = {});

}  // namespace bench
