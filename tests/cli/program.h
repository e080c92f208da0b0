// Runs the program as a user does, and keeps what it said.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace rectify::cli_test {

struct Outcome {
  int status = 0;  ///< the exit status, or 128 + the signal that ended it
  std::string output, errors;

  /// Standard output as JSON; a test failure if it is anything else than one document.
  nlohmann::json json() const;
};

using Environment = std::map<std::string, std::string>;

/// Runs `program` in `folder` and waits. `while_running(pid, errors file)` is called once after it has started.
Outcome run_program(const std::string& program, const std::vector<std::string>& arguments, const std::filesystem::path& folder, const Environment& environment = {},
                    const std::function<void(int pid, const std::filesystem::path& errors)>& while_running = {});

/// A fresh folder per test, in which the program runs, removed afterwards.
class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  Outcome rectify(const std::vector<std::string>& arguments, const Environment& environment = {}) const;
  /// Expects success and JSON.
  nlohmann::json rectify_json(std::vector<std::string> arguments, const Environment& environment = {}) const;
  void write(const std::string& name, const std::string& content) const;
  /// Names in the folder, sorted, those in subfolders too: "run/model.safetensors".
  std::vector<std::string> files() const;

  std::filesystem::path folder;
};

/// The program under test.
std::string program_path();

/// The content of a file; a test failure if there is none.
std::string content_of(const std::filesystem::path& path);

/// Makes glibc believe that the CPU has neither AVX2 nor FMA.
Environment masked_glibc();

}  // namespace rectify::cli_test
