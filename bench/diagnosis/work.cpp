#include "bench/diagnosis/work.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace bench::diagnosis {

void run_all(const std::string& title, const std::vector<Task>& tasks, int threads) {
  const auto start = std::chrono::steady_clock::now();
  std::mutex mutex;
  size_t next = 0, done = 0;
  std::exception_ptr failure;
  const auto worker = [&] {
    for (;;) {
      size_t mine = 0;
      {
        const std::scoped_lock lock(mutex);
        if (failure || next == tasks.size()) return;
        mine = next++;
      }
      std::exception_ptr thrown;
      try {
        tasks[mine].run();
      } catch (const std::exception& error) {
        thrown = std::make_exception_ptr(std::runtime_error(tasks[mine].name + ": " + error.what()));
      }
      const std::scoped_lock lock(mutex);
      if (thrown && !failure) failure = thrown;
      ++done;
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (isatty(STDERR_FILENO)) {
        const double left = seconds / static_cast<double>(done) * static_cast<double>(tasks.size() - done);
        fmt::print(stderr, "\r{}: {} of {}, {:.0f} s left   ", title, done, tasks.size(), left);
      } else if (done == tasks.size() || done % 500 == 0) {
        fmt::print(stderr, "{}: {} of {}, {:.0f} s\n", title, done, tasks.size(), seconds);
      }
    }
  };
  std::vector<std::jthread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(worker);
  worker();
  pool.clear();
  if (isatty(STDERR_FILENO) && !tasks.empty()) fmt::print(stderr, "\n");
  if (failure) std::rethrow_exception(failure);
}

}  // namespace bench::diagnosis
