#include "bench/machine.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "bench/spread.h"
#include "rectify/base/thread_pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/machine.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Twelve independent chains hide the latency of two or three units and fit, with two constants, into sixteen registers.
float multiply_add(int64_t operations) {
  const hn::ScalableTag<float> d;
  const auto x = hn::Set(d, 0.999f), y = hn::Set(d, 0.001f);
  auto c0 = hn::Iota(d, 0.0f), c1 = hn::Iota(d, 0.1f), c2 = hn::Iota(d, 0.2f), c3 = hn::Iota(d, 0.3f), c4 = hn::Iota(d, 0.4f), c5 = hn::Iota(d, 0.5f);
  auto c6 = hn::Iota(d, 0.6f), c7 = hn::Iota(d, 0.7f), c8 = hn::Iota(d, 0.8f), c9 = hn::Iota(d, 0.9f), c10 = hn::Iota(d, 1.0f), c11 = hn::Iota(d, 1.1f);
  const int64_t each = 12 * 2 * static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < operations; i += each) {
    c0 = hn::MulAdd(c0, x, y);
    c1 = hn::MulAdd(c1, x, y);
    c2 = hn::MulAdd(c2, x, y);
    c3 = hn::MulAdd(c3, x, y);
    c4 = hn::MulAdd(c4, x, y);
    c5 = hn::MulAdd(c5, x, y);
    c6 = hn::MulAdd(c6, x, y);
    c7 = hn::MulAdd(c7, x, y);
    c8 = hn::MulAdd(c8, x, y);
    c9 = hn::MulAdd(c9, x, y);
    c10 = hn::MulAdd(c10, x, y);
    c11 = hn::MulAdd(c11, x, y);
  }
  const auto sum = hn::Add(hn::Add(hn::Add(c0, c1), hn::Add(c2, c3)), hn::Add(hn::Add(hn::Add(c4, c5), hn::Add(c6, c7)), hn::Add(hn::Add(c8, c9), hn::Add(c10, c11))));
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

/// Reads n numbers, a multiple of four vectors, and does as little with them as possible.
float largest(const float* numbers, int64_t n) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto m0 = hn::Zero(d), m1 = m0, m2 = m0, m3 = m0;
  for (int64_t i = 0; i < n; i += 4 * lanes) {
    m0 = hn::Max(m0, hn::LoadU(d, numbers + i));
    m1 = hn::Max(m1, hn::LoadU(d, numbers + i + lanes));
    m2 = hn::Max(m2, hn::LoadU(d, numbers + i + 2 * lanes));
    m3 = hn::Max(m3, hn::LoadU(d, numbers + i + 3 * lanes));
  }
  return hn::GetLane(hn::MaxOfLanes(d, hn::Max(hn::Max(m0, m1), hn::Max(m2, m3))));
}

}  // namespace bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bench {
namespace {

HWY_EXPORT(multiply_add);
HWY_EXPORT(largest);

/// Keeps the compiler from leaving the work out.
volatile float kept;

}  // namespace

Contender fma_peak(double operations, int threads) {
  const auto share = static_cast<int64_t>(operations / threads);
  const auto function = HWY_DYNAMIC_DISPATCH(multiply_add);
  return {.name = peak_name,
          .run =
              [=] {
                rectify::parallel_for(threads, 1, [&](int64_t begin, int64_t end) {
                  for (int64_t i = begin; i < end; ++i) kept = function(share);
                });
              },
          .prepare = [=] { rectify::set_thread_count(threads); },
          .threads = threads};
}

double memory_bandwidth(int threads) {
  constexpr int64_t count = int64_t{1} << 25, part = 1 << 14;  // 128 MB
  rectify::set_thread_count(threads);
  const std::unique_ptr<float[]> from(new float[count]), to(new float[count]);
  std::memset(from.get(), 0, count * sizeof(float));
  const auto shared_out = [&](const std::function<void(int64_t first, int64_t n)>& pass) {
    rectify::parallel_for(count / part, 1, [&](int64_t begin, int64_t end) { pass(begin * part, (end - begin) * part); });
  };
  const auto copy = [&](int64_t first, int64_t n) { std::memcpy(to.get() + first, from.get() + first, static_cast<size_t>(n) * sizeof(float)); };
  const auto read = [&](int64_t first, int64_t n) { kept = HWY_DYNAMIC_DISPATCH(largest)(from.get() + first, n); };
  const Contender contenders[] = {{.name = "copying", .run = [&] { shared_out(copy); }, .threads = threads},
                                  {.name = "reading", .run = [&] { shared_out(read); }, .threads = threads}};
  std::mt19937 random(1);
  const std::vector<std::vector<double>> seconds = measure(contenders, {.rounds = 9, .seconds = 0}, random);
  const double copying = spread(seconds[0]).median, reading = spread(seconds[1]).median;
  const double bytes = static_cast<double>(count) * sizeof(float);
  return std::max(2 * bytes / copying, bytes / reading);
}

}  // namespace bench
#endif
