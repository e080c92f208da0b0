// The floating-point environment that every result of the library is defined in: round to nearest, subnormal numbers kept.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#elif !defined(__aarch64__)
#include <cfenv>
#endif

namespace rectify {

/// While it lives, the calling thread rounds to nearest and flushes no subnormal number; what was set before comes back when it dies.
/// Costs a few nanoseconds, less than one when nothing has to change. Exception flags and masks are left alone.
class FloatingEnvironment {
 public:
  FloatingEnvironment() : before_(read()) {
    if ((before_ & deviations) != 0) write(before_ & ~deviations);
  }
  ~FloatingEnvironment() {
    if ((before_ & deviations) != 0) write((read() & ~deviations) | (before_ & deviations));
  }
  FloatingEnvironment(const FloatingEnvironment&) = delete;
  FloatingEnvironment& operator=(const FloatingEnvironment&) = delete;

  /// True if the calling thread is in that environment now.
  static bool is_set() { return (read() & deviations) == 0; }

 private:
#if defined(__SSE2__)
  using Word = uint32_t;
  static constexpr Word deviations = 0xE040;  // MXCSR: flush to zero, rounding control, denormals are zero
  static Word read() { return _mm_getcsr(); }
  static void write(Word word) { _mm_setcsr(word); }
#elif defined(__aarch64__)
  using Word = uint64_t;
  static constexpr Word deviations = Word{0x7} << 22;  // FPCR: flush to zero, rounding mode
  static Word read() {
    Word word;
    asm volatile("mrs %0, fpcr" : "=r"(word));
    return word;
  }
  static void write(Word word) { asm volatile("msr fpcr, %0" : : "r"(word)); }
#else
  // The rounding direction is all that the C library can change; it is stored as 0 for nearest and its code + 1 otherwise.
  using Word = uint32_t;
  static constexpr Word deviations = ~Word{0};
  static Word read() {
    const int direction = std::fegetround();
    return direction == FE_TONEAREST ? 0 : static_cast<Word>(direction) + 1;
  }
  static void write(Word word) { std::fesetround(word == 0 ? FE_TONEAREST : static_cast<int>(word - 1)); }
#endif

  Word before_;
};

}  // namespace rectify
