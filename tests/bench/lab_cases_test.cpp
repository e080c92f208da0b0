// The programs of lab/cases: each is a configuration that loads, trains, and does not learn.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/diagnosis/trial.h"
#include "rectify/base/files.h"
#include "rectify/diagnose/finding.h"

namespace bench::diagnosis {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> lab_cases() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(RECTIFY_SOURCE_DIR) / "lab" / "cases")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// Paths in the cases are relative to the root of the repository.
class LabCase : public testing::TestWithParam<fs::path> {
 protected:
  void SetUp() override { fs::current_path(RECTIFY_SOURCE_DIR); }
  void TearDown() override { fs::current_path(before_); }
  fs::path before_ = fs::current_path();
};

TEST(LabCases, are_at_least_ten) { EXPECT_GE(lab_cases().size(), 10u); }

TEST_P(LabCase, says_what_was_asked_where_and_which_causes_are_right) {
  const nlohmann::json document = nlohmann::json::parse(rectify::read_file(GetParam()));
  for (const char* key : {"title", "question"}) EXPECT_FALSE(document.at(key).get<std::string>().empty()) << key;
  EXPECT_THAT(document.at("source").get<std::string>(), testing::StartsWith("http"));
  ASSERT_FALSE(document.at("causes").empty());
  for (const auto& cause : document.at("causes")) EXPECT_TRUE(rectify::diagnose::find_cause(cause.get<std::string>())) << cause;
}

TEST_P(LabCase, trains_and_stays_far_from_what_can_be_learnt) {
  const rectify::train::RunConfiguration configuration = rectify::train::read_configuration(GetParam());
  if (configuration.data.starts_with("fashion-mnist") && !fs::exists("/usr/share/datasets/fashion-mnist")) GTEST_SKIP() << "the Debian package dataset-fashion-mnist is not installed";
  rectify::train::Prepared run = rectify::train::prepare(configuration);
  const rectify::train::TrainResult result = rectify::train::fit(run.model, *run.optimiser, run.data, run.options);
  const rectify::nn::Loss loss = rectify::nn::is_classification(run.options.loss) ? rectify::nn::Loss::cross_entropy : rectify::nn::Loss::mse;
  const Outcome outcome = outcome_of(run, result, loss);
  EXPECT_LT(outcome.learnt(), 0.7) << "loss " << outcome.loss << " of " << outcome.chance;
}

INSTANTIATE_TEST_SUITE_P(Programs, LabCase, testing::ValuesIn(lab_cases()), [](const auto& each) { return each.param.stem().string(); });

}  // namespace
}  // namespace bench::diagnosis
