#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

class Training : public ProgramTest {
 protected:
  /// A small run with everything in it that draws random numbers or calls a transcendental: shuffling, dropout, initialisation, a cosine, Adam's powers.
  static std::vector<std::string> small(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"train", "--data", "spirals(n=300, seed=3)", "--net", "linear(24), mish, dropout(0.1), linear(16, init=orthogonal), gelu, linear(2)",
                                       "--optimiser", "adamw(lr=0.01)", "--schedule", "cosine(warmup=1)", "--epochs", "4", "--batch", "32", "--seed", "5"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::string hash(const std::vector<std::string>& more = {}, const Environment& environment = {}) const {
    return rectify_json(small(more), environment)["weights_sha256"].get<std::string>();
  }
};

TEST_F(Training, a_run_leaves_its_weights_its_description_and_its_report) {
  const nlohmann::json result = rectify_json(small({"--out", "run"}));
  EXPECT_THAT(files(), ElementsAre("run", "run/model.safetensors", "run/report.html", "run/run.json"));
  for (const char* key : {"train_loss", "test_loss", "test_accuracy", "seconds"}) EXPECT_TRUE(result[key].is_number()) << key;
  EXPECT_EQ(result["epochs"], 4);
  EXPECT_EQ(result["weights_sha256"].get<std::string>().size(), 64u);
  const nlohmann::json described = nlohmann::json::parse(content_of(folder / "run/run.json"));
  EXPECT_EQ(described["summary"]["weights_sha256"], result["weights_sha256"]);
  EXPECT_EQ(described["status"], "finished");
  EXPECT_EQ(described["log"]["epochs"].size(), 4u);
  const std::string report = content_of(folder / "run/report.html");
  for (const char* text : {"Decision regions", "mish", "gelu", "<svg"}) EXPECT_THAT(report, HasSubstr(text));
  EXPECT_THAT(report, HasSubstr(result["weights_sha256"].get<std::string>()));
}

TEST_F(Training, a_run_is_watched_unless_told_otherwise_and_no_weight_knows_of_it) {
  const nlohmann::json watched = rectify_json(small({"--out", "watched"})), unwatched = rectify_json(small({"--no-watch", "--out", "unwatched"}));
  EXPECT_EQ(watched["weights_sha256"], unwatched["weights_sha256"]);
  const nlohmann::json log = nlohmann::json::parse(content_of(folder / "watched/run.json"))["log"]["watch"];
  ASSERT_EQ(log["layers"].size(), 3u);
  EXPECT_EQ(log["layers"][0]["activation"], "mish");
  const nlohmann::json last = log["windows"].back();
  EXPECT_EQ(last["last_step"], nlohmann::json::parse(content_of(folder / "watched/run.json"))["log"]["epochs"].back()["step"]);
  EXPECT_GT(log["windows"][0]["learning_rate"], 0);
  EXPECT_GT(last["layers"][0]["output_gradient"], 0);
  EXPECT_FALSE(nlohmann::json::parse(content_of(folder / "unwatched/run.json"))["log"].contains("watch"));
}

TEST_F(Training, the_configuration_of_a_run_repeats_it_bit_for_bit) {
  const std::string first = rectify_json(small({"--out", "run"}))["weights_sha256"];
  const nlohmann::json again = rectify_json({"train", "--config", "run/run.json", "--out", "again"});
  EXPECT_EQ(again["weights_sha256"], first);
  EXPECT_EQ(content_of(folder / "run/model.safetensors"), content_of(folder / "again/model.safetensors"));
  EXPECT_NE(rectify_json({"train", "--config", "run/run.json", "--seed", "6"})["weights_sha256"], first) << "options beside --config go before it";
  EXPECT_EQ(rectify_json({"train", "--config", "run/run.json", "--epochs", "2"})["epochs"], 2);
}

TEST_F(Training, threads_and_targets_change_no_bit) {
  const std::string expected = hash();
  EXPECT_EQ(hash({"--threads", "1"}), expected);
  EXPECT_EQ(hash({"--threads", "2"}), expected);
  EXPECT_EQ(hash({"--threads", "7"}), expected);
  EXPECT_EQ(hash({"--target", "scalar"}), expected);
  EXPECT_EQ(hash({}, {{"RECTIFY_TARGET", "scalar"}}), expected);
}

TEST_F(Training, shards_are_part_of_a_run_and_of_its_bits) {
  const nlohmann::json one = rectify_json(small()), four = rectify_json(small({"--shards", "4", "--out", "run"}));
  EXPECT_EQ(one["shards"], 1);
  EXPECT_EQ(four["shards"], 4);
  EXPECT_EQ(hash({"--shards", "1"}), one["weights_sha256"]);
  EXPECT_NE(four["weights_sha256"], one["weights_sha256"]);
  EXPECT_EQ(hash({"--shards", "4", "--threads", "1", "--target", "scalar"}), four["weights_sha256"]);
  EXPECT_EQ(nlohmann::json::parse(content_of(folder / "run/run.json"))["configuration"]["shards"], 4);
  EXPECT_EQ(rectify_json({"train", "--config", "run/run.json"})["weights_sha256"], four["weights_sha256"]);
  const Outcome refused = rectify(small({"--shards", "0"}));
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.errors, HasSubstr("--shards"));
}

