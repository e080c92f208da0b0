// What the machine can do at best, measured: the rates that times are held against.
#pragma once

#include "bench/rounds.h"

namespace bench {

/// Names of these limits in a report.
inline constexpr const char* peak_name = "FMA peak";
inline constexpr const char* bandwidth_name = "bandwidth";

/// Does as many float32 operations (a fused multiply-add counts as two) as a task has, from registers alone, with the widest vectors this CPU has, shared out over the
/// given number of threads: no arrangement of the task can be faster. Below some 10^5 operations its time says nothing.
Contender fma_peak(double operations, int threads);

/// Bytes per second that are read and written when much more than the caches hold is copied, or only read: the better of both, the median of some repetitions.
double memory_bandwidth(int threads);

}  // namespace bench
