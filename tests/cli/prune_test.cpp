// prune: a saved run without its dead units.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PruneRuns : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    std::string table = "x,y,kind\n";
    for (int i = 0; i < 200; ++i) table += std::to_string(i % 17 - 8) + "," + std::to_string(i % 13 - 6) + (i % 17 > 8 ? ",right\n" : ",left\n");
    write("points.csv", table);
    // Biases of up to some -20 beside inputs of variance 1: many units never fire.
    rectify_json({"train", "--data", "csv(points.csv, test=0)", "--net", "linear(40, bias=normal(8)), relu, linear(2)", "--epochs", "2", "--out", "run"});
  }
};

TEST_F(PruneRuns, become_smaller_and_answer_the_same_bits) {
  const nlohmann::json result = rectify_json({"prune", "run", "--out", "smaller"});
  const size_t removed = result["units_removed"];
  EXPECT_GT(removed, 3u);
  EXPECT_LT(removed, 40u);
  EXPECT_EQ(result["layers"][0]["removed"].size(), removed);
  EXPECT_EQ(result["samples"], 200);
  EXPECT_EQ(result["parameters_before"].get<size_t>() - result["parameters_after"].get<size_t>(), removed * (2 + 1 + 2));

  rectify({"predict", "run", "--data", "points.csv", "--output", "before.npy"});
  rectify({"predict", "smaller", "--data", "points.csv", "--output", "after.npy"});
  EXPECT_EQ(content_of(folder / "after.npy"), content_of(folder / "before.npy"));

  // A run like any other: it says what it is, its report can be written again, and it can be trained again.
  const nlohmann::json run = nlohmann::json::parse(content_of(folder / "smaller" / "run.json"));
  EXPECT_EQ(run["configuration"]["network"], "linear(" + std::to_string(40 - removed) + ", bias=normal(8)), relu, linear(2)");
  EXPECT_EQ(run["pruned"]["units_removed"], removed);
  EXPECT_TRUE(nlohmann::json::parse(content_of(folder / "run" / "run.json"))["log"].contains("watch"));
  EXPECT_FALSE(run["log"].contains("watch"));
  EXPECT_THAT(content_of(folder / "smaller" / "report.html"), HasSubstr("<html"));
  EXPECT_EQ(rectify({"report", "smaller", "--out", "again.html"}).status, 0);
  EXPECT_EQ(rectify({"train", "--config", "smaller/run.json", "--epochs", "1"}).status, 0);
  // A second time there is nothing left to remove.
  EXPECT_EQ(rectify_json({"prune", "smaller", "--out", "smallest"})["units_removed"], 0);
}

TEST_F(PruneRuns, say_in_lines_what_was_removed) {
  const Outcome outcome = rectify({"prune", "run", "--out", "smaller"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.output, HasSubstr("layer 0, linear(40, bias=normal(8)): "));
  EXPECT_THAT(outcome.output, HasSubstr("the outputs for 200 training samples are the same bits"));
  EXPECT_THAT(outcome.errors, IsEmpty());
}

TEST_F(PruneRuns, are_refused_without_a_place_with_changed_data_and_where_there_is_none) {
  EXPECT_EQ(rectify({"prune", "run"}).status, 2);
  EXPECT_THAT(rectify({"prune", "run"}).errors, HasSubstr("--out is missing"));
  const Outcome itself = rectify({"prune", "run", "--out", "run"});
  EXPECT_EQ(itself.status, 2);
  EXPECT_THAT(itself.errors, HasSubstr("is the run itself"));
  EXPECT_EQ(rectify({"prune", "nothing", "--out", "smaller"}).status, 3);
  write("points.csv", "x,y,kind\n1,2,left\n3,4,right\n5,5,left\n");
  const Outcome changed = rectify({"prune", "run", "--out", "smaller"});
  EXPECT_EQ(changed.status, 2);
  EXPECT_THAT(changed.errors, HasSubstr("prepared otherwise now"));
  EXPECT_FALSE(std::filesystem::exists(folder / "smaller"));
}

}  // namespace
}  // namespace rectify::cli_test
