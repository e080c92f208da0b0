#include "rectify/kernel/update.h"

#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/kernel/dispatch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rectify/kernel/update.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rectify/kernel/elementwise-inl.h"

#ifndef RECTIFY_KERNEL_UPDATE_TARGET
#define RECTIFY_KERNEL_UPDATE_TARGET
namespace rectify::kernel {

/// The arguments of the functions in update.h.
template <class T>
struct SgdCall {
  T* w;
  T* v;
  const T* g;
  T learning_rate, momentum, weight_decay;
  bool nesterov;
};

template <class T>
struct AdamCall {
  T* w;
  T* m;
  T* s;
  const T* g;
  T step, beta1, beta2, epsilon, inverse_root_correction, weight_decay, decoupled_decay;
};

template <class T>
struct RmspropCall {
  T* w;
  T* v;
  T* s;
  const T* g;
  T learning_rate, alpha, epsilon, momentum, weight_decay;
};

template <class T>
struct UpdateTarget {
  void (*sgd)(const SgdCall<T>&, int64_t begin, int64_t end);
  void (*adam)(const AdamCall<T>&, int64_t begin, int64_t end);
  void (*rmsprop)(const RmspropCall<T>&, int64_t begin, int64_t end);
};

}  // namespace rectify::kernel
#endif

HWY_BEFORE_NAMESPACE();
namespace rectify::kernel::HWY_NAMESPACE {

template <class T>
void sgd_range(const SgdCall<T>& call, int64_t begin, int64_t end) {
  const hn::ScalableTag<T> d;
  const auto learning_rate = hn::Set(d, call.learning_rate), momentum = hn::Set(d, call.momentum), weight_decay = hn::Set(d, call.weight_decay);
  for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR {
    const auto w = access.load(call.w + i);
    auto direction = hn::Add(access.load(call.g + i), hn::Mul(weight_decay, w));
    if (call.momentum != 0) {
      const auto velocity = hn::Add(hn::Mul(momentum, access.load(call.v + i)), direction);
      access.store(velocity, call.v + i);
      direction = call.nesterov ? hn::Add(direction, hn::Mul(momentum, velocity)) : velocity;
    }
    access.store(hn::Sub(w, hn::Mul(learning_rate, direction)), call.w + i);
  });
}

template <class T>
void adam_range(const AdamCall<T>& call, int64_t begin, int64_t end) {
  const hn::ScalableTag<T> d;
  const auto step = hn::Set(d, call.step), epsilon = hn::Set(d, call.epsilon), correction = hn::Set(d, call.inverse_root_correction);
  const auto beta1 = hn::Set(d, call.beta1), rest1 = hn::Set(d, T(1) - call.beta1), beta2 = hn::Set(d, call.beta2), rest2 = hn::Set(d, T(1) - call.beta2);
  const auto weight_decay = hn::Set(d, call.weight_decay), decoupled_decay = hn::Set(d, call.decoupled_decay);
  for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR {
    const auto w = access.load(call.w + i);
    const auto g = hn::Add(access.load(call.g + i), hn::Mul(weight_decay, w));
    const auto m = hn::Add(hn::Mul(beta1, access.load(call.m + i)), hn::Mul(rest1, g));
    const auto s = hn::Add(hn::Mul(beta2, access.load(call.s + i)), hn::Mul(hn::Mul(rest2, g), g));
    access.store(m, call.m + i);
    access.store(s, call.s + i);
    const auto root = hn::Add(hn::Mul(hn::Sqrt(s), correction), epsilon);
    const auto stepped = hn::Sub(w, hn::Div(hn::Mul(step, m), root));
    access.store(hn::Sub(stepped, hn::Mul(decoupled_decay, w)), call.w + i);
  });
}

