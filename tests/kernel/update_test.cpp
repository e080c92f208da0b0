#include "rectify/kernel/update.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/kernel/kernel_support.h"

namespace rectify::kernel {
namespace {

template <class T>
class Update : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(Update, Types);

/// Large enough for three threads, and with a tail; small ones for tails alone.
const int64_t sizes[] = {0, 1, 7, 15, 16, 17, 33, 50003};

/// Runs three steps, so that moments matter, and compares everything that was written.
template <class T, class Reference, class Kernel>
void compare(Reference reference, Kernel kernel) {
  for (const int64_t n : sizes) {
    const auto w = numbers<T>(n, 1), g = numbers<T>(n, 2);
    std::vector<T> w0 = w, v0(w.size()), s0(w.size());
    for (int step = 0; step < 3; ++step) {
      for (size_t i = 0; i < w0.size(); ++i) reference(w0[i], v0[i], s0[i], g[i]);
    }
    on_every_target_and_thread_count([&] {
      std::vector<T> w1 = w, v1(w.size()), s1(w.size());
      for (int step = 0; step < 3; ++step) kernel(w1.data(), v1.data(), s1.data(), g.data(), n);
      ASSERT_TRUE(same_bits(w1, w0)) << n;
      ASSERT_TRUE(same_bits(v1, v0)) << n;
      ASSERT_TRUE(same_bits(s1, s0)) << n;
    });
  }
}

TYPED_TEST(Update, sgd_rounds_every_operation_once) {
  using T = TypeParam;
  const T rate = T(0.1), decay = T(0.013);
  for (const T momentum : {T(0), T(0.9)}) {
    for (const bool nesterov : {false, true}) {
      compare<T>(
          [&](T& w, T& v, T&, T g) {
            const T decayed = decay * w, d = g + decayed;
            T direction = d;
            if (momentum != 0) {
              const T kept = momentum * v;
              v = kept + d;
              const T ahead = momentum * v;
              direction = nesterov ? d + ahead : v;
            }
            const T change = rate * direction;
            w = w - change;
          },
          [&](T* w, T* v, T*, const T* g, int64_t n) { sgd<T>(w, momentum == 0 ? nullptr : v, g, n, rate, momentum, decay, nesterov); });
    }
  }
}

TYPED_TEST(Update, adam_rounds_every_operation_once) {
  using T = TypeParam;
  const T step = T(0.003), beta1 = T(0.9), beta2 = T(0.999), epsilon = T(1e-8), correction = T(1.7);
  for (const T decay : {T(0), T(0.01)}) {
    for (const T decoupled : {T(0), T(0.02)}) {
      compare<T>(
          [&](T& w, T& m, T& s, T g) {
            const T before = w, decayed = decay * w, d = g + decayed;
            const T kept_m = beta1 * m, new_m = (T(1) - beta1) * d;
            m = kept_m + new_m;
            const T kept_s = beta2 * s, part = (T(1) - beta2) * d, new_s = part * d;
            s = kept_s + new_s;
            const T root = std::sqrt(s), corrected = root * correction, below = corrected + epsilon, above = step * m, change = above / below;
            w = before - change;
            const T shrink = decoupled * before;
            w = w - shrink;
          },
          [&](T* w, T* m, T* s, const T* g, int64_t n) { adam<T>(w, m, s, g, n, step, beta1, beta2, epsilon, correction, decay, decoupled); });
    }
  }
}

TYPED_TEST(Update, rmsprop_rounds_every_operation_once) {
  using T = TypeParam;
  const T rate = T(0.01), alpha = T(0.99), epsilon = T(1e-8), decay = T(0.003);
  for (const T momentum : {T(0), T(0.8)}) {
    compare<T>(
        [&](T& w, T& v, T& s, T g) {
          const T decayed = decay * w, d = g + decayed, kept = alpha * s, part = (T(1) - alpha) * d, fresh = part * d;
          s = kept + fresh;
          const T root = std::sqrt(s), below = root + epsilon;
          T u = d / below;
          if (momentum > 0) {
            const T inertia = momentum * v;
            v = inertia + u;
            u = v;
          }
          const T change = rate * u;
          w = w - change;
        },
        [&](T* w, T* v, T* s, const T* g, int64_t n) { rmsprop<T>(w, momentum == 0 ? nullptr : v, s, g, n, rate, alpha, epsilon, momentum, decay); });
  }
}

}  // namespace
}  // namespace rectify::kernel
