// What pointwise() hands to the compiled unit of an activation's family.
#pragma once

#include <cstdint>

#include "rectify/activation/catalogue.h"

namespace rectify::kernel {

struct PointwiseCall {
  const activation::Function& function;
  activation::Derivative derivative;
  bool is_double = false;
  const void* x = nullptr;
  const void* g = nullptr;
  void* y = nullptr;
  int64_t n = 0;
  bool quick_division = false;  ///< divides_quickly()
  bool past_the_cache = false;  ///< y is larger than the caches: it is written past them
};

}  // namespace rectify::kernel
