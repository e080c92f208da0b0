#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;

class Benchmark : public ProgramTest {};

TEST_F(Benchmark, measures_every_activation_forward_and_backward) {
  const nlohmann::json report = rectify_json({"benchmark", "activations", "--rounds", "2"})["activations"];
  EXPECT_EQ(report["cases"].size(), 24u);
  for (const nlohmann::json& row : report["cases"]) {
    const nlohmann::json& ours = row["contenders"]["rectify"];
    EXPECT_EQ(ours["repetitions"].size(), 2u);
    EXPECT_GT(ours["ns per element"]["median"], 0) << row["case"];
  }
}

TEST_F(Benchmark, prints_a_table_and_where_the_other_libraries_are) {
  const Outcome outcome = rectify({"benchmark", "activations", "--rounds", "1"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, HasSubstr("mish backward"));
  EXPECT_THAT(outcome.output, HasSubstr("./benchmark"));
}

TEST_F(Benchmark, an_unknown_question_is_wrong_input) {
  const Outcome outcome = rectify({"benchmark", "speed"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, HasSubstr("'speed' is no question. Name steps, products or activations"));
}

}  // namespace
}  // namespace rectify::cli_test
