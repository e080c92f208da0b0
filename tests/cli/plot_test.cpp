#include <gmock/gmock.h>

#include "rectify/activation/catalogue.h"
#include "tests/cli/program.h"
#include "tests/report/xml_checker.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;

class Plotting : public ProgramTest {
 protected:
  std::string plotted(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{"plot"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--out", "picture.svg"});
    const Outcome outcome = rectify(all);
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    const std::string svg = content_of(folder / "picture.svg");
    EXPECT_EQ(report::xml_problem(svg), "");
    EXPECT_FALSE(report::has_bad_number(svg));
    return svg;
  }
};

TEST_F(Plotting, one_activation_and_the_poster_of_all) {
  EXPECT_THAT(plotted({"leaky_relu(0.2)", "--low", "-2", "--high", "2"}), HasSubstr("negative_slope=0.2"));
  const std::string poster = plotted({"poster"});
  for (const std::string& name : activation::names()) EXPECT_THAT(poster, HasSubstr(">" + name + "<"));
}

TEST_F(Plotting, a_range_that_is_upside_down_is_refused) {
  const Outcome outcome = rectify({"plot", "relu", "--low", "2", "--high", "-2", "--out", "picture.svg"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("--low"));
}

TEST_F(Plotting, the_xor_lesson_has_three_panels) {
  const std::string svg = plotted({"xor"});
  for (const char* text : {"No hidden layer", "linear(8), identity, linear(2)", "linear(8), relu, linear(2): 100.0 %", "one affine map gives the same outputs", "no affine map"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
}

/// What a linear boundary cannot do, and a hidden layer does only if its activation bends.
class XorLesson : public ProgramTest, public ::testing::WithParamInterface<int> {
 protected:
  double accuracy(const std::string& network) const {
    return rectify_json({"train", "--data", "xor(n=800, seed=" + std::to_string(GetParam()) + ")", "--net", network, "--optimiser", "adam(lr=0.02)", "--epochs", "30", "--batch",
                         "32", "--seed", std::to_string(GetParam())})["test_accuracy"];
  }
};

TEST_P(XorLesson, no_hidden_layer_stays_at_a_linear_boundary) { EXPECT_LE(accuracy("linear(2)"), 0.75); }
TEST_P(XorLesson, a_linear_hidden_layer_stays_at_a_linear_boundary) { EXPECT_LE(accuracy("linear(8), identity, linear(2)"), 0.75); }
TEST_P(XorLesson, a_hidden_layer_with_relu_solves_it) { EXPECT_EQ(accuracy("linear(8), relu, linear(2)"), 1.0); }

INSTANTIATE_TEST_SUITE_P(Cli, XorLesson, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace rectify::cli_test
