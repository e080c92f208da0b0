#include "cli/process.h"

#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/target.h"

namespace rectify::cli {

void ProcessOptions::declare(Options& options) {
  options.text("--threads", threads, "N", "number of threads; default: all cores");
  options.text("--target", target, "NAME", "SIMD target: auto (default), or one that this CPU has, such as avx512, avx2, scalar");
}

void ProcessOptions::apply() const {
  constexpr int64_t most = 4096;
  if (threads) {
    const int64_t count = whole_number("--threads", *threads, 1);
    if (count > most) throw ArgumentError("[--threads] the value is '" + *threads + "'; expected at most " + std::to_string(most) + ".");
    set_thread_count(static_cast<int>(count));
  }
  if (target) kernel::set_target(*target);
  kernel::current_target();  // refuses a RECTIFY_TARGET that cannot be used here
}

}  // namespace rectify::cli
