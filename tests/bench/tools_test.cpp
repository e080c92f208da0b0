// What looks at a training, ours and others: it must not change it, and each rule must be able to speak.
#include "bench/diagnosis/tools/tool.h"
#include "bench/diagnosis/trial.h"
#include "support.h"

namespace bench::diagnosis {
namespace {

class Tools : public WithFolder {
 protected:
  struct Watching {
    Verdict verdict;
    std::string weights;
  };
  static Watching watch(const Competitor& competitor, const Case& each) {
    rectify::train::Prepared run = prepare(each, 1);
    const std::unique_ptr<Tool> tool = competitor.make({.planted = each, .run = run, .seed = 1});
    rectify::train::Listener* const listeners[] = {tool.get()};
    tool->on_end(run.model, rectify::train::fit(run.model, *run.optimiser, run.data, run.options, listeners));
    return {tool->verdict(), rectify::train::weights_sha256(run.model)};
  }
  static Verdict said(const char* name, const Case& each) {
    for (const Competitor& competitor : competitors) {
      if (std::string(competitor.name) == name) return watch(competitor, each).verdict;
    }
    throw std::logic_error("no such tool");
  }
  Case network(const std::string& layers, const std::string& optimiser = "sgd(lr=0.1, momentum=0.9)", int64_t epochs = 12) const {
    Case each = healthy(architecture("tanh_2"), folder_);
    each.run.network = layers;
    each.run.optimiser = optimiser;
    each.run.epochs = epochs;
    return each;
  }
};

TEST_F(Tools, leave_the_training_as_it_is) {
  const Case each = network("linear(16), batch_norm, relu, dropout(0.2), linear(2)");
  rectify::train::Prepared alone = prepare(each, 1);
  rectify::train::fit(alone.model, *alone.optimiser, alone.data, alone.options);
  const std::string weights = rectify::train::weights_sha256(alone.model);
  for (const Competitor& competitor : competitors) EXPECT_EQ(watch(competitor, each).weights, weights) << competitor.name;
}

TEST_F(Tools, auto_trainer_sees_a_dying_relu_and_a_loss_that_explodes) {
  EXPECT_EQ(said("AutoTrainer", network("linear(16, bias=-9), relu, linear(2)")).problem, "dying ReLU");
  EXPECT_EQ(said("AutoTrainer", network("linear(16), relu, linear(16), relu, linear(2)", "sgd(lr=1e6)")).problem, "exploding gradient");
  EXPECT_FALSE(said("AutoTrainer", network("linear(16), tanh, linear(2)")).alarm());
}

TEST_F(Tools, deep_diagnosis_sees_saturation_and_names_the_layer_whose_weights_are_all_the_same) {
  const Verdict saturated = said("DeepDiagnosis", network("linear(16, init=normal(30)), tanh, linear(2)"));
  EXPECT_EQ(saturated.problem, "saturated activation");
  EXPECT_EQ(saturated.layer, 0u);
  const Verdict same = said("DeepDiagnosis", network("linear(16), relu, linear(16, init=zeros, bias=-9), relu, linear(2)"));
  EXPECT_EQ(same.layer, 1u);
  EXPECT_EQ(same.cause, rectify::diagnose::Cause::init_too_small);
}

TEST_F(Tools, sagemaker_debugger_sees_dead_and_saturated_layers) {
  EXPECT_EQ(said("SageMaker Debugger", network("linear(16, init=normal(0.3), bias=-9), relu, linear(2, init=normal(0.3))")).layer, 0u);
  EXPECT_TRUE(said("SageMaker Debugger", network("linear(16, init=normal(50)), tanh, linear(2)")).alarm());
}

TEST_F(Tools, the_deep_checker_judges_weights_before_the_first_step) {
  const Verdict verdict = said("TheDeepChecker", network("linear(16), tanh, linear(16, init=zeros), tanh, linear(2)"));
  EXPECT_EQ(verdict.step, 0);
  EXPECT_TRUE(verdict.alarm());
}

TEST_F(Tools, rectify_is_silent_on_a_network_that_learns_and_names_one_that_cannot) {
  EXPECT_FALSE(said("Rectify", network("linear(24), tanh, linear(24), tanh, linear(2)", "sgd(lr=0.1, momentum=0.9)", 60)).alarm());
  const Verdict verdict = said("Rectify", network("linear(16), relu, linear(16), relu, linear(2)", "sgd(lr=0.1)", 60));
  EXPECT_FALSE(verdict.alarm()) << verdict.problem;
  Case zeros = network("linear(16), relu, linear(16), relu, linear(2)", "sgd(lr=0.1)", 60);
  zeros.run.init = "zeros";
  EXPECT_TRUE(said("Rectify", zeros).alarm());
}

}  // namespace
}  // namespace bench::diagnosis
