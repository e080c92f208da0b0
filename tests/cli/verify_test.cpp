#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;

class Verifying : public ProgramTest {};

TEST_F(Verifying, a_right_activation_has_no_misrounded_result_and_status_0) {
  const nlohmann::json document = rectify_json({"verify", "relu", "--samples", "1024"});
  ASSERT_EQ(document["results"].size(), 3u);
  for (const auto& result : document["results"]) {
    EXPECT_EQ(result["misrounded"], 0);
    EXPECT_EQ(result["dtype"], "float32");
    EXPECT_GT(result["count"], 1024);
  }
}

TEST_F(Verifying, parameters_derivative_and_type_are_taken) {
  const nlohmann::json document = rectify_json({"verify", "elu(alpha=0.5)", "--derivative", "1", "--dtype", "float64", "--samples", "300"});
  ASSERT_EQ(document["results"].size(), 1u);
  EXPECT_EQ(document["results"][0]["activation"], "elu(alpha=0.5)");
  EXPECT_EQ(document["results"][0]["allowed_ulp"], 2);
}

TEST_F(Verifying, a_type_of_16_bits_is_verified_for_all_its_inputs) {
  for (const char* type : {"float16", "bfloat16"}) {
    const nlohmann::json document = rectify_json({"verify", "tanh", "--dtype", type});
    ASSERT_EQ(document["results"].size(), 3u);
    for (const auto& result : document["results"]) {
      EXPECT_EQ(result["dtype"], type);
      EXPECT_EQ(result["inputs"], "exhaustive");
      EXPECT_EQ(result["count"], 65536);
      EXPECT_EQ(result["misrounded"], 0);
    }
  }
}

TEST_F(Verifying, a_record_is_continued_and_not_repeated) {
  const std::vector<std::string> command{"verify", "relu", "--samples", "64", "--out", "proof.jsonl", "--markdown", "proof.md"};
  EXPECT_EQ(rectify(command).status, 0);
  std::string record = content_of(folder / "proof.jsonl");
  EXPECT_EQ(std::count(record.begin(), record.end(), '\n'), 3);
  EXPECT_THAT(content_of(folder / "proof.md"), ::testing::ContainsRegex("\\| relu \\| [0-9]+ \\| 0 \\| 0 \\| 0 \\|"));
  // Cut off in its last line, as the end of the program leaves it: that one is done again, the others are not.
  write("proof.jsonl", record.substr(0, record.size() - 40));
  EXPECT_EQ(rectify(command).status, 0);
  const std::string again = content_of(folder / "proof.jsonl");
  EXPECT_EQ(std::count(again.begin(), again.end(), '\n'), 3);
  const size_t second = record.find('\n', record.find('\n') + 1) + 1;
  EXPECT_EQ(again.substr(0, second), record.substr(0, second));
}

TEST_F(Verifying, recorded_results_become_a_page) {
  EXPECT_EQ(rectify({"verify", "relu", "--samples", "64", "--out", "a.jsonl"}).status, 0);
  EXPECT_EQ(rectify({"verify", "tanh", "--dtype", "float64", "--samples", "50", "--derivative", "1", "--out", "b.jsonl"}).status, 0);
  const nlohmann::json document = rectify_json({"verify", "--from", "a.jsonl", "--from", "b.jsonl", "--markdown", "page.md", "--note", "commit 1a2b3c"});
  EXPECT_EQ(document["results"].size(), 4u);
  const std::string page = content_of(folder / "page.md");
  EXPECT_THAT(page, ::testing::StartsWith("# Accuracy\n\ncommit 1a2b3c\n"));
  EXPECT_THAT(page, HasSubstr("`rectify verify all --samples 64 --out FILE`: 3 derivatives of 1 activations"));
  EXPECT_THAT(page, HasSubstr("`rectify verify all --dtype float64 --samples 50 --out FILE`"));
  EXPECT_THAT(page, HasSubstr("0 of them are not the nearest number."));
  // A result beyond the contract is told, and is the status.
  std::string line = content_of(folder / "b.jsonl");
  line.replace(line.find("\"failures\":0"), 12, "\"failures\":7");
  write("b.jsonl", line);
  EXPECT_EQ(rectify({"verify", "--from", "b.jsonl", "--markdown", "page.md"}).status, 1);
  EXPECT_THAT(content_of(folder / "page.md"), HasSubstr("7 beyond the bound"));
}

TEST_F(Verifying, wrong_input_is_one_line_and_status_2) {
  write("notes.txt", "milk\neggs\n");
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"verify", "mihs"}, "mish"},
      {{"verify", "relu", "--derivative", "3"}, "[--derivative]"},
      {{"verify", "relu", "--dtype", "float31"}, "[--dtype]"},
      {{"verify", "relu", "--samples", "1000"}, "power of two"},
      {{"verify", "relu", "--exhaustive", "--dtype", "float64"}, "2^64"},
      {{"verify", "relu", "--dtype", "float16", "--samples", "64"}, "all are tried"},
      {{"verify", "relu", "--exhaustive", "--samples", "64"}, "Leave one of them out"},
      {{"verify"}, "--from"},
      {{"verify", "relu", "--from", "notes.txt"}, "verifies nothing"},
      {{"verify", "--from", "notes.txt"}, "not a result of verify"},
      {{"verify", "relu", "--samples", "64", "--note", "today"}, "--markdown"},
      {{"verify", "relu", "--samples", "64", "--out", "notes.txt"}, "not a result of verify"}};
  for (const auto& [command, message] : cases) {
    const Outcome outcome = rectify(command);
    EXPECT_EQ(outcome.status, 2) << message;
    EXPECT_THAT(outcome.errors, HasSubstr(message));
    EXPECT_EQ(std::count(outcome.errors.begin(), outcome.errors.end(), '\n'), 1);
  }
  EXPECT_EQ(content_of(folder / "notes.txt"), "milk\neggs\n");
}

TEST_F(Verifying, control_c_ends_it_with_130_and_keeps_the_record) {
  const Outcome outcome = run_program(program_path(), {"verify", "gelu", "--exhaustive", "--out", "proof.jsonl"}, folder, {}, [](int pid, const std::filesystem::path&) {
    ::usleep(500000);
    ::kill(pid, SIGINT);
  });
  EXPECT_EQ(outcome.status, 130);
  EXPECT_THAT(outcome.errors, HasSubstr("--out FILE the same command goes on"));
}

}  // namespace
}  // namespace rectify::cli_test
