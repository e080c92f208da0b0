// The one thread pool. Work is split by rows or by elements, never along a reduced index, so the thread count cannot reach a result.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "rectify/base/floating_environment.h"

namespace rectify {

/// Number of threads that parallel_for uses, the calling one included. Default: std::thread::hardware_concurrency().
int thread_count();

/// Sets it (at least 1). Not to be called while a parallel_for runs; throws ArgumentError for count < 1.
void set_thread_count(int count);

namespace detail {
using RangeFunction = void (*)(void* context, int64_t begin, int64_t end);
void parallel_for(int64_t n, int64_t grain, RangeFunction function, void* context);

/// True on a thread that is running a body: a nested call stays on it.
inline thread_local bool inside_body = false;

/// While it lives, the thread is running a body.
class AloneOnThread {
 public:
  AloneOnThread() : before_(std::exchange(inside_body, true)) {}
  ~AloneOnThread() { inside_body = before_; }
  AloneOnThread(const AloneOnThread&) = delete;
  AloneOnThread& operator=(const AloneOnThread&) = delete;

 private:
  FloatingEnvironment environment_;
  bool before_;
};
}  // namespace detail

/// Calls body(begin, end) on disjoint ranges that cover [0, n), each a multiple of `grain` long but for the last, on several threads at once when n > grain.
/// Returns when all are done. The exception of the first range that threw is rethrown here.
/// A nested call runs on the calling thread alone, and so does a call while another thread of the program is in one.
/// Costs well under two microseconds while the workers are warm; they spin for a while after a call, then sleep. What no worker has begun when the calling thread is done with its own
/// part, that thread does as well: processors that wake slowly or are busy with something else are not waited for.
/// Every thread runs bodies with the floating-point environment set to round-to-nearest without flush-to-zero.
template <class Body>
void parallel_for(int64_t n, int64_t grain, Body&& body) {
  if (n <= 0) return;
  if (n <= grain || n == 1) {
    const detail::AloneOnThread alone;
    return static_cast<void>(body(int64_t{0}, n));
  }
  auto call = [](void* context, int64_t begin, int64_t end) { (*static_cast<std::remove_reference_t<Body>*>(context))(begin, end); };
  detail::parallel_for(n, grain, call, const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace rectify
