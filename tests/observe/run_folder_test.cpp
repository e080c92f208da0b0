#include "rectify/observe/run_folder.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "rectify/base/files.h"
#include "rectify/observe/recorder.h"
#include "rectify/observe/run_log_json.h"

namespace rectify::observe {
namespace {

using testing::HasSubstr;

class RunFolderFiles : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / ("rectify_observe_" + std::to_string(::getpid()) + "_" + test->name());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Trains a small network and writes its folder.
  train::TrainResult train_and_write() {
    recorder_ = Recorder(run_.options.loss);
    train::Listener* const listeners[] = {&recorder_};
    const train::TrainResult result = train::fit(run_.model, *run_.optimiser, run_.data, run_.options, listeners);
    write_run_folder(folder_, run_, result, recorder_.log(), "1.2.3");
    return result;
  }

  std::filesystem::path folder_;
  Recorder recorder_{nn::Loss::cross_entropy};
  train::Prepared run_ = train::prepare({.network = "linear(8), prelu, linear(2)", .data = "moons(n=100, validation=0.2)", .epochs = 2, .batch = 16});
};

TEST_F(RunFolderFiles, hold_the_log_the_weights_and_what_is_needed_to_repeat_the_run) {
  const train::TrainResult result = train_and_write();
  EXPECT_EQ(to_json(load_run_log(folder_)), to_json(recorder_.log()));

  train::SavedRun saved = train::load_run(folder_);
  EXPECT_EQ(train::weights_sha256(saved.model), train::weights_sha256(run_.model));
  EXPECT_EQ(saved.preprocessing, run_.data.preprocessing);

  const auto json = nlohmann::json::parse(read_file(folder_ / "run.json"));
  EXPECT_EQ(json.at("version"), "1.2.3");
  EXPECT_EQ(json.at("status"), "finished");
  EXPECT_EQ(json.at("summary").at("weights_sha256"), train::weights_sha256(run_.model));
  EXPECT_EQ(json.at("summary").at("test_accuracy"), result.epochs.back().test.accuracy);
  EXPECT_EQ(json.at("summary").at("epochs"), 2);
  EXPECT_TRUE(json.at("summary").contains("validation_loss"));
  EXPECT_GE(json.at("threads"), 1);
  EXPECT_FALSE(json.at("target").get<std::string>().empty());

  train::Prepared again = train::prepare(train::read_configuration(folder_ / "run.json"));
  train::fit(again.model, *again.optimiser, again.data, again.options);
  EXPECT_EQ(train::weights_sha256(again.model), train::weights_sha256(run_.model));
}

TEST_F(RunFolderFiles, count_the_epochs_before_a_training_went_on) {
  const int64_t per_epoch = (run_.data.train.size() + 15) / 16;
  run_.options.first_step = train::take_steps(run_.model, *run_.optimiser, run_.data.train, run_.options, per_epoch).steps;
  EXPECT_EQ(train_and_write().epochs.size(), 1u);
  EXPECT_EQ(nlohmann::json::parse(read_file(folder_ / "run.json")).at("summary").at("epochs"), 2);
}

TEST_F(RunFolderFiles, say_that_a_run_diverged_and_why) {
  run_.optimiser->set_learning_rate(1e30);
  const train::TrainResult result = train_and_write();
  ASSERT_TRUE(result.diverged);
  const auto json = nlohmann::json::parse(read_file(folder_ / "run.json"));
  EXPECT_EQ(json.at("status"), "diverged");
  EXPECT_EQ(json.at("divergence"), result.divergence);
  EXPECT_EQ(to_json(load_run_log(folder_)), to_json(recorder_.log()));
}

TEST_F(RunFolderFiles, are_read_with_errors_that_name_the_file_and_the_field) {
  const auto refusal = [&]() -> std::string {
    try {
      load_run_log(folder_);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal(), HasSubstr("run.json"));
  write_file(folder_ / "run.json", "{");
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("run.json"), HasSubstr("not JSON")));
  write_file(folder_ / "run.json", "{}");
  EXPECT_THAT(refusal(), HasSubstr("the field log is missing"));
  write_file(folder_ / "run.json", "{\"log\": {\"layers\": []}}");
  EXPECT_THAT(refusal(), testing::AllOf(HasSubstr("run.json"), HasSubstr("epochs is missing")));
}

}  // namespace
}  // namespace rectify::observe
