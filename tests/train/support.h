// What the tests of training share.
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "rectify/base/files.h"
#include "rectify/base/thread_pool.h"
#include "rectify/format/digest.h"
#include "rectify/kernel/target.h"
#include "rectify/train/run.h"
#include "tests/support/message_of.h"

namespace rectify::train {

using test::message_of;

inline std::string digest_of(nn::Module& model) { return format::weights_sha256(model.state()); }

/// Threads and target as they were, after a test that changes them.
class KeepMachine {
 public:
  KeepMachine() : threads_(thread_count()), target_(kernel::current_target()) {}
  ~KeepMachine() {
    set_thread_count(threads_);
    kernel::set_target(target_);
  }
  KeepMachine(const KeepMachine&) = delete;
  KeepMachine& operator=(const KeepMachine&) = delete;

 private:
  int threads_;
  std::string target_;
};

/// A folder that is removed with its content after each test.
class WithRunFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / ("rectify_train_" + std::to_string(::getpid()) + "_" + test->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

}  // namespace rectify::train
