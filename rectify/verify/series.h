// Power series with error bounds: f(x + t) = c_0 + c_1 t + ... of a formula, term by term. The derivatives of any order come from them.
#pragma once

#include <array>

#include "rectify/verify/ball.h"

namespace rectify::verify {

/// The first K coefficients.
template <class N, int K>
using Series = std::array<Ball<N>, static_cast<size_t>(K)>;

template <class N, int K>
Series<N, K> constant_series(Ball<N> value) {
  Series<N, K> r;
  r[0] = std::move(value);
  return r;
}

template <class N, size_t K>
std::array<Ball<N>, K> operator-(std::array<Ball<N>, K> a) {
  for (Ball<N>& c : a) c = -c;
  return a;
}

template <class N, size_t K>
std::array<Ball<N>, K> operator+(const std::array<Ball<N>, K>& a, const std::array<Ball<N>, K>& b) {
  std::array<Ball<N>, K> r;
  for (size_t k = 0; k < K; ++k) r[k] = a[k] + b[k];
  return r;
}

template <class N, size_t K>
std::array<Ball<N>, K> operator*(const std::array<Ball<N>, K>& a, const std::array<Ball<N>, K>& b) {
  std::array<Ball<N>, K> r;
  for (size_t k = 0; k < K; ++k) {
    r[k] = a[0] * b[k];
    for (size_t j = 1; j <= k; ++j) r[k] = r[k] + a[j] * b[k - j];
  }
  return r;
}

/// Divisions and not a reciprocal: a quotient that is exact must be seen to be.
template <class N, size_t K>
std::array<Ball<N>, K> operator/(const std::array<Ball<N>, K>& a, const std::array<Ball<N>, K>& b) {
  std::array<Ball<N>, K> r;
  for (size_t k = 0; k < K; ++k) {
    Ball<N> rest = a[k];
    for (size_t j = 1; j <= k; ++j) rest = rest - b[j] * r[k - j];
    r[k] = rest / b[0];
  }
  return r;
}

/// The series that begins with `value` and whose slope is h g': f(g) if f(g_0) is `value` and h is the series of f'(g).
template <class N, size_t K>
std::array<Ball<N>, K> integrate(Ball<N> value, const std::array<Ball<N>, K>& h, const std::array<Ball<N>, K>& g) {
  std::array<Ball<N>, K> r;
  r[0] = std::move(value);
  for (size_t k = 1; k < K; ++k) {
    Ball<N> sum = Ball<N>(static_cast<long double>(k)) * (g[k] * h[0]);
    for (size_t j = 1; j < k; ++j) sum = sum + Ball<N>(static_cast<long double>(j)) * (g[j] * h[k - j]);
    r[k] = sum / Ball<N>(static_cast<long double>(k));
  }
  return r;
}

/// Two series with u' = v g' and v' = sign u g': exp (u = v), sine and cosine, the hyperbolic functions.
template <class N, size_t K>
void integrate_pair(std::array<Ball<N>, K>& u, std::array<Ball<N>, K>& v, const std::array<Ball<N>, K>& g, bool minus) {
  for (size_t k = 1; k < K; ++k) {
    Ball<N> first, second;
    for (size_t j = 1; j <= k; ++j) {
      const Ball<N> factor = Ball<N>(static_cast<long double>(j)) * g[j];
      first = first + factor * v[k - j];
      second = second + factor * u[k - j];
    }
    u[k] = first / Ball<N>(static_cast<long double>(k));
    v[k] = second / Ball<N>(static_cast<long double>(k));
    if (minus) v[k] = -v[k];
  }
}

template <class N, size_t K>
std::array<Ball<N>, K> exp(const std::array<Ball<N>, K>& g) {
  std::array<Ball<N>, K> r;
  r[0] = exp(g[0]);
  for (size_t k = 1; k < K; ++k) {
    Ball<N> sum;
    for (size_t j = 1; j <= k; ++j) sum = sum + Ball<N>(static_cast<long double>(j)) * (g[j] * r[k - j]);
    r[k] = sum / Ball<N>(static_cast<long double>(k));
  }
  return r;
}

template <class N, size_t K>
std::array<Ball<N>, K> sqrt(const std::array<Ball<N>, K>& g) {
  std::array<Ball<N>, K> r;
  r[0] = sqrt(g[0]);
  for (size_t k = 1; k < K; ++k) {
    Ball<N> rest = g[k];
    for (size_t j = 1; j < k; ++j) rest = rest - r[j] * r[k - j];
    r[k] = rest / (Ball<N>(2.0L) * r[0]);
  }
  return r;
}

}  // namespace rectify::verify
