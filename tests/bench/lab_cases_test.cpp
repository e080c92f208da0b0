// The programs of lab/cases: each is a configuration that loads, trains, and does not learn; it gets the right diagnosis, and learns after the repair.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/diagnosis/trial.h"
#include "rectify/base/files.h"
#include "rectify/diagnose/live.h"
#include "rectify/diagnose/mend.h"

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
  void SetUp() override {
    fs::current_path(RECTIFY_SOURCE_DIR);
    if (configuration().data.starts_with("fashion-mnist") && !fs::exists("/usr/share/datasets/fashion-mnist")) GTEST_SKIP() << "the Debian package dataset-fashion-mnist is not installed";
  }
  void TearDown() override { fs::current_path(before_); }

  static rectify::train::RunConfiguration configuration() { return rectify::train::read_configuration(GetParam()); }
  static std::vector<std::string> right_causes() { return nlohmann::json::parse(rectify::read_file(GetParam())).at("causes").get<std::vector<std::string>>(); }
  /// The share of the chance loss that is gone, by cross entropy or mse whatever was trained.
  static double learnt(rectify::train::Prepared& run, const rectify::train::TrainResult& result) {
    const bool classes = run.data.task() == rectify::data::Task::classification;
    return outcome_of(run, result, classes ? rectify::nn::Loss::cross_entropy : rectify::nn::Loss::mse).learnt();
  }

 private:
  fs::path before_ = fs::current_path();
};

TEST(LabCases, are_at_least_ten_that_are_repaired) {
  EXPECT_GE(std::ranges::count_if(lab_cases(), [](const fs::path& path) { return nlohmann::json::parse(rectify::read_file(path)).value("repaired", true); }), 10);
}

TEST_P(LabCase, says_what_was_asked_where_and_which_causes_are_right) {
  const nlohmann::json document = nlohmann::json::parse(rectify::read_file(GetParam()));
  for (const char* key : {"title", "question"}) EXPECT_FALSE(document.at(key).get<std::string>().empty()) << key;
  EXPECT_THAT(document.at("source").get<std::string>(), testing::StartsWith("http"));
  ASSERT_FALSE(right_causes().empty());
  for (const std::string& cause : right_causes()) EXPECT_TRUE(rectify::diagnose::find_cause(cause)) << cause;
}

TEST_P(LabCase, stays_far_from_what_can_be_learnt_and_gets_a_diagnosis_that_is_right) {
  rectify::train::Prepared run = rectify::train::prepare(configuration());
  rectify::diagnose::LiveDiagnosis diagnosis(run, [](const auto&, int64_t) {});
  rectify::train::Listener* const listeners[] = {&diagnosis};
  const rectify::train::TrainResult result = rectify::train::fit(run.model, *run.optimiser, run.data, run.options, listeners);
  EXPECT_LT(learnt(run, result), 0.7);
  const std::vector<rectify::diagnose::Finding> findings = diagnosis.findings_at_end(result);
  ASSERT_FALSE(findings.empty());
  EXPECT_NE(findings.front().level, rectify::diagnose::Level::info);
  EXPECT_THAT(right_causes(), testing::Contains(std::string(name(findings.front().cause))));
}

TEST_P(LabCase, learns_after_the_repair_unless_it_says_that_it_does_not) {
  rectify::diagnose::Mended mended = rectify::diagnose::train_and_repair(rectify::train::prepare(configuration()));
  const bool repaired = nlohmann::json::parse(rectify::read_file(GetParam())).value("repaired", true);
  EXPECT_EQ(learnt(mended.run, mended.result) > 0.7, repaired);
}

INSTANTIATE_TEST_SUITE_P(Programs, LabCase, testing::ValuesIn(lab_cases()), [](const auto& each) { return each.param.stem().string(); });

}  // namespace
}  // namespace bench::diagnosis
