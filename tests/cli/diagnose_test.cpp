// diagnose, repair, train --repair: what is wrong with a run, and a run without it.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

class Diagnosed : public ProgramTest {
 protected:
  Outcome train(const std::string& network, const std::string& out, std::vector<std::string> further = {}) const {
    std::vector<std::string> arguments{"train", "--data", "circles(n=640)", "--net", network, "--optimiser", "momentum(lr=0.1)", "--epochs", "15", "--batch", "32", "--out", out};
    arguments.insert(arguments.end(), further.begin(), further.end());
    return rectify(arguments);
  }
  static constexpr const char* healthy = "linear(16), relu, linear(16), relu, linear(2)";
  static constexpr const char* dead = "linear(16, bias=-30), relu, linear(2)";
};

TEST_F(Diagnosed, a_healthy_run_is_met_with_silence) {
  const Outcome trained = train(healthy, "run");
  EXPECT_EQ(trained.status, 0);
  EXPECT_THAT(trained.errors, AllOf(Not(HasSubstr("fault")), Not(HasSubstr("warning"))));
  const nlohmann::json json = rectify_json({"diagnose", "run"});
  for (const nlohmann::json& finding : json["findings"]) EXPECT_EQ(finding["level"], "info") << finding;
  EXPECT_EQ(json["faults"], 0);
  EXPECT_EQ(rectify({"diagnose", "run", "--strict"}).status, 0);
  const Outcome repaired = rectify({"repair", "run", "--out", "again"});
  EXPECT_EQ(repaired.status, 0);
  EXPECT_THAT(repaired.output, HasSubstr("Nothing to repair"));
  EXPECT_FALSE(std::filesystem::exists(folder / "again" / "run.json"));
}

TEST_F(Diagnosed, a_sick_run_is_told_of_while_it_trains_found_afterwards_and_repaired) {
  const Outcome trained = train(dead, "run");
  EXPECT_THAT(trained.errors, HasSubstr("dead_units"));
  const nlohmann::json json = rectify_json({"diagnose", "run"});
  const nlohmann::json first = json["findings"][0];
  EXPECT_EQ(first["level"], "fault");
  EXPECT_EQ(first["symptom"], "dead_units");
  EXPECT_EQ(first["cause"], "bias_too_negative");
  EXPECT_EQ(first["units"].size(), 16u);
  EXPECT_EQ(first["since_step"], 0);
  EXPECT_FALSE(first["remedy"].get<std::string>().empty());
  EXPECT_EQ(rectify({"diagnose", "run", "--strict"}).status, 1);
  const nlohmann::json repair = rectify_json({"repair", "run", "--out", "fixed"});
  EXPECT_EQ(repair["repaired"], true);
  EXPECT_LT(repair["before"]["test_accuracy"].get<double>(), 0.7);
  EXPECT_GT(repair["after"]["test_accuracy"].get<double>(), 0.9);
  EXPECT_THAT(files(), IsSupersetOf({"fixed/model.safetensors", "fixed/repair.json", "fixed/report.html", "fixed/run.json"}));
  EXPECT_GT(rectify_json({"test", "fixed", "--data", "circles(n=640)"})["accuracy"].get<double>(), 0.9);
  EXPECT_EQ(rectify({"diagnose", "fixed", "--strict"}).status, 0) << "it did not begin as its configuration does";
}

TEST_F(Diagnosed, a_configuration_is_looked_at_before_it_is_trained) {
  train(dead, "run");
  const nlohmann::json document = nlohmann::json::parse(content_of(folder / "run" / "run.json"));
  write("plan.json", document["configuration"].dump());
  const nlohmann::json json = rectify_json({"diagnose", "plan.json"});
  EXPECT_EQ(json["trained"], false);
  EXPECT_EQ(json["findings"][0]["level"], "warning") << "no harm was seen yet";
  EXPECT_EQ(json["findings"][0]["cause"], "bias_too_negative");
}

TEST_F(Diagnosed, training_can_repair_itself) {
  const Outcome outcome = train(dead, "run", {"--repair"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.errors, HasSubstr("Adopted at step 0"));
  EXPECT_GT(rectify_json({"test", "run", "--data", "circles(n=640)"})["accuracy"].get<double>(), 0.9);
}

TEST_F(Diagnosed, a_run_without_a_watch_is_still_looked_at) {
  train(dead, "run", {"--no-watch"});
  const Outcome outcome = rectify({"diagnose", "run"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.errors, HasSubstr("without a watch"));
  EXPECT_THAT(outcome.output, HasSubstr("bias_too_negative"));
}

TEST_F(Diagnosed, mistakes_are_one_line) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"diagnose", "nowhere"}, {"repair", "nowhere", "--out", "x"}, {"repair", "nowhere"}, {"diagnose"}}) {
    const Outcome outcome = rectify(arguments);
    EXPECT_GE(outcome.status, 2) << arguments[0];
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1) << outcome.errors;
  }
  EXPECT_EQ(train(healthy, "run", {"--repair", "--no-watch"}).status, 2);
  train(dead, "run");
  const std::string before = content_of(folder / "run" / "run.json");
  const Outcome onto_itself = rectify({"repair", "run", "--out", "./run"});
  EXPECT_EQ(onto_itself.status, 2);
  EXPECT_THAT(onto_itself.errors, HasSubstr("is the run itself"));
  EXPECT_EQ(content_of(folder / "run" / "run.json"), before);
  write("bad.json", "{\"network\": 3}");
  EXPECT_EQ(rectify({"diagnose", "bad.json"}).status, 2);
}

}  // namespace
}  // namespace rectify::cli_test
