// The optimisers' inner loops: gradient, weight and moments are streamed once. Each line of a formula is one rounding in T (no fused multiply-adds) so that
// the result is the same on every target. Parallel over elements. w and the moments are updated in place.
#pragma once

#include <cstdint>

namespace rectify::kernel {

/// d = g + weight_decay * w;  v = momentum * v + d  (v untouched and may be null when momentum is 0);  w -= learning_rate * (nesterov ? d + momentum * v : v).
template <class T>
void sgd(T* w, T* v, const T* g, int64_t n, T learning_rate, T momentum, T weight_decay, bool nesterov) noexcept;

/// m = beta1 m + (1-beta1) d;  s = beta2 s + (1-beta2) d d;  w -= step * m / (sqrt(s) * inverse_root_correction + epsilon), then w -= decoupled_decay * w_before.
/// d = g + weight_decay * w (Adam); decoupled_decay is learning_rate * weight_decay for AdamW, 0 for Adam.
/// `step` = learning_rate / (1 - beta1^t) and `inverse_root_correction` = 1 / sqrt(1 - beta2^t) come from the caller.
template <class T>
void adam(T* w, T* m, T* s, const T* g, int64_t n, T step, T beta1, T beta2, T epsilon, T inverse_root_correction, T weight_decay, T decoupled_decay) noexcept;

/// d = g + weight_decay * w;  s = alpha s + (1-alpha) d d;  u = d / (sqrt(s) + epsilon);  v = momentum v + u;  w -= learning_rate * (momentum > 0 ? v : u).
template <class T>
void rmsprop(T* w, T* v, T* s, const T* g, int64_t n, T learning_rate, T alpha, T epsilon, T momentum, T weight_decay) noexcept;

}  // namespace rectify::kernel
