#include "rectify/base/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/floating_environment.h"

namespace rectify {
namespace {

constexpr auto spin_time = std::chrono::microseconds(50);

void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Spins until `ready()`, at most for `spin_time`. True if it became ready. After the first microseconds it offers the processor to others:
/// on a busy machine the thread that is waited for may be queued behind this one.
template <class Ready>
bool spin_until(Ready ready) {
  for (int i = 0; i < 64; ++i) {
    if (ready()) return true;
    pause_briefly();
  }
  const auto end = std::chrono::steady_clock::now() + spin_time;
  do {
    for (int i = 0; i < 16; ++i) {
      if (ready()) return true;
      pause_briefly();
    }
    std::this_thread::yield();
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

/// The part of a call that one thread runs.
struct Part {
  detail::RangeFunction function = nullptr;
  void* context = nullptr;
  int64_t begin = 0, end = 0;
};

using detail::inside_body;

std::exception_ptr run(const Part& part) noexcept {
  const FloatingEnvironment environment;
  inside_body = true;
  std::exception_ptr error;
  try {
    part.function(part.context, part.begin, part.end);
  } catch (...) {
    error = std::current_exception();
  }
  inside_body = false;
  return error;
}

/// One worker thread and its mailbox. `part_` and `error_` are the worker's while the state is running or awaited, otherwise the caller's; a posted part is for whoever changes the state first.
class alignas(128) Worker {
 public:
  Worker() : thread_([this] { loop(); }) {}
  ~Worker() {
    hand_over(stop);
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(const Part& part) {
    part_ = part;
    hand_over(posted);
  }

  /// Runs the posted part here if the worker has not begun it: a processor that wakes slowly, or is busy otherwise, is not waited for.
  void take_back() {
    int expected = posted;
    if (state_.compare_exchange_strong(expected, idle, std::memory_order_acq_rel)) error_ = run(part_);
  }

  /// Returns when the posted part is done, with the exception that it threw, if any.
  std::exception_ptr finish() {
    if (!spin_until([this] { return state_.load(std::memory_order_acquire) == idle; })) {
      int expected = running;
      if (state_.compare_exchange_strong(expected, awaited, std::memory_order_acq_rel)) expected = awaited;
      while (expected == awaited) {
        state_.wait(awaited, std::memory_order_acquire);
        expected = state_.load(std::memory_order_acquire);
      }
    }
    return std::move(error_);
  }

 private:
  // idle -> posted -> running -> idle while warm, or posted -> idle if the caller was faster; idle -> asleep when the worker has waited long; running -> awaited when the caller has.
  enum State : int { idle, posted, running, asleep, awaited, stop };

  void hand_over(State state) {
    if (state_.exchange(state, std::memory_order_acq_rel) == asleep) state_.notify_one();
  }

  void loop() {
    for (;;) {
      const auto called = [this] {
        const int state = state_.load(std::memory_order_acquire);
        return state == posted || state == stop;
      };
      if (!spin_until(called)) {
        int expected = idle;
        if (state_.compare_exchange_strong(expected, asleep, std::memory_order_acq_rel)) state_.wait(asleep, std::memory_order_acquire);
        continue;
      }
      int expected = posted;
      if (!state_.compare_exchange_strong(expected, running, std::memory_order_acq_rel)) {
        if (expected == stop) return;
        continue;
      }
      error_ = run(part_);
      if (state_.exchange(idle, std::memory_order_acq_rel) == awaited) state_.notify_one();
    }
  }

  std::atomic<int> state_{idle};
  Part part_;
  std::exception_ptr error_;
  std::thread thread_;
};

int default_thread_count() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

class Pool {
 public:
  int thread_count() const { return count_.load(std::memory_order_relaxed); }

  void set_thread_count(int count) {
    count_.store(count, std::memory_order_relaxed);
    if (!try_lock()) return;
    while (static_cast<int>(workers_.size()) > count - 1) workers_.pop_back();
    unlock();
  }

  void run_parts(int64_t n, int64_t grain, detail::RangeFunction function, void* context) {
    // A second thread of the program that calls at the same time works alone, as does everything after shut_down().
    if (!try_lock()) return run_alone(n, function, context);
    const int64_t chunks = (n - 1) / grain + 1;
    const int64_t parts = std::min<int64_t>({thread_count(), chunks, 1 + available_workers(thread_count() - 1)});
    const auto part = [&](int64_t index) {
      // Sizes differ by one chunk at most; written so that nothing overflows.
      const auto first_chunk = [&](int64_t i) { return chunks / parts * i + std::min(i, chunks % parts); };
      return Part{function, context, first_chunk(index) * grain, index + 1 == parts ? n : first_chunk(index + 1) * grain};
    };
    for (int64_t i = 1; i < parts; ++i) workers_[static_cast<size_t>(i - 1)]->post(part(i));
    std::exception_ptr error = run(part(0));
    for (int64_t i = 1; i < parts; ++i) workers_[static_cast<size_t>(i - 1)]->take_back();
    for (int64_t i = 1; i < parts; ++i) {
      std::exception_ptr other = workers_[static_cast<size_t>(i - 1)]->finish();
      if (!error) error = std::move(other);
    }
    unlock();
    if (error) std::rethrow_exception(error);
  }

  static void run_alone(int64_t n, detail::RangeFunction function, void* context) {
    const detail::AloneOnThread alone;
    function(context, 0, n);
  }

  /// Ends the workers for good, unless one of them or another thread is at work: then the process ends with them.
  void shut_down() {
    if (try_lock()) workers_.clear();
  }

 private:
  bool try_lock() { return !busy_.exchange(true, std::memory_order_acquire); }
  void unlock() { busy_.store(false, std::memory_order_release); }

  int64_t available_workers(int wanted) {
    while (static_cast<int>(workers_.size()) < wanted) {
      try {
        workers_.push_back(std::make_unique<Worker>());
      } catch (const std::system_error&) {
        break;  // the system gives no more threads; fewer do the same work
      }
    }
    return static_cast<int64_t>(workers_.size());
  }

  std::atomic<int> count_{default_thread_count()};
  std::atomic<bool> busy_{false};
  std::vector<std::unique_ptr<Worker>> workers_;
};

/// Never destroyed, so that static destructors of the program may still call kernels; only its workers end at exit.
Pool& pool() {
  static Pool* const instance = new Pool;
  static const struct AtExit {
    ~AtExit() { instance->shut_down(); }
  } at_exit;
  return *instance;
}

}  // namespace

int thread_count() { return pool().thread_count(); }

void set_thread_count(int count) {
  if (count < 1) throw ArgumentError("[set_thread_count] the count must be at least 1, not " + std::to_string(count) + ". Use 1 for no parallelism.");
  pool().set_thread_count(count);
}

void detail::parallel_for(int64_t n, int64_t grain, RangeFunction function, void* context) {
  if (n <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  if (n <= grain || inside_body || pool().thread_count() == 1) return Pool::run_alone(n, function, context);
  pool().run_parts(n, grain, function, context);
}

}  // namespace rectify
