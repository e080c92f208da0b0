// Prints a digest of what the C library's exp, log, cos and pow give on this machine, as it sees the machine.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>

int main() {
  uint64_t digest = 1469598103934665603ull;
  for (int i = 0; i < 200000; ++i) {
    const volatile double x = -20 + i * 0.000207;
    for (const double value : {std::exp(x), std::log(std::fabs(x) + 1e-9), std::cos(x), std::pow(std::fabs(x), 1.37)}) {
      digest = (digest ^ std::bit_cast<uint64_t>(value)) * 1099511628211ull;
    }
  }
  std::printf("%016llx\n", static_cast<unsigned long long>(digest));
}
