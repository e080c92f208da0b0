// The cases of the benchmark of planted faults, their labels and their causes.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "bench/diagnosis/fixes.h"
#include "bench/diagnosis/labels.h"
#include "support.h"

namespace bench::diagnosis {
namespace {

using rectify::diagnose::Cause;
using testing::Contains;
using testing::Not;

class Cases : public WithFolder {
 protected:
  Case named(const std::vector<Case>& cases, const std::string& name) {
    const auto found = std::ranges::find(cases, name, &Case::name);
    EXPECT_NE(found, cases.end()) << name;
    return *found;
  }
  std::set<Cause> causes_with_a_fix(const Case& sick) {
    std::set<Cause> causes;
    for (const Fix& fix : single_fixes(sick)) causes.insert(fix.cause);
    return causes;
  }
};

TEST_F(Cases, are_at_least_twelve_classes_at_eight_architectures_with_three_severities_and_two_hundred_controls) {
  std::map<std::string, std::set<std::string>> sites;
  std::map<std::string, std::set<int>> severities;
  std::set<std::string> names;
  for (const Case& each : faults(folder_)) {
    sites[each.planted->fault].insert(each.architecture);
    severities[each.planted->fault].insert(each.planted->severity);
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
  }
  EXPECT_GE(sites.size(), 12u);
  for (const auto& [fault, where] : sites) EXPECT_GE(where.size(), 8u) << fault;
  for (const auto& [fault, levels] : severities) EXPECT_EQ(levels, (std::set<int>{1, 2, 3})) << fault;
  EXPECT_GE(controls(folder_).size(), 200u);
}

TEST_F(Cases, prepare_the_same_network_for_the_same_seed_and_another_for_another) {
  const Case sick = named(faults(folder_), "some_dead_units/relu_3/2");
  rectify::train::Prepared one = prepare(sick, 3), again = prepare(sick, 3), other = prepare(sick, 4);
  EXPECT_EQ(rectify::train::weights_sha256(one.model), rectify::train::weights_sha256(again.model));
  EXPECT_NE(rectify::train::weights_sha256(one.model), rectify::train::weights_sha256(other.model));
}

TEST_F(Cases, have_another_fingerprint_when_an_edit_changes) {
  Case sick = named(faults(folder_), "one_layer_too_large/tanh_2/1");
  const std::string before = fingerprint(sick);
  sick.edits.at(0).amount *= 2;
  EXPECT_NE(fingerprint(sick), before);
}

TEST_F(Cases, tell_inputs_that_are_not_scaled_in_the_text_of_the_configuration) {
  const Case sick = named(faults(folder_), "inputs_not_scaled/curve_relu/2");
  const rectify::train::Prepared raw = prepare(sick, 0);
  const auto cure = [&] {
    for (const Fix& fix : single_fixes(sick)) {
      if (fix.cause == Cause::input_not_scaled) return prepare(fix.fixed, 0);
    }
    throw std::logic_error("no fix scales the inputs");
  }();
  EXPECT_GT(std::abs(raw.data.train.input.at(0)), 10 * std::abs(cure.data.train.input.at(0)));
}

TEST_F(Cases, offer_a_fix_for_what_was_planted_and_none_for_what_they_do_not_have) {
  const std::vector<Case> sick = faults(folder_);
  const std::map<std::string, Cause> expected{{"init_too_small/tanh_5/2", Cause::init_too_small},           {"init_too_large/tanh_5/2", Cause::init_too_large},
                                              {"same_weights/relu_3/2", Cause::init_symmetric},             {"negative_biases/relu_3/2", Cause::bias_too_negative},
                                              {"no_nonlinearity/relu_3/1", Cause::activation_linear},       {"growing_activation/relu_3/2", Cause::activation_explodes},
                                              {"wrong_output/curve_gelu/2", Cause::output_activation_wrong}, {"softmax_twice/relu_3/1", Cause::softmax_applied_twice},
                                              {"wrong_loss/relu_3/1", Cause::loss_mismatch},                {"inputs_not_centred/relu_3/1", Cause::input_not_scaled},
                                              {"deep_sigmoid/relu_3/1", Cause::activation_saturates},       {"small_batch/relu_3/3", Cause::batch_too_small}};
  for (const auto& [name, cause] : expected) EXPECT_THAT(causes_with_a_fix(named(sick, name)), Contains(cause)) << name;
  const std::set<Cause> of_small_weights = causes_with_a_fix(named(sick, "init_too_small/tanh_5/2"));
  for (const Cause cause : {Cause::init_too_large, Cause::init_symmetric, Cause::bias_too_negative, Cause::activation_linear, Cause::activation_explodes, Cause::output_activation_wrong,
                            Cause::loss_mismatch, Cause::input_not_scaled}) {
    EXPECT_THAT(of_small_weights, Not(Contains(cause))) << rectify::diagnose::name(cause);
  }
}

Outcomes outcomes(std::initializer_list<double> losses) {
  Outcomes result;
  for (const double loss : losses) result.push_back({.loss = loss, .chance = 1});
  return result;
}

TEST(Harm, needs_losses_that_are_surely_and_noticeably_worse) {
  const Outcomes twin = outcomes({0.10, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.19});
  EXPECT_TRUE(harm(outcomes({0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4}), twin).harmful);
  // Surely worse, but by 2 % of the way to chance.
  const Harm small = harm(outcomes({0.195, 0.1951, 0.1952, 0.1953, 0.1954, 0.1955, 0.1956, 0.1957, 0.1958, 0.1959}),
                          outcomes({0.17, 0.171, 0.172, 0.173, 0.174, 0.175, 0.176, 0.177, 0.178, 0.179}));
  EXPECT_LT(small.probability, 0.01);
  EXPECT_FALSE(small.harmful);
  // Much worse in four of ten, which is not sure.
  EXPECT_FALSE(harm(outcomes({0.10, 0.11, 0.12, 0.13, 0.14, 0.15, 0.9, 0.9, 0.9, 0.9}), twin).harmful);
}

TEST(Harm, is_infinite_where_most_trainings_diverged) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Harm result = harm(outcomes({0.1, 0.1, 0.1, infinity, infinity, infinity, infinity, infinity, infinity, infinity}), outcomes({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}));
  EXPECT_EQ(result.effect, infinity);
  EXPECT_TRUE(result.harmful);
}

TEST(IsHealthy, asks_every_seed_for_the_stated_result) {
  const Architecture& site = architecture("tanh_2");
  EXPECT_TRUE(is_healthy(outcomes({0.1, 0.2, 0.39}), site));
  EXPECT_FALSE(is_healthy(outcomes({0.1, 0.2, 0.41}), site));
  EXPECT_FALSE(is_healthy(outcomes({0.1, std::numeric_limits<double>::infinity()}), site));
}

TEST(Restored, is_the_share_of_the_twins_gain) {
  const Outcomes twin = outcomes({0.2, 0.2, 0.2});
  EXPECT_DOUBLE_EQ(restored(0.2, twin), 1);
  EXPECT_DOUBLE_EQ(restored(0.6, twin), 0.5);
  EXPECT_DOUBLE_EQ(restored(std::numeric_limits<double>::infinity(), twin), 0);
}

}  // namespace
}  // namespace bench::diagnosis