template <class T>
void rmsprop_range(const RmspropCall<T>& call, int64_t begin, int64_t end) {
  const hn::ScalableTag<T> d;
  const auto learning_rate = hn::Set(d, call.learning_rate), epsilon = hn::Set(d, call.epsilon), momentum = hn::Set(d, call.momentum);
  const auto alpha = hn::Set(d, call.alpha), rest = hn::Set(d, T(1) - call.alpha), weight_decay = hn::Set(d, call.weight_decay);
  for_each_vector<T>(begin, end, [&](const auto& access, int64_t i) HWY_ATTR {
    const auto w = access.load(call.w + i);
    const auto g = hn::Add(access.load(call.g + i), hn::Mul(weight_decay, w));
    const auto s = hn::Add(hn::Mul(alpha, access.load(call.s + i)), hn::Mul(hn::Mul(rest, g), g));
    access.store(s, call.s + i);
    auto direction = hn::Div(g, hn::Add(hn::Sqrt(s), epsilon));
    if (call.momentum > 0) {
      direction = hn::Add(hn::Mul(momentum, access.load(call.v + i)), direction);
      access.store(direction, call.v + i);
    }
    access.store(hn::Sub(w, hn::Mul(learning_rate, direction)), call.w + i);
  });
}

template <class T>
const UpdateTarget<T>& update_target() {
  static constexpr UpdateTarget<T> target{&sgd_range<T>, &adam_range<T>, &rmsprop_range<T>};
  return target;
}
const UpdateTarget<float>& update_target_float() { return update_target<float>(); }
const UpdateTarget<double>& update_target_double() { return update_target<double>(); }

}  // namespace rectify::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::kernel {
namespace {

HWY_EXPORT(update_target_float);
HWY_EXPORT(update_target_double);
const UpdateTarget<float>& target_for(float) { return HWY_DYNAMIC_DISPATCH(update_target_float)(); }
const UpdateTarget<double>& target_for(double) { return HWY_DYNAMIC_DISPATCH(update_target_double)(); }

/// Elements per task: some microseconds of memory traffic.
constexpr int64_t grain = 16384;

}  // namespace

template <class T>
void sgd(T* w, T* v, const T* g, int64_t n, T learning_rate, T momentum, T weight_decay, bool nesterov) noexcept {
  const SgdCall<T> call{w, v, g, learning_rate, momentum, weight_decay, nesterov};
  parallel_for(n, grain, [&, run = target_for(T()).sgd](int64_t begin, int64_t end) { run(call, begin, end); });
}

template <class T>
void adam(T* w, T* m, T* s, const T* g, int64_t n, T step, T beta1, T beta2, T epsilon, T inverse_root_correction, T weight_decay, T decoupled_decay) noexcept {
  const AdamCall<T> call{w, m, s, g, step, beta1, beta2, epsilon, inverse_root_correction, weight_decay, decoupled_decay};
  parallel_for(n, grain, [&, run = target_for(T()).adam](int64_t begin, int64_t end) { run(call, begin, end); });
}

template <class T>
void rmsprop(T* w, T* v, T* s, const T* g, int64_t n, T learning_rate, T alpha, T epsilon, T momentum, T weight_decay) noexcept {
  const RmspropCall<T> call{w, v, s, g, learning_rate, alpha, epsilon, momentum, weight_decay};
  parallel_for(n, grain, [&, run = target_for(T()).rmsprop](int64_t begin, int64_t end) { run(call, begin, end); });
}

template void sgd(float*, float*, const float*, int64_t, float, float, float, bool) noexcept;
template void sgd(double*, double*, const double*, int64_t, double, double, double, bool) noexcept;
template void adam(float*, float*, float*, const float*, int64_t, float, float, float, float, float, float, float) noexcept;
template void adam(double*, double*, double*, const double*, int64_t, double, double, double, double, double, double, double) noexcept;
template void rmsprop(float*, float*, float*, const float*, int64_t, float, float, float, float, float) noexcept;
template void rmsprop(double*, double*, double*, const double*, int64_t, double, double, double, double, double) noexcept;

}  // namespace rectify::kernel
#endif
