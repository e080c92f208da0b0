// Which matrix products are measured, and how.
#pragma once

#include "bench/inquiry.h"

namespace bench {

/// The products of linear layers, forward and backward, on one thread and on two.
Report ask_products(const Inquiry& inquiry);

}  // namespace bench
