// What the suites of the kernels share: every target and thread count, test numbers, comparison of bits.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/target.h"

namespace rectify::kernel {

/// Runs `check` on every target and puts the default back.
template <class Check>
void on_every_target(Check check) {
  for (const std::string& target : available_targets()) {
    set_target(target);
    SCOPED_TRACE(target);
    check();
    if (testing::Test::HasFatalFailure()) break;
  }
  set_target("auto");
}

/// Runs `check` on every target, as on a processor that divides quickly and as on one that does not, and puts the defaults back.
template <class Check>
void on_every_target_and_division(Check check) {
  for (const bool quick : {false, true}) {
    set_divides_quickly(quick);
    SCOPED_TRACE(quick ? "quick division" : "slow division");
    on_every_target(check);
    if (testing::Test::HasFatalFailure()) break;
  }
  set_divides_quickly(std::nullopt);
}

/// Runs `check` on every target with 1, 2 and 3 threads and puts the defaults back.
template <class Check>
void on_every_target_and_thread_count(Check check) {
  const int threads = thread_count();
  for (const std::string& target : available_targets()) {
    set_target(target);
    for (const int count : {1, 2, 3}) {
      set_thread_count(count);
      SCOPED_TRACE(target + ", " + std::to_string(count) + " threads");
      check();
      if (testing::Test::HasFatalFailure()) break;
    }
  }
  set_target("auto");
  set_thread_count(threads);
}

/// Numbers of both signs and different size, so that another order of summation shows.
template <class T>
std::vector<T> numbers(int64_t count, uint64_t seed) {
  std::vector<T> result(static_cast<size_t>(count));
  for (size_t i = 0; i < result.size(); ++i) {
    const double u = random_uniform({.seed = seed}, i);
    result[i] = static_cast<T>((u - 0.5) * std::ldexp(1.0, static_cast<int>(i % 7)));
  }
  return result;
}

template <class T>
bool same_bits(const std::vector<T>& x, const std::vector<T>& y) {
  return x.size() == y.size() && (x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(T)) == 0);
}

}  // namespace rectify::kernel
