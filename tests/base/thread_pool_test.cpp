#include "rectify/base/thread_pool.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/floating_environment.h"

namespace rectify {
namespace {

class ThreadPool : public testing::Test {
 protected:
  void TearDown() override { set_thread_count(before_); }

 private:
  int before_ = thread_count();
};

TEST_F(ThreadPool, covers_every_index_once_in_multiples_of_the_grain) {
  for (const int threads : {1, 2, 3, 8}) {
    set_thread_count(threads);
    for (const int64_t n : {0, 1, 2, 5, 63, 64, 65, 1000}) {
      for (const int64_t grain : {1, 3, 16, 1000, 5000}) {
        std::vector<std::atomic<int>> visits(static_cast<size_t>(n));
        std::atomic<int> ranges = 0, misplaced = 0;
        parallel_for(n, grain, [&](int64_t begin, int64_t end) {
          ++ranges;
          if (begin % grain != 0 || (end % grain != 0 && end != n)) ++misplaced;
          for (int64_t i = begin; i < end; ++i) ++visits[static_cast<size_t>(i)];
        });
        for (const auto& count : visits) ASSERT_EQ(count, 1);
        EXPECT_EQ(misplaced, 0);
        EXPECT_LE(ranges, threads);
        EXPECT_EQ(ranges == 0, n == 0);
      }
    }
  }
}

TEST_F(ThreadPool, uses_as_many_threads_as_it_was_told) {
  for (const int threads : {4, 1, 3}) {
    set_thread_count(threads);
    EXPECT_EQ(thread_count(), threads);
    std::mutex mutex;
    std::set<std::thread::id> ids;
    // None is done before all have begun: otherwise a thread that is done takes over what others have not begun.
    std::latch all_there(threads);
    parallel_for(threads, 1, [&](int64_t, int64_t) {
      {
        const std::lock_guard lock(mutex);
        ids.insert(std::this_thread::get_id());
      }
      all_there.arrive_and_wait();
    });
    EXPECT_EQ(static_cast<int>(ids.size()), threads);
  }
}

TEST_F(ThreadPool, refuses_to_have_no_thread) {
  EXPECT_THROW(set_thread_count(0), ArgumentError);
  EXPECT_THROW(set_thread_count(-3), ArgumentError);
}

TEST_F(ThreadPool, rethrows_the_exception_of_the_first_range_and_works_on) {
  set_thread_count(3);
  for (int round = 0; round < 200; ++round) {
    try {
      parallel_for(3, 1, [](int64_t begin, int64_t) {
        if (begin > 0) throw std::runtime_error(std::to_string(begin));
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "1");
    }
    std::atomic<int64_t> total = 0;
    parallel_for(100, 1, [&](int64_t begin, int64_t end) { total += end - begin; });
    ASSERT_EQ(total, 100);
  }
}

TEST_F(ThreadPool, lets_an_exception_of_a_call_that_runs_alone_through) {
  EXPECT_THROW(parallel_for(1, 8, [](int64_t, int64_t) { throw std::logic_error("alone"); }), std::logic_error);
  std::atomic<int> ranges = 0;
  set_thread_count(2);
  parallel_for(2, 1, [&](int64_t, int64_t) { ++ranges; });
  EXPECT_EQ(ranges, 2) << "the thread is still taken for one inside a body";
}

TEST_F(ThreadPool, runs_a_nested_call_on_the_calling_thread) {
  set_thread_count(3);
  for (const int64_t outer : {1, 6}) {
    std::atomic<int64_t> total = 0;
    std::atomic<int> strangers = 0;
    parallel_for(outer, 1, [&](int64_t begin, int64_t end) {
      const auto self = std::this_thread::get_id();
      for (int64_t i = begin; i < end; ++i) {
        parallel_for(50, 1, [&](int64_t b, int64_t e) {
          total += e - b;
          if (std::this_thread::get_id() != self) ++strangers;
        });
      }
    });
    EXPECT_EQ(total, outer * 50);
    EXPECT_EQ(strangers, 0);
  }
}

TEST_F(ThreadPool, serves_several_threads_of_the_program_at_once) {
  set_thread_count(3);
  std::atomic<int64_t> total = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) parallel_for(64, 4, [&](int64_t begin, int64_t end) { total += end - begin; });
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(total, 4 * 500 * 64);
}

TEST_F(ThreadPool, wakes_workers_that_have_gone_to_sleep) {
  set_thread_count(2);
  for (int i = 0; i < 20; ++i) {
    std::atomic<int> ranges = 0;
    parallel_for(2, 1, [&](int64_t, int64_t) { ++ranges; });
    EXPECT_EQ(ranges, 2);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_F(ThreadPool, runs_each_range_once_whoever_is_faster_the_caller_or_a_worker_about_to_sleep) {
  set_thread_count(3);
  for (int i = 0; i < 2000; ++i) {
    std::array<std::atomic<int>, 3> calls{};
    parallel_for(3, 1, [&](int64_t begin, int64_t end) {
      for (int64_t index = begin; index < end; ++index) ++calls[static_cast<size_t>(index)];
    });
    for (const auto& count : calls) ASSERT_EQ(count, 1);
    // Workers spin for some 50 microseconds: these calls come before, while and after they fall asleep.
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(i % 100);
    while (std::chrono::steady_clock::now() < end) {}
  }
}

TEST_F(ThreadPool, waits_for_a_range_that_takes_long) {
  set_thread_count(2);
  for (const int64_t slow : {0, 1}) {
    std::atomic<bool> done = false;
    parallel_for(2, 1, [&](int64_t begin, int64_t) {
      if (begin == slow) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        done = true;
      }
    });
    EXPECT_TRUE(done);
  }
}

TEST_F(ThreadPool, survives_many_calls_with_changing_thread_counts) {
  int64_t expected = 0;
  std::atomic<int64_t> total = 0;
  for (int i = 0; i < 2000; ++i) {
    if (i % 100 == 0) set_thread_count(1 + i / 100 % 5);
    const int64_t n = i % 37;
    expected += n;
    parallel_for(n, 1 + i % 3, [&](int64_t begin, int64_t end) { total += end - begin; });
  }
  EXPECT_EQ(total, expected);
}

TEST_F(ThreadPool, runs_bodies_in_the_standard_environment_and_restores_the_callers) {
  set_thread_count(3);
  ASSERT_EQ(std::fesetround(FE_UPWARD), 0);
  const volatile double one = 1, little = 0x1p-60;
  std::atomic<int> wrong = 0;
  for (const int64_t n : {1, 3}) {
    parallel_for(n, 1, [&](int64_t, int64_t) {
      if (!FloatingEnvironment::is_set() || one + little != 1.0) ++wrong;
    });
  }
  const double upward = one + little;
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(upward, 1.0);
}

#if defined(__SSE2__)
TEST_F(ThreadPool, keeps_subnormal_numbers_although_the_caller_flushes_them) {
  set_thread_count(2);
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);
  const volatile float tiny = 0x1p-120f;
  std::atomic<int> kept = 0;
  parallel_for(2, 1, [&](int64_t, int64_t) { kept += tiny * 0x1p-20f > 0 ? 1 : 0; });
  EXPECT_EQ(_mm_getcsr() & 0x8040u, 0x8040u);
  _mm_setcsr(before);
  EXPECT_EQ(kept, 2);
}
#endif

TEST_F(ThreadPool, ends_with_the_process_whether_idle_or_at_work) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        static const struct Late {
          ~Late() {
            parallel_for(8, 1, [](int64_t, int64_t) {});
          }
        } late;
        set_thread_count(3);
        parallel_for(8, 1, [](int64_t, int64_t) {});
        std::exit(7);
      },
      testing::ExitedWithCode(7), "");
  EXPECT_EXIT(
      {
        set_thread_count(3);
        parallel_for(3, 1, [](int64_t begin, int64_t) {
          if (begin == 2) std::exit(8);
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
        });
      },
      testing::ExitedWithCode(8), "");
}

}  // namespace
}  // namespace rectify
