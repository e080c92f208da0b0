// A training of one's own, with nothing but a watch: what diagnose() makes of it.
#include <gmock/gmock.h>

#include <functional>
#include <sstream>

#include "rectify/data/load.h"
#include "rectify/data/loader.h"
#include "rectify/diagnose/diagnose.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/initialise.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/loss.h"
#include "rectify/nn/sequential.h"
#include "rectify/observe/watch.h"
#include "rectify/train/optimiser.h"

namespace rectify::diagnose {
namespace {

using testing::HasSubstr;

std::vector<Finding> train_watched(const std::function<void(nn::Sequential&)>& spoil, double learning_rate = 0.01) {
  const data::Dataset data = data::load("spirals(n=1000, noise=0.05, classes=3, seed=3)");
  nn::Sequential model{nn::Linear{2, 64}, ReLU{}, nn::Linear{64, 64}, ReLU{}, nn::Linear{64, 3}};
  nn::initialise(model, {.scheme = nn::Init::calibrated, .seed = 7});
  spoil(model);
  train::Adam optimiser{model.parameters(), {.learning_rate = learning_rate}};
  const observe::Watch watch{model};
  data::Loader loader{data.train, {.batch = 32, .seed = 7}};
  for (int epoch = 0; epoch < 8; ++epoch) {
    for (const data::Batch& batch : loader) {
      const auto [loss, gradients] = value_and_grad(model, [&] { return nn::cross_entropy(model(batch.input), batch.target); });
      optimiser.step(gradients);
    }
  }
  return diagnose(watch);
}

TEST(WatchedTraining, of_a_healthy_network_has_no_fault) {
  for (const Finding& finding : train_watched([](nn::Sequential&) {})) EXPECT_NE(finding.level, Level::fault) << finding;
}

TEST(WatchedTraining, of_equal_units_has_the_fault_that_they_are_equal) {
  const std::vector<Finding> findings = train_watched([](nn::Sequential& model) {
    for (Tensor& parameter : model.parameters()) parameter.copy_from(Tensor::zeros(parameter.shape()));
  });
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].level, Level::fault) << findings[0];
  EXPECT_EQ(findings[0].cause, Cause::init_symmetric) << findings[0];
  std::ostringstream text;
  text << findings[0];
  EXPECT_THAT(text.str(), HasSubstr("init_symmetric"));
}

TEST(WatchedTraining, of_units_that_cannot_fire_names_their_layer) {
  const std::vector<Finding> findings = train_watched([](nn::Sequential& model) { model.parameters()[3].copy_from(Tensor::full({64}, -100)); });
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].cause, Cause::bias_too_negative) << findings[0];
  EXPECT_EQ(findings[0].layer, 1u);
}

TEST(WatchedTraining, that_has_not_begun_has_no_findings) {
  nn::Sequential model{nn::Linear{2, 3}};
  const observe::Watch watch{model};
  EXPECT_TRUE(diagnose(watch).empty());
}

}  // namespace
}  // namespace rectify::diagnose
