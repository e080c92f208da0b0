// Ctrl-C as a flag that a training run looks at between two steps.
#pragma once

#include <atomic>

namespace rectify::cli {

/// While it lives, the first Ctrl-C sets the flag; a second one ends the program as usual.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  static const std::atomic<bool>& flag();
};

inline constexpr int interrupted_status = 130;

}  // namespace rectify::cli
