// The fast half of the oracle: float64 arithmetic on whole blocks with a running error bound. It settles nearly every float32 rounding and says where it cannot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "rectify/activation/expression.h"
#include "rectify/verify/filter_program.h"

namespace rectify::verify {

/// Evaluates one derivative of a formula over blocks of float32 numbers.
///
/// Every number is carried with a bound of its error: the exact rounding error of + - * / and sqrt (by fused multiply-add), vector_function_error for the
/// functions, and what the operands' errors become. A result is settled if both ends of its interval round to the same float32.
class Filter {
 public:
  static constexpr size_t block = 256;
  /// Results of run() that are not numbers, as bits of float32.
  static constexpr uint32_t in_doubt = 0x7fc00000;   ///< the bound does not settle the rounding
  static constexpr uint32_t open_zero = 0x7fc00001;  ///< exactly zero, of a sign that mathematics leaves open
  static constexpr uint32_t underflow = 0x7fc00002;  ///< far below the smallest float32, of a sign that float64 does not know

  Filter(const activation::Expression& expression, std::span<const double> parameters, int derivative);

  /// What a thread needs to run.
  class Workspace {
   public:
    explicit Workspace(const Filter& filter);

   private:
    friend class Filter;
    struct Free {
      void operator()(double* pointer) const noexcept;
    };
    std::unique_ptr<double[], Free> numbers_;
  };

  /// The bits of the correctly rounded results for `block` finite inputs, or one of the three marks.
  void run(const float* x, uint32_t* result, Workspace& workspace) const noexcept;

 private:
  FilterProgram program_;
  std::vector<size_t> place_;  ///< of each step: its block in the workspace, values first and then errors
  size_t places_ = 0;
};

}  // namespace rectify::verify
