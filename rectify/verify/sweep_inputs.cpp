#include "rectify/verify/sweep_inputs.h"

#include <cmath>
#include <cstdlib>

#include "rectify/base/random.h"
#include "rectify/verify/number_format.h"

namespace rectify::verify {
namespace {

/// Zeros, subnormals, every power of two with its neighbours and with few bits set, infinities and NaN: where the first terms of formulas make ties, and where underflow and limits are.
template <class T>
std::vector<T> special_patterns() {
  constexpr int digits = format_of<T>.precision - 1, width = 8 * static_cast<int>(sizeof(T));
  using B = Bits<T>;
  std::vector<T> result;
  const B exponents = static_cast<B>(B{1} << (width - 1 - digits));
  for (const B sign : {B{0}, static_cast<B>(B{1} << (width - 1))}) {
    const auto add = [&](B exponent, B low) { result.push_back(std::bit_cast<T>(static_cast<B>(sign | (exponent << digits) | low))); };
    for (B low = 0; low < 64; ++low) add(0, low);
    for (B exponent = 0; exponent + 1 < exponents; ++exponent) {
      // float64 has 2046 exponents: all of those around 1 and at the ends, one of eight elsewhere.
      const int from_one = static_cast<int>(exponent) - static_cast<int>(exponents / 2);
      if (width == 64 && exponent % 8 != 0 && std::abs(from_one) > 40 && exponent > 2 && exponent + 4 < exponents) continue;
      const B all = static_cast<B>((B{1} << digits) - 1);
      for (const B low : {B{0}, B{1}, B{2}, B{3}, all, static_cast<B>(all - 1), static_cast<B>(all / 3), static_cast<B>(all / 3 * 2)}) add(exponent, low);
      for (int bit = 0; bit < digits; ++bit) add(exponent, static_cast<B>(B{1} << bit));
      for (B leading = 0; leading < 64; ++leading) add(exponent, static_cast<B>(leading << (digits - 6)));
    }
    add(static_cast<B>(exponents - 1), 0);                                           // infinity
    add(static_cast<B>(exponents - 1), static_cast<B>(B{1} << (digits - 1)));        // the quiet NaN
    add(static_cast<B>(exponents - 1), static_cast<B>((B{1} << (digits - 1)) + 5));  // one with a payload
  }
  return result;
}

}  // namespace

template <class T>
InputList<T>::InputList(const Inputs& inputs) : inputs_(inputs) {
  using Kind = Inputs::Kind;
  for (const double x : inputs.listed) special_.push_back(static_cast<T>(x));
  if (inputs.kind == Kind::exhaustive) {
    if constexpr (sizeof(T) > 4) {
      throw ArgumentError("[verify] float64 has too many patterns for an exhaustive run. Give a number of samples.");
    } else {
      regular_ = uint64_t{1} << (8 * sizeof(T));
      return;
    }
  }
  if (inputs.kind == Kind::stratified && !(std::has_single_bit(inputs.count) && inputs.count > 1 && inputs.count <= uint64_t{1} << 32)) {
    throw ArgumentError("[verify] stratified inputs number " + std::to_string(inputs.count) + "; expected a power of two from 2 to 2^32.");
  }
  regular_ = inputs.count;
  const std::vector<T> patterns = special_patterns<T>();
  special_.insert(special_.end(), patterns.begin(), patterns.end());
}

template <class T>
T InputList<T>::at(uint64_t i) const noexcept {
  if (i >= regular_) return special_[static_cast<size_t>(i - regular_)];
  if (inputs_.kind == Inputs::Kind::exhaustive) return std::bit_cast<T>(static_cast<Bits<T>>(i));
  const auto words = random_bits({.seed = inputs_.seed}, i);
  const uint64_t random = (uint64_t{words[0]} << 32) | words[1];
  const auto pattern = std::bit_cast<T>(static_cast<Bits<T>>(random));
  if (inputs_.kind == Inputs::Kind::stratified) {
    const int stratum = 8 * static_cast<int>(sizeof(T)) - std::countr_zero(inputs_.count);
    if (stratum <= 0) return std::bit_cast<T>(static_cast<Bits<T>>(i));
    return std::bit_cast<T>(static_cast<Bits<T>>((i << stratum) | (random & ((uint64_t{1} << stratum) - 1))));
  }
  const double uniform = std::ldexp(static_cast<double>(words[2]) + static_cast<double>(words[0]) * 0x1p-32, -32) - 0.5;
  switch (i % 5) {
    case 0: return pattern;
    case 1: return static_cast<T>(8 * uniform);
    case 2: return static_cast<T>(80 * uniform);
    case 3: return static_cast<T>(1600 * uniform);
    default: return static_cast<T>(std::ldexp(uniform, -static_cast<int>(words[3] % 64)));
  }
}

template <class T>
void InputList<T>::fill(uint64_t begin, T* x, uint64_t n) const noexcept {
  if (inputs_.kind == Inputs::Kind::exhaustive) {
    for (uint64_t i = 0; i < n; ++i) x[i] = std::bit_cast<T>(static_cast<Bits<T>>(begin + i));
    return;
  }
  for (uint64_t i = 0; i < n; ++i) x[i] = at(begin + i);
}

template class InputList<Float16>;
template class InputList<BFloat16>;
template class InputList<float>;
template class InputList<double>;

}  // namespace rectify::verify
