#include "rectify/diagnose/diagnose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/diagnose/confidence.h"
#include "tests/diagnose/subjects.h"

namespace rectify::diagnose {
namespace {

int64_t count(const std::vector<Finding>& findings, Level level) {
  return std::ranges::count(findings, level, &Finding::level);
}

/// The first finding, which must be there.
Finding first(const Subject& subject) {
  const std::vector<Finding> findings = diagnose(subject);
  if (findings.empty()) {
    ADD_FAILURE() << "nothing was found";
    return {};
  }
  return findings.front();
}

void expect_first(const Subject& subject, Level level, Symptom symptom, Cause cause, std::optional<size_t> layer) {
  const Finding finding = first(subject);
  EXPECT_EQ(name(finding.level), name(level)) << to_string(finding);
  EXPECT_EQ(name(finding.symptom), name(symptom)) << to_string(finding);
  EXPECT_EQ(name(finding.cause), name(cause)) << to_string(finding);
  EXPECT_EQ(finding.layer, layer) << to_string(finding);
}

TEST(Diagnose, is_silent_about_a_healthy_network_before_and_after_training) {
  for (const char* activation : {"relu", "tanh", "leaky_relu", "gelu"}) {
    Subject subject = untrained(activation);
    EXPECT_TRUE(diagnose(subject).empty()) << activation << ": " << to_string(first(subject));
    train(subject, 2.5, 0.3);
    EXPECT_TRUE(diagnose(subject).empty()) << activation << ": " << to_string(first(subject));
  }
}

TEST(Diagnose, finds_no_fault_in_a_sparse_relu_layer_of_which_every_unit_fires_now_and_then) {
  Subject subject = untrained("relu");
  for (observe::LayerWindow& layer : subject.log.windows.front().layers) layer.zeros = layer.saturated = 0.9;
  train(subject, 2.5, 0.2);
  EXPECT_TRUE(diagnose(subject).empty());
}

TEST(Diagnose, names_weights_that_begin_too_small_before_training) {
  Subject subject = untrained("relu", 3);
  observe::Window& probe = subject.log.windows.front();
  double scale = 1;
  for (size_t i = 0; i < 3; ++i) {
    probe.layers[i].weight *= 0.05;
    scale *= 0.05;
    probe.layers[i].rms = scale;
  }
  expect_first(subject, Level::warning, Symptom::vanishing_gradient, Cause::init_too_small, 0);
  train(subject, 2.303, 2.302);
  expect_first(subject, Level::fault, Symptom::vanishing_gradient, Cause::init_too_small, 0);
}

TEST(Diagnose, tells_saturation_by_large_weights_from_saturation_by_large_inputs) {
  Subject subject = untrained("tanh");
  observe::LayerWindow& layer = subject.log.windows.front().layers[0];
  layer.saturated = 0.9;
  layer.weight *= 10;
  Subject inputs = subject;
  expect_first(subject, Level::warning, Symptom::saturated_units, Cause::init_too_large, 0);
  inputs.log.windows.front().layers[0].weight /= 10;
  inputs.input.rms = 100;
  const Finding finding = first(inputs);
  EXPECT_EQ(name(finding.cause), name(Cause::input_not_scaled));
  ASSERT_EQ(finding.consequences.size(), 1u) << to_string(finding);
  EXPECT_EQ(name(finding.consequences[0].symptom), name(Symptom::saturated_units));
}

TEST(Diagnose, blames_the_activation_for_gradients_that_fade_through_well_scaled_sigmoids) {
  Subject subject = untrained("sigmoid", 6);
  observe::Window& probe = subject.log.windows.front();
  for (size_t i = 0; i < probe.layers.size(); ++i) {
    const double fade = std::pow(0.2, static_cast<double>(probe.layers.size() - 1 - i));
    probe.layers[i].output_gradient = 0.02 * fade;
    probe.layers[i].pre_activation_gradient = (i + 1 == probe.layers.size() ? 0.02 : 0.004) * fade;
  }
  train(subject, 2.31, 2.302);
  expect_first(subject, Level::fault, Symptom::vanishing_gradient, Cause::activation_saturates, 0);
}

TEST(Diagnose, counts_dead_units_and_blames_the_step_that_killed_them) {
  Subject subject = untrained("relu");
  train(subject, 2.5, 2.4, 10);
  subject.log.windows.back().layers[0].update = 0.5 * subject.log.windows.back().layers[0].weight;
  const int64_t killed = subject.log.windows.back().last_step;
  observe::Window after = subject.log.windows.back();
  after.layers[0].update = 1e-5;
  after.layers[0].dead_units = 56;
  for (int i = 0; i < 20; ++i) {
    after.first_step = after.last_step + 1, after.last_step += 10;
    after.loss = after.first_loss = after.last_loss = 2.31;
    subject.log.windows.push_back(after);
  }
  for (size_t unit = 0; unit < 56; ++unit) subject.log.units[0][unit] = {.silent_values = 6400, .silent_since = killed};
  const Finding finding = first(subject);
  expect_first(subject, Level::fault, finding.symptom, Cause::learning_rate_too_high, 0);
  const bool named_here = finding.symptom == Symptom::dead_units;
  const Finding& dead = named_here ? finding : finding.consequences.at(0);
  EXPECT_EQ(name(dead.symptom), name(Symptom::dead_units));
  EXPECT_EQ(dead.units.size(), 56u);
  EXPECT_EQ(dead.units.back(), 55);
  EXPECT_EQ(dead.since_step, killed);
}

TEST(Diagnose, waits_for_a_thousand_values_before_it_calls_a_unit_dead) {
  Subject subject = untrained("relu");
  train(subject, 2.5, 0.4);
  for (observe::UnitHistory& unit : subject.log.units[0]) unit = {.silent_values = 999, .silent_since = 150};
  EXPECT_TRUE(diagnose(subject).empty());
  for (observe::UnitHistory& unit : subject.log.units[0]) unit.silent_values = 1000;
  EXPECT_FALSE(diagnose(subject).empty());
}

TEST(Diagnose, some_dead_units_in_a_network_that_learns_are_an_info) {
  Subject subject = untrained("relu");
  train(subject, 2.5, 0.2);
  for (size_t unit = 0; unit < 5; ++unit) subject.log.units[0][unit] = {.silent_values = 6400, .silent_since = 0};
  expect_first(subject, Level::info, Symptom::dead_units, Cause::bias_too_negative, 0);
}

TEST(Diagnose, sees_biases_that_silence_a_layer_before_training) {
  Subject subject = untrained("relu");
  observe::LayerWindow& layer = subject.log.windows.front().layers[1];
  layer.bias = -10, layer.largest_bias = 10, layer.dead_units = 64, layer.rms = 0, layer.zeros = layer.saturated = 1;
  for (observe::UnitHistory& unit : subject.log.units[1]) unit = {.silent_values = 512, .silent_since = 0};
  const std::vector<Finding> findings = diagnose(subject);
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(name(findings[0].cause), name(Cause::bias_too_negative)) << to_string(findings[0]);
  EXPECT_EQ(findings[0].layer, 1u);
}

TEST(Diagnose, sees_units_that_begin_all_the_same_but_leaves_the_last_layer_alone) {
  Subject subject = untrained("relu");
  subject.log.windows.front().layers.back().weight = 0;
  EXPECT_TRUE(diagnose(subject).empty());
  subject.log.windows.front().layers[1].unit_spread = 0;
  expect_first(subject, Level::warning, Symptom::symmetric_units, Cause::init_symmetric, 1);
}

TEST(Diagnose, a_network_without_activations_is_linear) {
  Subject subject = untrained("", 2);
  expect_first(subject, Level::warning, Symptom::linear_collapse, Cause::activation_linear, 0);
}

TEST(Diagnose, activations_that_hardly_bend_are_linear_too) {
  expect_first(untrained("leaky_relu(0.8)"), Level::warning, Symptom::linear_collapse, Cause::activation_linear, 0);
  expect_first(untrained("formula(\"1-x\")"), Level::warning, Symptom::linear_collapse, Cause::activation_linear, 0);
  EXPECT_TRUE(diagnose(untrained("leaky_relu(0.3)")).empty());
  EXPECT_TRUE(diagnose(untrained("leaky_relu(-1)")).empty()) << "|x| turns";
}

TEST(Diagnose, steps_that_are_too_short_for_the_planned_training_are_a_warning_while_the_loss_is_high) {
  Subject subject = untrained("relu");
  train(subject, 2.5, 1.8);
  EXPECT_TRUE(diagnose(subject).empty()) << "nothing is planned";
  subject.planned_steps = 1000;  // updates of 1e-3 each: as much as the weights
  expect_first(subject, Level::warning, Symptom::not_learning, Cause::learning_rate_too_low, std::nullopt);
  subject.planned_steps = 10000;
  EXPECT_TRUE(diagnose(subject).empty());
  Subject learnt = untrained("relu");
  train(learnt, 2.5, 0.1);
  learnt.planned_steps = 1000;
  EXPECT_TRUE(diagnose(learnt).empty());
}

TEST(Diagnose, a_loss_that_only_jumps_in_the_second_half_is_a_warning_while_it_is_high) {
  for (const int64_t batch : {32, 2}) {
    Subject subject = untrained("relu");
    subject.batch = batch;
    train(subject, 2.5, 0.6, 150);
    for (int i = 0; i < 160; ++i) {
      observe::Window window = subject.log.windows.back();
      window.first_step += 10, window.last_step += 10;
      window.loss = 0.6, window.loss_deviation = 0.5;
      subject.log.windows.push_back(window);
    }
    // Halves are compared: the later one has not fallen any more.
    for (observe::Window& window : subject.log.windows) window.loss = window.last_step == 0 ? 2.5 : 0.6;
    subject.planned_steps = 10000;
    EXPECT_TRUE(diagnose(subject).empty()) << "there is time";
    subject.planned_steps = 4000;
    expect_first(subject, Level::warning, Symptom::oscillating_loss, batch == 2 ? Cause::batch_too_small : Cause::learning_rate_too_high, std::nullopt);
    for (observe::Window& window : subject.log.windows) window.loss *= 0.1;
    EXPECT_TRUE(diagnose(subject).empty()) << "it is low";
  }
}

TEST(Diagnose, an_accident_is_not_blamed_on_short_steps) {
  Subject subject = untrained("relu");
  subject.planned_steps = 400;
  train(subject, 2.5, 0.5);
  observe::Window accident = subject.log.windows.back();
  accident.first_step += 10, accident.last_step += 10;
  accident.loss = 400, accident.loss_deviation = 300, accident.last_loss = 50;
  subject.log.windows.push_back(accident);
  for (const Finding& finding : diagnose(subject)) EXPECT_NE(name(finding.cause), "learning_rate_too_low") << to_string(finding);
  EXPECT_EQ(name(first(subject).cause), "learning_rate_too_high");
}

TEST(Diagnose, what_was_there_by_itself_is_no_consequence) {
  Subject subject = untrained("relu");
  subject.input.rms = 60;
  for (observe::LayerWindow& layer : subject.log.windows.front().layers) layer.weight *= 10, layer.rms = 5000;
  const std::vector<Finding> findings = diagnose(subject);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(name(findings[0].cause), "input_not_scaled");
  EXPECT_EQ(name(findings[1].cause), "init_too_large");
}

TEST(Diagnose, steps_that_grow_with_an_activation_that_does_are_blamed_on_it) {
  Subject subject = untrained("formula(\"x^3\")");
  train(subject, 2.5, 2.5);
  for (observe::Window& window : subject.log.windows) window.layers[0].update = 0.5 * window.layers[0].weight;
  expect_first(subject, Level::fault, Symptom::not_learning, Cause::activation_explodes, 0);
}

TEST(Confidence, of_a_fault_is_how_often_its_cause_was_right) {
  for (const TrackRecord& record : track_records()) {
    EXPECT_LE(record.right_alone, record.alone);
    EXPECT_LE(record.right_beside_others, record.beside_others);
    EXPECT_DOUBLE_EQ(confidence_of_fault(record.cause, false), static_cast<double>(record.right_alone + 1) / static_cast<double>(record.alone + 2));
  }
  EXPECT_EQ(confidence_of_fault(Cause::activation_not_centred, true), 0.5) << "nothing is known";
  std::vector<Finding> findings{{.level = Level::fault, .cause = Cause::input_not_scaled, .confidence = 0.6}, {.level = Level::warning, .cause = Cause::init_too_large, .confidence = 0.6}};
  state_confidence(findings);
  EXPECT_EQ(findings[0].confidence, confidence_of_fault(Cause::input_not_scaled, true));
  EXPECT_EQ(findings[1].confidence, 0.6 * confidence_of_fault(Cause::init_too_large, true));
  findings.pop_back();
  state_confidence(findings);
  EXPECT_GT(findings[0].confidence, confidence_of_fault(Cause::input_not_scaled, true));
}

TEST(Diagnose, softmax_before_a_loss_that_has_one_is_named_whatever_else_is_there) {
  Subject subject = untrained("relu");
  subject.output.ends_in_softmax = true;
  subject.output.largest = 0.4;
  train(subject, 2.303, 2.29);
  expect_first(subject, Level::fault, Symptom::not_learning, Cause::softmax_applied_twice, 2);
}

TEST(Diagnose, an_output_that_cannot_reach_the_targets_is_named) {
  Subject subject = untrained("relu");
  subject.loss = nn::Loss::mse;
  subject.output.last_activation = "relu";
  subject.output.smallest_target = 0, subject.output.largest_target = 2;
  EXPECT_TRUE(diagnose(subject).empty());
  subject.output.smallest_target = -2;
  expect_first(subject, Level::warning, Symptom::not_learning, Cause::output_activation_wrong, 2);
}

TEST(Diagnose, a_loss_that_leaves_the_numbers_after_large_steps_is_a_learning_rate_too_high) {
  Subject subject = untrained("relu");
  train(subject, 2.5, 4, 6);
  for (observe::LayerWindow& layer : subject.log.windows.back().layers) layer.update = 2 * layer.weight;
  subject.log.windows.back().loss = std::numeric_limits<double>::quiet_NaN();
  subject.log.windows.back().layers[2].non_finite = 3;
  expect_first(subject, Level::fault, Symptom::non_finite, Cause::learning_rate_too_high, 0);
}

TEST(Diagnose, tiny_steps_of_a_network_that_has_learnt_are_healthy_and_of_one_that_has_not_are_a_fault) {
  Subject learnt = untrained("relu"), not_learnt = learnt;
  train(learnt, 2.5, 0.001);
  train(not_learnt, 2.5, 2.4999);
  for (Subject* subject : {&learnt, &not_learnt}) {
    for (observe::Window& window : subject->log.windows) {
      for (observe::LayerWindow& layer : window.layers) layer.update = 1e-7 * layer.weight;
    }
  }
  EXPECT_TRUE(diagnose(learnt).empty()) << to_string(first(learnt));
  expect_first(not_learnt, Level::fault, Symptom::not_learning, Cause::learning_rate_too_low, std::nullopt);
}

TEST(Diagnose, harm_without_a_known_cause_is_told_as_a_warning_with_little_confidence) {
  Subject subject = untrained("relu");
  train(subject, 2.5, 2.4);
  const Finding finding = first(subject);
  EXPECT_EQ(name(finding.level), "warning");
  EXPECT_LT(finding.confidence, 0.5);
  EXPECT_EQ(count(diagnose(subject), Level::fault), 0);
}

/// A network of which only its end is known, with this loss.
Subject ended(const std::string& activation, double loss) {
  Subject subject = untrained(activation);
  subject.after_training = true;
  subject.output.loss = subject.log.windows.front().loss = loss;
  return subject;
}

TEST(Diagnose, a_network_that_has_learnt_is_not_blamed_for_weights_that_have_grown_nor_for_its_units) {
  for (const double loss : {0.3, 8.0}) {
    Subject subject = ended("tanh", loss);
    for (observe::LayerWindow& layer : subject.log.windows.front().layers) layer.weight *= 10, layer.saturated = 0.8;
    const std::vector<Finding> findings = diagnose(subject);
    EXPECT_EQ(count(findings, Level::info), static_cast<int64_t>(findings.size())) << to_string(findings.front());
    for (const Finding& finding : findings) EXPECT_EQ(name(finding.symptom), name(Symptom::saturated_units));
  }
}

TEST(Diagnose, a_network_that_ended_at_chance_has_a_fault_if_something_explains_it) {
  Subject subject = ended("tanh", 2.3);
  EXPECT_TRUE(diagnose(subject).empty()) << "no cause is guessed";
  for (observe::LayerWindow& layer : subject.log.windows.front().layers) layer.weight *= 10, layer.saturated = 0.8;
  expect_first(subject, Level::fault, Symptom::saturated_units, Cause::init_too_large, 0);
  EXPECT_EQ(first(subject).since_step, std::nullopt);
}

TEST(Diagnose, a_network_that_ended_in_numbers_that_are_not_finite_has_one_fault_in_the_first_layer_that_shows_them) {
  Subject subject = ended("relu", std::numeric_limits<double>::quiet_NaN());
  for (size_t layer : {1, 2}) subject.log.windows.front().layers[layer].non_finite = 7;
  EXPECT_EQ(diagnose(subject).size(), 1u);
  expect_first(subject, Level::fault, Symptom::non_finite, Cause::learning_rate_too_high, 1);
}

TEST(Finding, names_go_both_ways) {
  for (const Symptom symptom : all_symptoms()) EXPECT_EQ(find_symptom(name(symptom)), symptom);
  for (const Cause cause : all_causes()) EXPECT_EQ(find_cause(name(cause)), cause);
  EXPECT_EQ(all_symptoms().size(), 13u);
  EXPECT_EQ(all_causes().size(), 16u);
  EXPECT_EQ(find_cause("bad_luck"), std::nullopt);
}

}  // namespace
}  // namespace rectify::diagnose
