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

TEST_F(Diagnosed, a_model_that_has_learnt_is_met_with_silence_whatever_its_activation) {
  for (const char* activation : {"relu", "tanh", "sigmoid", "gelu"}) {
    const std::string hidden = std::string("linear(16), ") + activation + ", ";
    train(hidden + hidden + "linear(2)", activation, {"--optimiser", "adam(lr=0.02)", "--epochs", "40"});
    const std::string model = std::string(activation) + "/model.safetensors";
    for (const char* data : {"circles(n=640)", "circles(n=640, seed=9)"}) {
      const nlohmann::json json = rectify_json({"diagnose", model, "--data", data});
      for (const nlohmann::json& finding : json["findings"]) EXPECT_EQ(finding["level"], "info") << activation << finding;
      EXPECT_LT(json["loss"].get<double>(), 0.5 * json["chance_loss"].get<double>()) << activation;
    }
    EXPECT_THAT(rectify({"diagnose", model, "--data", "circles(n=640)"}).output, HasSubstr("This network is healthy."));
  }
  const Outcome elsewhere = rectify({"diagnose", "tanh/model.safetensors", "--data", "blobs(classes=2)", "--strict"});
  EXPECT_EQ(elsewhere.status, 0);
  EXPECT_THAT(elsewhere.output, AllOf(HasSubstr("If it was trained on others, give those."), Not(HasSubstr("healthy"))));
}

TEST_F(Diagnosed, a_model_whose_units_are_dead_has_a_fault_without_a_beginning) {
  train(dead, "run");
  const std::vector<std::string> diagnose{"diagnose", "run/model.safetensors", "--data", "circles(n=640)", "--strict"};
  const Outcome outcome = rectify(diagnose);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("fault: dead_units in layer 0"), HasSubstr("0.6931"), Not(HasSubstr("from the beginning"))));
  const nlohmann::json of_model = rectify_json({"diagnose", "run/model.safetensors", "--data", "circles(n=640)"}), of_run = rectify_json({"diagnose", "run"});
  EXPECT_EQ(of_model["findings"][0]["units"].size(), 16u);
  EXPECT_TRUE(of_model["findings"][0]["since_step"].is_null());
  for (const auto& [key, value] : of_run.items()) EXPECT_TRUE(of_model.contains(key)) << key;
}

TEST_F(Diagnosed, a_model_with_a_softmax_too_many_is_warned_of_and_its_loss_can_be_named) {
  train("linear(16), relu, linear(2), softmax", "softmax");
  EXPECT_EQ(rectify_json({"diagnose", "softmax/model.safetensors", "--data", "circles(n=640)"})["findings"][0]["cause"], "softmax_applied_twice");
  train("linear(16), relu, linear(1)", "one", {"--loss", "bce_with_logits"});
  const nlohmann::json json = rectify_json({"diagnose", "one/model.safetensors", "--data", "circles(n=640)", "--loss", "bce_with_logits"});
  EXPECT_EQ(json["faults"], 0);
}

TEST_F(Diagnosed, what_does_not_fit_a_model_is_one_line) {
  train(healthy, "run", {"--epochs", "1"});
  const std::string model = "run/model.safetensors", content = content_of(folder / model);
  write("three.csv", "a,b,c,kind\n1,2,3,x\n2,1,4,y\n3,4,5,x\n4,3,6,y\n");
  write("numbers.csv", "a,b,y\n1,2,0.5\n2,1,1.5\n3,4,2.5\n4,3,3.5\n");
  write("unlabelled.csv", "a\n1\n2\n");
  write("junk.safetensors", "these are no weights");
  std::string foreign = content;
  for (size_t at; (at = foreign.find("rectify.")) != std::string::npos;) foreign.replace(at, 8, "another.");
  write("foreign.safetensors", foreign);
  struct Mistake {
    std::vector<std::string> arguments;
    int status;
    std::string says;
  };
  const std::vector<Mistake> mistakes{
      {{model}, 2, "--data is missing"},
      {{"run", "--data", "circles"}, 2, "have their own data"},
      {{"run/run.json", "--loss", "mse"}, 2, "have their own data"},
      {{model, "--data", "three.csv"}, 2, "takes 2 inputs, but a sample of csv(path=three.csv"},
      {{model, "--data", "blobs(classes=3)"}, 2, "2 outputs, but the data have 3 classes"},
      {{model, "--data", "circles", "--loss", "mse"}, 2, "2 outputs, but the data have one number"},
      {{model, "--data", "circles", "--loss", "bce_with_logits"}, 2, "bce_with_logits needs 1"},
      {{model, "--data", "circles", "--loss", "mes"}, 2, "Did you mean mse?"},
      {{model, "--data", "numbers.csv"}, 2, "Use mse or mae"},
      {{model, "--data", "idx(images-idx3-ubyte)"}, 2, "labels is missing"},
      {{model, "--data", "unlabelled.csv"}, 2, "a label and at least one feature are needed"},
      {{model, "--data", "nowhere.csv"}, 3, "nowhere.csv"},
      {{"nowhere.safetensors", "--data", "circles"}, 3, "nowhere.safetensors"},
      {{"junk.safetensors", "--data", "circles"}, 2, "not a safetensors file"},
      {{"foreign.safetensors", "--data", "circles"}, 2, "foreign.safetensors: [load_model] the metadata have no \"rectify.network\""},
  };
  for (const Mistake& mistake : mistakes) {
    std::vector<std::string> arguments{"diagnose"};
    arguments.insert(arguments.end(), mistake.arguments.begin(), mistake.arguments.end());
    const Outcome outcome = rectify(arguments);
    EXPECT_EQ(outcome.status, mistake.status) << mistake.says;
    EXPECT_THAT(outcome.errors, HasSubstr(mistake.says));
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1) << outcome.errors;
    EXPECT_EQ(outcome.output, "");
  }
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
