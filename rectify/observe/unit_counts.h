// Counts of what each unit of a layer gave: the memory of one or many passes.
#pragma once

#include <cstdint>
#include <vector>

#include "rectify/activation/properties.h"
#include "rectify/tensor/tensor.h"

namespace rectify::observe {

/// Every array has one number per unit; a convolution's units are its channels, each with one value per position. How the numbers are added is stated in kernel/statistics.h.
struct UnitCounts {
  explicit UnitCounts(int64_t units);

  int64_t count = 0;                               ///< values per unit
  std::vector<double> sum, sum_of_squares;         ///< of the finite values
  std::vector<double> minimum, maximum;            ///< of those that are not NaN; +infinity and -infinity before the first
  std::vector<int64_t> zeros, non_finite;
  std::vector<int64_t> saturated_left, saturated_right;  ///< of the activation's inputs. Where only the output is kept (relu), its values tell the same

  int64_t units() const { return static_cast<int64_t>(sum.size()); }
  void clear();
  /// Counts a pass over `values` (..., units); what lies in the tails is counted of `inputs` if they are defined, which are of the same shape, otherwise of the values.
  void add(const Tensor& values, const Tensor& inputs, const activation::SaturatedTails& tails);
  /// Adds the counts of as many units.
  void add(const UnitCounts& other);

  /// Whether all values of a unit were exactly 0, or all inputs in the tails; false without a value.
  bool silent(size_t unit) const { return count > 0 && zeros[unit] == count; }
  bool stuck(size_t unit) const { return count > 0 && saturated_left[unit] + saturated_right[unit] == count; }
};

}  // namespace rectify::observe
