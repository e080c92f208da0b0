// Runs an activation's kernel over inputs and compares every result with the oracle.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rectify/activation/catalogue.h"

namespace rectify::verify {

/// Which inputs. Patterns are the bit patterns of T, from the smallest to the largest as whole numbers, NaN and infinities included.
struct Inputs {
  enum class Kind : uint8_t {
    exhaustive,  ///< every pattern; T of at most 32 bits
    stratified,  ///< `count` patterns (a power of two), one from each of as many equal strata, and the special ones: zeros, infinities, powers of two, few bits
    sampled      ///< `count` numbers: patterns from everywhere and numbers of ordinary size in turn; float64
  };
  Kind kind = Kind::exhaustive;
  uint64_t count = 0;
  uint64_t seed = 1;
  std::vector<double> listed = {};  ///< numbers of T that are tried besides
};

/// What computes: y[i] for x[i]. Called on several threads at once.
template <class T>
using Kernel = std::function<void(const T* x, T* y, int64_t n)>;

/// The library's own kernel of a derivative (0, 1 or 2) by x.
template <class T>
Kernel<T> library_kernel(const activation::Function& function, int derivative);

/// An input whose result is close to a tie: the distance is relative to the result.
struct HardInput {
  double x = 0;
  double distance = 0;
};

struct SweepOptions {
  Inputs inputs;
  size_t hardest = 0;                               ///< how many of the hardest inputs to report
  const std::atomic<bool>* interrupt = nullptr;     ///< looked at several times a second; the result is then not complete
  std::function<void(double part)> progress = {};   ///< told the part that is done, on the calling thread
};

struct SweepResult {
  std::string activation;       ///< with all its parameters
  int derivative = 0;
  std::string dtype;
  uint64_t inputs = 0;
  uint64_t misrounded = 0;      ///< results that are not the nearest number of the type, or a zero, an infinity or a NaN where it must be another
  uint64_t failures = 0;        ///< of these, those that are further off than the contract allows
  double allowed_error = 0.5;   ///< the contract, in units of the last place: 0.5 (16 bits and float32), 0.5000001 (other parameters than the defaults), 2 (float64)
  double largest_error = 0;     ///< in units of the last place; 0.5 stands for a correct rounding
  double worst_input = 0, worst_result = 0;
  uint64_t in_doubt = 0;        ///< inputs that the float64 filter did not settle
  uint64_t asked_mpfr = 0;      ///< of these, those that only MPFR settled
  double seconds = 0;
  bool complete = true;
  std::vector<HardInput> hardest;
};

/// Compares the results of `kernel`, the derivative of `function`, with the oracle. T is Float16, BFloat16, float or double.
///
/// Zeros: the sign is the limit's where the value underflows, and open where the value is exactly zero. NaN gives the canonical NaN, and infinities the limits
/// of the Spec. Beside a zero of the function, where terms must cancel, errors count in units of the largest term (DESIGN, section 4) unless 0.5 is promised.
template <class T>
SweepResult sweep(const activation::Function& function, int derivative, const Kernel<T>& kernel, const SweepOptions& options);

/// What is wrong with the Spec's limits of value, slope or curvature at an infinity, judged by the oracle at growing |x|; empty if nothing is.
std::string check_limit(const activation::Function& function, int derivative, bool positive);

}  // namespace rectify::verify
