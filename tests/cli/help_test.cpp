#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Help : public ProgramTest {};

TEST_F(Help, every_command_explains_itself_with_an_example) {
  const std::string overview = rectify({"--help"}).output;
  for (const std::string command : {"train", "test", "predict", "report", "prune", "plot", "activations", "evaluate", "verify", "benchmark"}) {
    EXPECT_THAT(overview, HasSubstr("  " + command + " "));
    const Outcome help = rectify({command, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_EQ(help.errors, "");
    EXPECT_THAT(help.output, HasSubstr("Usage: rectify " + command + " [OPTIONS]"));
    EXPECT_THAT(help.output, HasSubstr("Examples:\n  rectify " + command));
  }
}

TEST_F(Help, the_version_is_one_line) { EXPECT_THAT(rectify({"--version"}).output, MatchesRegex("rectify [0-9]+\\.[0-9]+\\.[0-9]+\n")); }

TEST_F(Help, activations_are_listed_and_described) {
  const nlohmann::json list = rectify_json({"activations"});
  EXPECT_GE(list["activations"].size(), 19u);
  EXPECT_THAT(rectify({"activations"}).output, HasSubstr("x*tanh(softplus(x))"));
  const nlohmann::json swish = rectify_json({"activations", "swish"});
  EXPECT_EQ(swish["formula"], "x*sigmoid(beta*x)");
  EXPECT_EQ(swish["parameters"][0]["name"], "beta");
  EXPECT_THAT(rectify({"activations", "leaky_relu"}).output, HasSubstr("negative_slope = 0.01"));
}

}  // namespace
}  // namespace rectify::cli_test
