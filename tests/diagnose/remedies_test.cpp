// What each remedy does to a network, its optimiser and its configuration.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "rectify/autograd/engine.h"
#include "rectify/data/loader.h"
#include "rectify/diagnose/learning_rate.h"
#include "rectify/diagnose/network_parts.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/normalisations.h"
#include "rectify/observe/run_folder.h"
#include "tests/diagnose/checkpoints.h"
#include "tests/support/message_of.h"

namespace rectify::diagnose {
namespace {

using test::message_of;
using testing::HasSubstr;

Tensor outputs(const Checkpoint& checkpoint) {
  nn::Sequential model = checkpoint.run.model;
  return train::predict(model, checkpoint.run.data.train.input);
}

/// Weights, moments and texts in one.
std::string digest(const Checkpoint& checkpoint) {
  nn::Sequential model = checkpoint.run.model;
  std::string text = train::weights_sha256(model) + train::to_json(checkpoint.run.configuration) + std::to_string(checkpoint.step);
  for (const NamedTensor& entry : checkpoint.run.optimiser->state()) {
    text += entry.name;
    for (int64_t i = 0; i < entry.tensor.size(); ++i) text += " " + std::to_string(entry.tensor.at(i));
  }
  return text;
}

void expect_consistent(const Checkpoint& checkpoint) {
  const train::Prepared& run = checkpoint.run;
  EXPECT_EQ(run.configuration.network, run.model.specification());
  EXPECT_EQ(run.configuration.optimiser, run.optimiser->specification());
  EXPECT_EQ(run.configuration.batch, run.options.batch);
  EXPECT_EQ(run.configuration.loss, nn::to_string(run.options.loss));
  EXPECT_EQ(run.configuration.data, run.data.specification);
}

TEST(RescaleActivation, keeps_the_function_and_makes_four_sigmoid_minus_two_of_sigmoid) {
  const Checkpoint before = checkpoint_of(configuration("linear(16), sigmoid, linear(16, bias=false), sigmoid, linear(2)"), 30);
  const Checkpoint after = apply({.change = Change::rescale_activation}, before);
  EXPECT_EQ(after.run.configuration.network, "linear(16), scaled_sigmoid, linear(16), scaled_sigmoid, linear(2)");
  EXPECT_LT(largest_difference(outputs(before), outputs(after)), 2e-6);
  expect_consistent(after);
}

TEST(RescaleActivation, follows_a_factor_through_pooling_flatten_and_dropout) {
  train::RunConfiguration images = configuration("unflatten(1, 2, 1), conv2d(4, kernel=1), silu, max_pool2d(1), dropout(0.1), conv2d(3, kernel=size(1, 2)), softplus, flatten, linear(2)");
  const Checkpoint before = checkpoint_of(images, 10), after = apply({.change = Change::rescale_activation}, before);
  EXPECT_THAT(after.run.configuration.network, HasSubstr("formula(\"(x*sigmoid(x))/0.5\")"));
  EXPECT_THAT(after.run.configuration.network, HasSubstr("- (0.6931471805599453))/0.5\")"));
  EXPECT_LT(largest_difference(outputs(before), outputs(after)), 2e-6);
}

TEST(RescaleActivation, leaves_an_offset_where_zeros_come_in_between) {
  for (const char* network : {"linear(8), softplus, dropout(0.2), linear(2)", "unflatten(1, 2, 1), conv2d(4, kernel=1), softplus, conv2d(2, kernel=3, padding=1), flatten, linear(2)",
                              "linear(8), relu, linear(2)", "linear(8), tanh, linear(2)", "linear(8), softplus, batch_norm, linear(2)"}) {
    const Checkpoint checkpoint = checkpoint_of(configuration(network));
    EXPECT_THAT(message_of<ArgumentError>([&] { apply({.change = Change::rescale_activation}, checkpoint); }), HasSubstr("[rescale_activation]")) << network;
  }
}

TEST(RescaleActivation, gives_the_next_weights_the_moments_that_they_would_have) {
  struct Case {
    const char *activation, *optimiser;
  };
  // Squares of gradients follow exactly where f(0) is 0.
  for (const Case& one : {Case{"sigmoid", "sgd(lr=0.1, momentum=0.9)"}, Case{"silu", "adam(lr=0.01)"}, Case{"silu", "rmsprop(lr=0.01, momentum=0.9)"}}) {
    train::RunConfiguration run = configuration("linear(16), " + std::string(one.activation) + ", linear(2)");
    run.optimiser = one.optimiser;
    // After one step the moments are those of the first batch's gradient at the first weights.
    const Checkpoint rescaled_later = apply({.change = Change::rescale_activation}, checkpoint_of(run, 1));
    Checkpoint rescaled_before = apply({.change = Change::rescale_activation}, checkpoint_of(run, 0));
    train::take_steps(rescaled_before.run.model, *rescaled_before.run.optimiser, rescaled_before.run.data.train, rescaled_before.run.options, 1);
    const auto later = rescaled_later.run.optimiser->state(), before = rescaled_before.run.optimiser->state();
    ASSERT_EQ(later.size(), before.size());
    for (size_t i = 1; i < later.size(); ++i) {
      for (int64_t k = 0; k < later[i].tensor.size(); ++k) {
        EXPECT_NEAR(later[i].tensor.at(k), before[i].tensor.at(k), 1e-6 + 1e-4 * std::abs(before[i].tensor.at(k))) << one.optimiser << ", " << later[i].name;
      }
    }
  }
}

/// A network in which units 3 and 5 of the first layer are dead.
Checkpoint with_dead_units(const std::string& optimiser = "adam(lr=0.01)") {
  train::RunConfiguration run = configuration("linear(16), relu, linear(16), relu, linear(2)");
  run.optimiser = optimiser;
  Checkpoint checkpoint = checkpoint_of(run, 20);
  for (const int64_t unit : {3, 5}) weighted(checkpoint.run.model, 0).bias.data<float>()[unit] = -100;
  return checkpoint;
}

TEST(RecycleUnits, makes_dead_units_fire_and_changes_no_output) {
  const Checkpoint before = with_dead_units(), after = apply({.change = Change::recycle_units, .layer = 0, .units = {3, 5}}, before);
  EXPECT_EQ(largest_difference(outputs(before), outputs(after)), 0.0);
  nn::Sequential model = after.run.model;
  const Spread sums = spread_of(pass(model, sample_inputs(after), 0, 1));
  for (const size_t unit : {3, 5}) {
    EXPECT_NEAR(sums.mean[unit], 0, 1e-5);
    EXPECT_NEAR(sums.variance[unit], 1, 1e-4);
  }
  expect_consistent(after);
}

TEST(RecycleUnits, forgets_the_moments_of_the_units_weights_and_no_others) {
  const Checkpoint before = with_dead_units(), after = apply({.change = Change::recycle_units, .layer = 0}, before);
  const auto old_state = before.run.optimiser->state(), state = after.run.optimiser->state();
  ASSERT_EQ(state.size(), old_state.size());
  for (size_t i = 1; i < state.size(); ++i) {
    const Tensor& moment = state[i].tensor;
    const bool incoming = state[i].name.starts_with("0.") || state[i].name.starts_with("1."), outgoing = state[i].name.starts_with("2.");
    const int64_t columns = moment.size() / moment.size(0);
    for (int64_t k = 0; k < moment.size(); ++k) {
      const int64_t row = k / columns, column = k % columns;
      const bool recycled = (incoming && (row == 3 || row == 5)) || (outgoing && (column == 3 || column == 5));
      EXPECT_EQ(moment.at(k), recycled ? 0.0 : old_state[i].tensor.at(k)) << state[i].name << " " << k;
    }
  }
}

TEST(RecycleUnits, folds_the_constant_of_a_stuck_unit_into_the_next_bias) {
  Checkpoint before = checkpoint_of(configuration("linear(16), sigmoid, linear(2)"), 20);
  weighted(before.run.model, 0).bias.data<float>()[7] = 500;
  const Checkpoint after = apply({.change = Change::recycle_units, .layer = 0}, before);
  EXPECT_LT(largest_difference(outputs(before), outputs(after)), 1e-6);
}

TEST(RecycleUnits, refuses_units_that_are_alive) {
  const Checkpoint checkpoint = with_dead_units();
  EXPECT_THAT(message_of<ArgumentError>([&] { apply({.change = Change::recycle_units, .layer = 0, .units = {1, 2}}, checkpoint); }), HasSubstr("none of these units"));
  EXPECT_THAT(message_of<ArgumentError>([&] { apply({.change = Change::recycle_units, .layer = 7}, checkpoint); }), HasSubstr("no layer 7"));
}

TEST(InsertNormalisation, is_the_identity_on_the_sample_in_both_modes) {
  const Checkpoint before = checkpoint_of(configuration("linear(16), relu, linear(16), tanh, linear(2)"), 30);
  const Checkpoint after = apply({.change = Change::insert_normalisation}, before);
  EXPECT_EQ(weighted_places(const_cast<nn::Sequential&>(after.run.model)).size(), 3u);
  EXPECT_THAT(after.run.configuration.network, HasSubstr("linear(16), batch_norm(momentum=0.1, epsilon=1e-05, affine=true), relu, linear(16), batch_norm("));
  const Tensor sample = sample_inputs(before);
  nn::Sequential with = nn::clone(after.run.model), without = nn::clone(before.run.model);
  const NoGrad constant;
  const Tensor expected = train::predict(without, sample);
  EXPECT_LT(largest_difference(train::predict(with, sample), expected), 1e-5);
  with.train();
  EXPECT_LT(largest_difference(with(sample), expected), 1e-5);
  // Everywhere, since the running statistics are those of the sample.
  EXPECT_LT(largest_difference(outputs(after), outputs(before)), 1e-5);
}

TEST(InsertNormalisation, makes_batches_a_little_larger_where_the_last_one_would_have_one_sample) {
  train::RunConfiguration run = configuration("linear(16), relu, linear(2)");  // 450 samples
  run.batch = 449;
  const Checkpoint after = apply({.change = Change::insert_normalisation}, checkpoint_of(run));
  EXPECT_EQ(after.run.options.batch, 450);
  expect_consistent(after);
  run.batch = 32;
  EXPECT_EQ(apply({.change = Change::insert_normalisation}, checkpoint_of(run)).run.options.batch, 32);
  run.batch = 1;
  EXPECT_EQ(apply({.change = Change::insert_normalisation}, checkpoint_of(run)).run.options.batch, 2);
  run.shards = 5;
  EXPECT_THAT(message_of<ArgumentError>([&] { apply({.change = Change::insert_normalisation}, checkpoint_of(run)); }), HasSubstr("fewer than the two"));
}

TEST(Reinitialise, gives_every_layer_variance_one_on_the_data_and_an_optimiser_that_begins) {
  const Checkpoint before = checkpoint_of(configuration("linear(32, init=normal(0.001), bias=-2), sigmoid, linear(32), sigmoid, linear(32), sigmoid, linear(2)"), 10);
  const Checkpoint after = apply({.change = Change::reinitialise}, before);
  EXPECT_EQ(after.run.configuration.network, "linear(32), sigmoid(a=1), linear(32), sigmoid(a=1), linear(32), sigmoid(a=1), linear(2)");
  EXPECT_EQ(after.run.optimiser->steps(), 0);
  nn::Sequential model = after.run.model;
  for (const size_t place : weighted_places(model)) {
    const Spread sums = spread_of(pass(model, sample_inputs(after), 0, place + 1));
    double mean = 0, variance = 0;
    for (size_t k = 0; k < sums.mean.size(); ++k) mean = std::max(mean, std::abs(sums.mean[k])), variance += sums.variance[k] / static_cast<double>(sums.mean.size());
    EXPECT_LT(mean, 1e-5) << place;
    EXPECT_NEAR(variance, 1, 1e-4) << place;
  }
  expect_consistent(after);
}

TEST(Reinitialise, of_one_layer_leaves_the_others) {
  const Checkpoint before = checkpoint_of(configuration("linear(16), relu, linear(16, bias=-30), relu, linear(2)"), 10);
  const Checkpoint after = apply({.change = Change::reinitialise, .layer = 1}, before);
  const auto old_state = const_cast<nn::Sequential&>(before.run.model).state(), state = const_cast<nn::Sequential&>(after.run.model).state();
  for (size_t i = 0; i < state.size(); ++i) EXPECT_EQ(largest_difference(state[i].tensor, old_state[i].tensor) > 0, state[i].name.starts_with("2.")) << state[i].name;
  EXPECT_EQ(after.run.optimiser->steps(), 10);
  EXPECT_THAT(after.run.configuration.network, HasSubstr("linear(16), relu, linear(16), relu"));
}

TEST(SwapActivation, keeps_mean_and_variance_of_what_the_next_layer_sums) {
  for (const char* network : {"linear(16), sigmoid, linear(16), sigmoid, linear(2)", "unflatten(1, 2, 1), conv2d(6, kernel=1), sigmoid, conv2d(4, kernel=1, groups=2), sigmoid, flatten, linear(2)"}) {
    const Checkpoint before = checkpoint_of(configuration(network), 30), after = apply({.change = Change::swap_activation, .text = "leaky_relu"}, before);
    EXPECT_THAT(after.run.configuration.network, testing::Not(HasSubstr("sigmoid")));
    nn::Sequential old_model = before.run.model, model = after.run.model;
    const size_t next = weighted_places(model)[1];
    const Spread was = spread_of(pass(old_model, sample_inputs(before), 0, next + 1)), is = spread_of(pass(model, sample_inputs(after), 0, next + 1));
    for (size_t k = 0; k < was.mean.size(); ++k) {
      EXPECT_NEAR(is.mean[k], was.mean[k], 1e-5);
      EXPECT_NEAR(is.variance[k] / was.variance[k], 1, 1e-4);
    }
    expect_consistent(after);
  }
}

TEST(StandardiseInput, writes_it_into_the_datas_specification) {
  const Checkpoint before = checkpoint_of(configuration("linear(8), relu, linear(2)"), 5), after = apply({.change = Change::standardise_input}, before);
  EXPECT_THAT(after.run.configuration.data, HasSubstr("scale=standard"));
  const Spread inputs = spread_of(after.run.data.train.input);
  for (size_t k = 0; k < 2; ++k) {
    EXPECT_NEAR(inputs.mean[k], 0, 1e-5);
    EXPECT_NEAR(inputs.variance[k], 1, 1e-4);
  }
  expect_consistent(after);
  EXPECT_THAT(message_of<ArgumentError>([&] { apply({.change = Change::standardise_input}, after); }), HasSubstr("already"));
}

TEST(StandardiseInput, of_data_made_in_code_scales_them_and_says_so_in_their_preprocessing) {
  const Checkpoint before = checkpoint_of(waves(100, 500), "linear(8), relu, linear(1)", "sgd(lr=0.01)"), after = apply({.change = Change::standardise_input}, before);
  const auto& preprocessing = after.run.data.preprocessing;
  for (int64_t i : {0, 1, 17}) {
    const double raw = before.run.data.test.input.at(i), k = static_cast<double>(i % 2);
    EXPECT_NEAR(after.run.data.test.input.at(i), (raw - preprocessing.offset[static_cast<size_t>(k)]) / preprocessing.divisor[static_cast<size_t>(k)], 1e-5);
  }
  EXPECT_EQ(before.run.data.train.input.at(0), waves(100, 500).train.input.at(0));
}

TEST(RemoveOutputActivation, leaves_the_last_layer_at_the_end) {
  const Checkpoint before = checkpoint_of(configuration("linear(8), relu, linear(2), softmax")), after = apply({.change = Change::remove_output_activation}, before);
  EXPECT_EQ(after.run.configuration.network, "linear(8), relu, linear(2)");
  expect_consistent(after);
  EXPECT_THAT(message_of<ArgumentError>([&] { apply({.change = Change::remove_output_activation}, after); }), HasSubstr("nothing comes after"));
  train::RunConfiguration nll = configuration("linear(8), relu, linear(2), log_softmax");
  nll.loss = "nll";
  EXPECT_THAT(message_of<ArgumentError>([&] { apply({.change = Change::remove_output_activation}, checkpoint_of(nll)); }), HasSubstr("needs log-probabilities"));
}

TEST(CorrectLoss, takes_one_that_fits_the_outputs) {
  train::RunConfiguration run = configuration("linear(8), relu, linear(2)");
  run.loss = "nll";
  const Checkpoint after = apply({.change = Change::correct_loss, .text = "cross_entropy"}, checkpoint_of(run));
  EXPECT_EQ(after.run.options.loss, nn::Loss::cross_entropy);
  expect_consistent(after);
  for (const char* loss : {"mse", "bce_with_logits", "nothing", "cross_entropy"}) {
    EXPECT_THAT(message_of<ArgumentError>([&] { apply({.change = Change::correct_loss, .text = loss}, after); }), HasSubstr("[correct_loss]")) << loss;
  }
}

TEST(ChangeBatch, goes_on_at_the_same_place_of_the_epoch) {
  const Checkpoint before = checkpoint_of(configuration("linear(8), relu, linear(2)"), 20);  // 450 samples: 15 steps an epoch
  const Checkpoint after = apply({.change = Change::change_batch, .number = 80}, before);
  EXPECT_EQ(after.step, 6 + 2);  // 160 samples into the second epoch of 6 steps
  expect_consistent(after);
}

TEST(SetLearningRate, finds_the_end_of_the_slope_of_a_parabola) {
  // The loss of a linear network under mse is a parabola in its weights; along the step from the gradient its lowest point is at g g / g H g.
  train::RunConfiguration run{.network = "linear(1)", .data = "", .optimiser = "sgd(lr=0.5)"};
  const Checkpoint checkpoint = checkpoint_of(waves(), run.network, run.optimiser);
  const double rate = learning_rate_from_curvature(checkpoint);
  const auto loss_after = [&](double tried) {
    Checkpoint moved = apply({.change = Change::set_learning_rate, .number = tried}, checkpoint);
    moved.run.options.batch = 800;
    train::take_steps(moved.run.model, *moved.run.optimiser, moved.run.data.train, moved.run.options, 1);
    return train::evaluate(moved.run.model, moved.run.data.train, nn::Loss::mse).loss;
  };
  EXPECT_LT(loss_after(rate), loss_after(0.6 * rate));
  EXPECT_LT(loss_after(rate), loss_after(1.6 * rate));
  EXPECT_NEAR(apply({.change = Change::set_learning_rate}, checkpoint).run.optimiser->learning_rate(), rate, 1e-15);
}

TEST(HoldLearningRate, ends_the_schedule_at_what_it_has_come_to) {
  train::RunConfiguration run = configuration("linear(8), relu, linear(2)");
  run.schedule = "step(every=1, factor=0.5)";
  const Checkpoint checkpoint = checkpoint_of(run, 40), held = apply({.change = Change::hold_learning_rate}, checkpoint);
  EXPECT_EQ(train::schedule_from(parse_specification(held.run.configuration.schedule).or_throw()).at(1000, 10, 2000), 1);
  const int64_t per_epoch = (checkpoint.run.data.train.size() + 31) / 32;
  EXPECT_DOUBLE_EQ(held.run.optimiser->learning_rate(), checkpoint.run.optimiser->learning_rate() * std::pow(0.5, static_cast<double>(40 / per_epoch)));
  EXPECT_THROW(apply({.change = Change::hold_learning_rate}, held), ArgumentError);
}

TEST(ClipGradient, is_an_option_of_the_optimiser_that_keeps_its_moments) {
  const Checkpoint before = checkpoint_of(configuration("linear(8), relu, linear(2)"), 5), after = apply({.change = Change::clip_gradient, .number = 0.5}, before);
  EXPECT_THAT(after.run.configuration.optimiser, HasSubstr("clip=0.5"));
  EXPECT_EQ(after.run.optimiser->state().size(), before.run.optimiser->state().size());
  EXPECT_EQ(after.run.optimiser->steps(), 5);
}

/// All remedies on a network that each can be applied to.
std::vector<Remedy> every_remedy() {
  return {{.change = Change::rescale_activation}, {.change = Change::recycle_units, .layer = 0}, {.change = Change::insert_normalisation}, {.change = Change::set_learning_rate, .number = 0.003},
          {.change = Change::clip_gradient, .number = 1}, {.change = Change::standardise_input}, {.change = Change::reinitialise}, {.change = Change::swap_activation, .text = "leaky_relu"},
          {.change = Change::remove_output_activation}, {.change = Change::correct_loss, .text = "cross_entropy"}, {.change = Change::change_batch, .number = 16}};
}
Checkpoint any_checkpoint() {
  train::RunConfiguration run = configuration("linear(16), sigmoid, linear(16), tanh, linear(2), sigmoid");
  run.loss = "nll";
  Checkpoint checkpoint = checkpoint_of(run, 3);
  weighted(checkpoint.run.model, 0).bias.data<float>()[2] = -2000;
  return checkpoint;
}
Remedy for_loss(Remedy remedy, Checkpoint& checkpoint) {
  if (remedy.change == Change::remove_output_activation) checkpoint = apply({.change = Change::correct_loss, .text = "cross_entropy"}, checkpoint);
  return remedy;
}

TEST(Remedies, leave_the_checkpoint_that_they_are_given) {
  for (const Remedy& remedy : every_remedy()) {
    Checkpoint checkpoint = any_checkpoint();
    for_loss(remedy, checkpoint);
    const std::string before = digest(checkpoint);
    const Checkpoint after = apply(remedy, checkpoint);
    EXPECT_EQ(digest(checkpoint), before) << to_string(remedy);
    EXPECT_NE(digest(after), before) << to_string(remedy);
    expect_consistent(after);
  }
}

TEST(Remedies, make_runs_that_are_saved_loaded_and_trained_again_like_any_other) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("rectify_remedies_" + std::to_string(::getpid()));
  for (const Remedy& remedy : every_remedy()) {
    Checkpoint checkpoint = any_checkpoint();
    for_loss(remedy, checkpoint);
    Checkpoint after = apply(remedy, checkpoint);
    observe::write_run_folder(folder, after.run, {}, {}, "test");
    train::SavedRun saved = train::load_run(folder);
    EXPECT_EQ(train::weights_sha256(saved.model), train::weights_sha256(after.run.model)) << to_string(remedy);
    const train::Prepared again = train::prepare(train::read_configuration(folder / "run.json"));
    EXPECT_EQ(again.model.specification(), after.run.model.specification()) << to_string(remedy);
    EXPECT_EQ(again.optimiser->specification(), after.run.optimiser->specification()) << to_string(remedy);
    EXPECT_EQ(train::to_json(again.configuration), train::to_json(after.run.configuration)) << to_string(remedy);
  }
  std::filesystem::remove_all(folder);
}

TEST(Remedies, of_several_changes_make_one_after_the_other) {
  const Checkpoint before = checkpoint_of(configuration("linear(8), sigmoid, linear(2)"), 5);
  const Remedy both{.change = Change::swap_activation, .text = "relu", .also = {{.change = Change::reinitialise}, {.change = Change::clip_gradient, .number = 2}}};
  EXPECT_EQ(digest(apply(both, before)), digest(apply(both.also[1], apply(both.also[0], apply({.change = Change::swap_activation, .text = "relu"}, before)))));
  EXPECT_EQ(to_string(both), "use relu as the activation of every hidden layer; then initialise the network again, to variance 1 on the data; then clip the gradient at the norm 2");
}

TEST(Remedies, keep_frozen_parameters_frozen) {
  Checkpoint before = checkpoint_of(configuration("linear(8), sigmoid, linear(2)"));
  before.run.model[0].freeze();
  Checkpoint after = apply({.change = Change::rescale_activation}, before);
  EXPECT_FALSE(weighted(after.run.model, 0).weight.requires_grad());
  EXPECT_TRUE(weighted(after.run.model, 2).weight.requires_grad());
}

TEST(Remedies, have_names_and_sentences) {
  EXPECT_EQ(name(Change::recycle_units), "recycle_units");
  EXPECT_EQ(name(Change::change_batch), "change_batch");
  EXPECT_EQ(to_string({.change = Change::set_learning_rate, .number = 0.0030004}), "set the learning rate to 0.003");
  EXPECT_EQ(to_string({.change = Change::clip_gradient, .number = 1}), "clip the gradient at the norm 1");
  EXPECT_EQ(to_string({.change = Change::change_batch, .number = 32}), "use batches of 32 samples");
  EXPECT_EQ(to_string({.change = Change::recycle_units, .layer = 1, .units = {4, 7}}), "recycle 2 units of layer 1");
  for (const Remedy& remedy : every_remedy()) EXPECT_FALSE(to_string(remedy).empty());
}

TEST(RemediesFor, what_is_a_mistake_begin_with_its_correction) {
  EXPECT_EQ(remedies_for({.cause = Cause::input_not_scaled}, {}).front().change, Change::standardise_input);
  EXPECT_EQ(remedies_for({.cause = Cause::softmax_applied_twice}, {}).front().change, Change::remove_output_activation);
}

TEST(RemediesFor, a_rate_that_the_schedule_raised_begin_with_its_end) {
  Subject subject;
  subject.learning_rate = 0.1;
  subject.log.windows = {{.learning_rate = 0.1, .layers = {}}, {.learning_rate = 10, .layers = {}}, {.learning_rate = 0.1, .layers = {}}};
  EXPECT_EQ(remedies_for({.cause = Cause::learning_rate_too_high}, subject).front().change, Change::hold_learning_rate);
  subject.log.windows[1].learning_rate = 0.1;
  EXPECT_EQ(remedies_for({.cause = Cause::learning_rate_too_high}, subject).front().change, Change::set_learning_rate);
}

TEST(RemediesFor, what_is_no_mistake_begin_with_those_that_keep_the_function) {
  Subject subject;
  subject.training_samples = 500;
  for (const Cause cause : all_causes()) {
    if (is_a_mistake(cause)) continue;
    for (const Symptom symptom : all_symptoms()) {
      const std::vector<Remedy> remedies = remedies_for({.symptom = symptom, .cause = cause, .layer = 1, .units = {2}}, subject);
      ASSERT_FALSE(remedies.empty()) << name(cause);
      bool changed = false;
      for (const Remedy& remedy : remedies) {
        const bool keeps = remedy.change <= Change::insert_normalisation && remedy.also.empty();
        EXPECT_FALSE(keeps && changed) << name(cause) << ": " << to_string(remedy);
        changed = changed || !keeps;
      }
    }
  }
  EXPECT_EQ(remedies_for({.symptom = Symptom::dead_units, .cause = Cause::bias_too_negative, .layer = 1, .units = {2}}, subject).front().change, Change::recycle_units);
  // Where steps kill units, others would be killed again.
  EXPECT_EQ(remedies_for({.symptom = Symptom::dead_units, .cause = Cause::learning_rate_too_high, .layer = 1, .units = {2}}, subject).front().change, Change::set_learning_rate);
}

/// The learning rates of the remedies that set one and do nothing else.
std::vector<double> learning_rates(Cause cause, const Subject& subject) {
  std::vector<double> rates;
  for (const Remedy& remedy : remedies_for({.cause = cause}, subject)) {
    if (remedy.change == Change::set_learning_rate) rates.push_back(remedy.number);
  }
  return rates;
}

TEST(RemediesFor, take_the_learning_rate_from_the_curvature_and_from_the_update_to_weight_ratio) {
  Subject subject;
  subject.learning_rate = 0.5;
  subject.log.windows.push_back({.layers = {{.weight = 0.2, .update = 0.02}, {.weight = 0.1, .update = 0.002}}});
  EXPECT_THAT(learning_rates(Cause::learning_rate_too_high, subject), testing::ElementsAre(0, testing::DoubleEq(0.5 * 1e-3 / 0.1)));
  // Weights that hardly move any more, long after the harm was done, do not say that the rate should grow.
  subject.log.windows.push_back({.layers = {{.weight = 0.2, .update = 1e-9}}});
  EXPECT_THAT(learning_rates(Cause::learning_rate_too_high, subject), testing::ElementsAre(0, testing::DoubleEq(0.5 * 1e-3 / 0.1)));
  EXPECT_THAT(learning_rates(Cause::learning_rate_too_low, subject), testing::ElementsAre(testing::DoubleEq(0.5 * 1e-2 / (1e-9 / 0.2)), testing::DoubleEq(0.5 * 1e-3 / (1e-9 / 0.2)), 0));
  subject.diverged = "step 12";
  EXPECT_THAT(learning_rates(Cause::learning_rate_too_high, subject), testing::ElementsAre(0, 0));
}

}  // namespace
}  // namespace rectify::diagnose
