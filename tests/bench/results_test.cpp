#include "bench/diagnosis/results.h"

#include <limits>

#include "rectify/base/files.h"
#include "support.h"

namespace bench::diagnosis {
namespace {

class ResultsFile : public WithFolder {
 protected:
  std::filesystem::path path_ = {};
  void SetUp() override {
    WithFolder::SetUp();
    path_ = folder_ / "results.jsonl";
  }
};

const TrialKey key{.name = "init_too_small/tanh_2/1", .fingerprint = "abc", .what = "", .seed = 3};

TEST_F(ResultsFile, is_read_again_and_goes_on) {
  Results(path_).add(key, {{"loss", 0.5}});
  Results again(path_);
  EXPECT_EQ(again.find(key).value().at("loss"), 0.5);
  TrialKey other = key;
  other.seed = 4;
  EXPECT_FALSE(again.find(other));
  again.add(other, {{"loss", 0.25}});
  EXPECT_EQ(Results(path_).find(other).value().at("loss"), 0.25);
}

TEST_F(ResultsFile, does_not_know_a_case_that_has_changed) {
  Results(path_).add(key, 1);
  TrialKey changed = key;
  changed.fingerprint = "abd";
  EXPECT_FALSE(Results(path_).find(changed));
}

TEST_F(ResultsFile, drops_a_last_line_that_was_cut_off_and_refuses_one_before) {
  Results(path_).add(key, 1);
  const std::string whole = rectify::read_file(path_);
  rectify::write_file(path_, whole + R"({"case": "init_to)");
  EXPECT_TRUE(Results(path_).find(key));
  EXPECT_EQ(rectify::read_file(path_), whole);
  rectify::write_file(path_, "not ours\n" + whole);
  EXPECT_THROW(Results{path_}, rectify::ArgumentError);
}

TEST(Numbers, of_a_training_that_diverged_survive_the_file) {
  EXPECT_EQ(number_of(to_json(std::numeric_limits<double>::infinity())), std::numeric_limits<double>::infinity());
  EXPECT_EQ(number_of(to_json(0.1)), 0.1);
}

}  // namespace
}  // namespace bench::diagnosis
