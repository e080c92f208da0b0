// test and predict: a saved run on new data, prepared as its training data were.
#include <gmock/gmock.h>

#include <cmath>

#include "rectify/data/npy.h"
#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class SavedRuns : public ProgramTest {
 protected:
  /// Two classes, apart along the sum of the columns; the numbers are far from mean 0, so that a run that forgot its scaling would fail.
  static std::string table(int rows, bool labels, bool swapped = false) {
    std::string text = swapped ? "width,length" : "length,width";
    text += labels ? ",kind\n" : "\n";
    for (int i = 0; i < rows; ++i) {
      const bool big = i % 2 == 1;
      const std::string length = std::to_string(1000 + i % 7 + (big ? 20 : 0)), width = std::to_string(-50 + i % 5 + (big ? 10 : 0));
      text += swapped ? width + "," + length : length + "," + width;
      text += labels ? (big ? ",\"big, really\"\n" : ",small\n") : "\n";
    }
    return text;
  }
  void SetUp() override {
    ProgramTest::SetUp();
    write("flowers.csv", table(120, true));
    const nlohmann::json result = rectify_json({"train", "--data", "flowers.csv", "--net", "linear(8), relu, linear(2)", "--optimiser", "adam(lr=0.02)", "--batch", "16", "--epochs", "20", "--out", "run"});
    ASSERT_EQ(result["test_accuracy"], 1.0);
  }
};

TEST_F(SavedRuns, are_tested_on_new_labelled_data) {
  write("new.csv", table(30, true));
  const nlohmann::json result = rectify_json({"test", "run", "--data", "new.csv"});
  EXPECT_EQ(result["accuracy"], 1.0);
  EXPECT_EQ(result["samples"], 30);
  EXPECT_EQ(result["classes"][0]["samples"].get<int>() + result["classes"][1]["samples"].get<int>(), 30);
  EXPECT_THAT(rectify({"test", "run", "--data", "new.csv"}).output, HasSubstr("accuracy 1.0000"));
  write("unlabelled.csv", table(30, false));
  EXPECT_EQ(rectify({"test", "run", "--data", "unlabelled.csv"}).status, 2);
}

TEST_F(SavedRuns, with_row_wise_and_gated_units_are_read_back) {
  const char* net = "linear(64), swiglu(learned=true), linear(30), maxout(3), crelu, rational, geglu(tanh, layout=interleaved), linear(4), glu(swapped), softmin, linear(2)";
  const nlohmann::json result = rectify_json({"train", "--data", "flowers.csv", "--net", net, "--optimiser", "adam(lr=0.02)", "--batch", "16", "--epochs", "20", "--out", "units"});
  write("again.csv", table(120, true));
  EXPECT_EQ(rectify_json({"test", "units", "--data", "again.csv"})["accuracy"], 1.0);
  EXPECT_EQ(result["test_accuracy"], 1.0);
}

TEST_F(SavedRuns, predict_from_a_table_without_labels_in_another_order) {
  write("new.csv", table(4, false, true));
  EXPECT_EQ(rectify({"predict", "run", "--data", "new.csv", "--output", "answers.csv"}).status, 0);
  const std::string answers = content_of(folder / "answers.csv");
  EXPECT_THAT(answers, StartsWith("prediction,\"p(big, really)\",p(small)\nsmall,"));
  EXPECT_THAT(answers, HasSubstr("\n\"big, really\","));
  EXPECT_EQ(rectify({"predict", "run", "--data", "new.csv"}).output, answers);
  const nlohmann::json json = rectify_json({"predict", "run", "--data", "new.csv"});
  EXPECT_EQ(json["predictions"], nlohmann::json({"small", "big, really", "small", "big, really"}));
}

TEST_F(SavedRuns, predict_probabilities_into_an_array) {
  write("new.csv", table(5, false));
  EXPECT_EQ(rectify({"predict", "run", "--data", "new.csv", "--output", "answers.npy"}).status, 0);
  const Tensor answers = data::read_npy(folder / "answers.npy");
  EXPECT_EQ(answers.shape(), (Shape{5, 2}));
  for (int64_t i = 0; i < 5; ++i) EXPECT_NEAR(answers.at(2 * i) + answers.at(2 * i + 1), 1, 1e-6);
}

TEST_F(SavedRuns, predict_numbers_of_a_regression) {
  std::string text = "x,y\n";
  for (int i = 0; i < 200; ++i) text += std::to_string(i / 100.0) + "," + std::to_string(3 * (i / 100.0) - 1) + "\n";
  write("line.csv", text);
  const nlohmann::json result =
      rectify_json({"train", "--data", "line.csv", "--net", "linear(1)", "--loss", "mse", "--optimiser", "adam(lr=0.05)", "--epochs", "60", "--batch", "16", "--out", "line"});
  EXPECT_LT(result["test_loss"].get<double>(), 1e-3);
  EXPECT_FALSE(result.contains("test_accuracy") && result["test_accuracy"].is_number());
  write("x.csv", "x\n0.5\n1.5\n");
  const nlohmann::json answers = rectify_json({"predict", "line", "--data", "x.csv"});
  EXPECT_NEAR(answers["predictions"][0].get<double>(), 0.5, 0.1);
  EXPECT_NEAR(answers["predictions"][1].get<double>(), 3.5, 0.1);
}

TEST_F(SavedRuns, refuse_columns_that_they_were_not_trained_on) {
  write("other.csv", "length,height\n1,2\n");
  const Outcome outcome = rectify({"predict", "run", "--data", "other.csv", "--output", "answers.csv"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("width"));
  EXPECT_FALSE(std::filesystem::exists(folder / "answers.csv"));
}

}  // namespace
}  // namespace rectify::cli_test