TEST_F(Training, a_c_library_that_gives_other_bits_changes_none) {
  const std::string probe = RECTIFY_BINARY_DIR "/bin/libm_probe";
  const Outcome here = run_program(probe, {}, folder), masked = run_program(probe, {}, folder, masked_glibc());
  ASSERT_EQ(here.status, 0);
  if (here.output == masked.output) GTEST_SKIP() << "the C library of this machine gives the same bits with and without the CPU's features";
  EXPECT_EQ(hash({}, masked_glibc()), hash());

  // The same for a network of every activation of the catalogue, trained in a process of its own.
  const auto catalogue = [&](const std::string& name, Environment environment) {
    environment["RECTIFY_BITS_OUT"] = (folder / name).string();
    const Outcome outcome = run_program(RECTIFY_BINARY_DIR "/bin/train_tests", {"--gtest_filter=SameBitsOfTheCatalogue.*"}, folder, environment);
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    return content_of(folder / name);
  };
  EXPECT_EQ(catalogue("masked", masked_glibc()), catalogue("here", {}));
}

TEST_F(Training, without_a_terminal_there_is_one_plain_line_per_epoch) {
  const Outcome outcome = rectify(small());
  EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 4);
  EXPECT_THAT(outcome.errors, HasSubstr("epoch 4/4  train loss "));
  EXPECT_EQ(outcome.errors.find('\r'), std::string::npos);
  EXPECT_EQ(outcome.errors.find('\x1b'), std::string::npos);
  EXPECT_THAT(outcome.output, HasSubstr("weights_sha256"));
}

TEST_F(Training, a_validation_part_is_reported_beside_the_test_part) {
  const nlohmann::json result = rectify_json({"train", "--data", "moons(n=200, validation=0.2)", "--net", "linear(8), tanh, linear(2)", "--epochs", "2"});
  EXPECT_TRUE(result["validation_loss"].is_number());
  EXPECT_TRUE(result["validation_accuracy"].is_number());
}

TEST_F(Training, a_loss_that_is_no_longer_finite_ends_the_run_where_it_began) {
  const Outcome outcome = rectify({"train", "--data", "moons(n=200)", "--net", "linear(8), relu, linear(2)", "--optimiser", "sgd(lr=1e30)", "--out", "run", "--json"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("rectify: [train] the run diverged at step "));
  EXPECT_THAT(outcome.errors, HasSubstr("layer "));
  EXPECT_THAT(outcome.json()["diverged"].get<std::string>(), HasSubstr("step "));
  EXPECT_THAT(files(), ElementsAre("run", "run/model.safetensors", "run/report.html", "run/run.json"));
  EXPECT_EQ(nlohmann::json::parse(content_of(folder / "run/run.json"))["status"], "diverged");
}

TEST_F(Training, control_c_finishes_the_step_and_writes_what_there_is) {
  const std::vector<std::string> arguments{"train", "--data", "moons(n=4000)", "--net", "linear(64), tanh, linear(2)", "--epochs", "1000000", "--out", "run", "--json"};
  const Outcome outcome = run_program(program_path(), arguments, folder, {}, [](int pid, const std::filesystem::path& errors) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::error_code ignored;
    while (std::chrono::steady_clock::now() < until && (!std::filesystem::exists(errors) || std::filesystem::file_size(errors, ignored) < 200)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(pid, SIGINT);
  });
  EXPECT_EQ(outcome.status, 130);
  EXPECT_THAT(outcome.errors, HasSubstr("rectify: interrupted"));
  EXPECT_GE(outcome.json()["epochs"].get<int>(), 1);
  EXPECT_THAT(files(), ElementsAre("run", "run/model.safetensors", "run/report.html", "run/run.json"));
  EXPECT_EQ(nlohmann::json::parse(content_of(folder / "run/run.json"))["status"], "stopped");
}

TEST_F(Training, warnings_appear_once) {
  const Outcome outcome = rectify({"train", "--data", "moons(n=200)", "--net", "linear(8), relu, linear(2), softmax", "--epochs", "3"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  const std::string mark = "rectify: warning: ";
  const size_t first = outcome.errors.find(mark);
  ASSERT_NE(first, std::string::npos) << "probabilities where logits belong were not noticed: " << outcome.errors;
  EXPECT_EQ(outcome.errors.find(mark, first + 1), std::string::npos);
}

TEST_F(Training, reports_compare_runs_and_pictures_are_written) {
  rectify_json(small({"--out", "one"}));
  rectify_json(small({"--seed=8", "--out", "two"}));
  EXPECT_EQ(rectify({"report", "one", "two", "--out", "both.html"}).status, 0);
  EXPECT_THAT(content_of(folder / "both.html"), HasSubstr("side by side"));
  EXPECT_EQ(rectify({"plot", "one", "--out", "pictures"}).status, 0);
  EXPECT_THAT(files(), IsSupersetOf({"pictures/accuracy.svg", "pictures/loss.svg", "pictures/decision_regions.svg", "pictures/layer_0_output.svg"}));
  EXPECT_EQ(rectify({"plot", "one", "--picture", "decision_regions", "--out", "regions.svg"}).status, 0);
  EXPECT_EQ(content_of(folder / "regions.svg"), content_of(folder / "pictures/decision_regions.svg"));
}

}  // namespace
}  // namespace rectify::cli_test
