// What the units of a layer did, counted in one pass over its output: the accumulators of the microscope (observe/watch.h).
#pragma once

#include <cstdint>
#include <limits>

namespace rectify::kernel {

/// Inputs below `below` and above `above` are counted; the infinities that stand here count nothing. Compared as real numbers, whatever the type of the inputs.
struct CountedTails {
  double below = -std::numeric_limits<double>::infinity();
  double above = std::numeric_limits<double>::infinity();
};

/// Where the counts of each unit are added, one number per unit in each array; all are the caller's.
/// Before the first call: zeros, but +infinity in `minimum` and -infinity in `maximum`.
struct UnitAccumulators {
  double* sum;             ///< of the finite values
  double* sum_of_squares;  ///< of the finite values
  double* minimum;         ///< of the values that are not NaN; of zeros the first that came
  double* maximum;
  int64_t* zeros;          ///< values that are 0 or -0
  int64_t* non_finite;     ///< infinities and NaN
  int64_t* below;          ///< inputs of the activation beyond `CountedTails`
  int64_t* above;
};

/// Adds a matrix (rows, units), row major, to the accumulators of its units. A convolution's output is such a matrix, with a row for each position of each image.
/// `inputs`, if not null, is a matrix of the same shape that is compared with the tails instead of the values: what went into the activation.
///
/// Both sums are float64 chains over the finite values of a block of 4096 rows, in the order of the rows: s = 0, then s = s + x, and s = fma(x, x, s). The blocks' sums are added to
/// the accumulators in order. The order depends on nothing else: not on the target, the threads, or what else is counted. T is float or double.
template <class T>
void add_unit_statistics(const T* values, const T* inputs, int64_t rows, int64_t units, const CountedTails& tails, const UnitAccumulators& into) noexcept;

}  // namespace rectify::kernel
