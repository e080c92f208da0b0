// The proof by a fork: a remedy that is needed is proven, one that is not is not.
#include <gmock/gmock.h>

#include <cmath>

#include "rectify/diagnose/chance_loss.h"
#include "rectify/diagnose/fork.h"
#include "rectify/diagnose/network_parts.h"
#include "tests/diagnose/checkpoints.h"
#include "tests/train/support.h"

namespace rectify::diagnose {
namespace {

train::RunConfiguration on_circles(const std::string& network, const std::string& optimiser, uint64_t seed = 0) {
  train::RunConfiguration run = configuration(network, seed);
  run.data = "circles(n=2000, noise=0.1, seed=" + std::to_string(seed) + ")";
  run.optimiser = optimiser;
  return run;
}

void expect_helps(const Checkpoint& checkpoint, const Remedy& remedy) {
  const ForkResult result = fork_test(checkpoint, remedy);
  EXPECT_TRUE(result.helps) << to_string(remedy) << ": " << result.loss_without << " -> " << result.loss_with << ", later " << result.loss_later.value_or(-1);
  EXPECT_LT(result.high, 0);
  EXPECT_LT(result.loss_with, result.loss_without);
}

TEST(ForkTest, proves_that_weights_of_calibrated_size_help_where_they_began_tiny) {
  for (uint64_t seed = 0; seed < 3; ++seed) {
    expect_helps(checkpoint_of(on_circles("linear(32, init=normal(0.001)), relu, linear(32, init=normal(0.001)), relu, linear(2, init=normal(0.001))", "sgd(lr=0.3)", seed), 20),
                 {.change = Change::reinitialise});
  }
}

TEST(ForkTest, proves_that_a_regression_is_better_without_relu_on_its_output) {
  expect_helps(checkpoint_of(waves(), "linear(32), relu, linear(1), relu", "adam(lr=0.01)"), {.change = Change::remove_output_activation});
}

TEST(ForkTest, proves_that_unscaled_inputs_are_better_standardised) {
  expect_helps(checkpoint_of(waves(100, 500), "linear(32), tanh, linear(1)", "adam(lr=0.01)"), {.change = Change::standardise_input});
}

TEST(ForkTest, proves_that_dead_units_are_better_recycled) {
  Checkpoint checkpoint = checkpoint_of(on_circles("linear(16), relu, linear(2)", "sgd(lr=0.5)"));
  for (int64_t unit = 1; unit < 16; ++unit) weighted(checkpoint.run.model, 0).bias.data<float>()[unit] = -50;
  expect_helps(checkpoint, {.change = Change::recycle_units, .layer = 0});
}

TEST(ForkTest, proves_that_a_learning_rate_a_hundred_times_too_large_must_come_down) {
  for (const char* optimiser : {"sgd(lr=30)", "adam(lr=1)"}) {
    const Checkpoint checkpoint = checkpoint_of(on_circles("linear(32), relu, linear(32), relu, linear(2)", optimiser));
    expect_helps(checkpoint, {.change = Change::set_learning_rate});
  }
}

TEST(ForkTest, compares_by_the_corrected_loss) {
  train::RunConfiguration run = on_circles("linear(32), relu, linear(2)", "adam(lr=0.01)");
  run.loss = "nll";
  const ForkResult result = fork_test(checkpoint_of(run), {.change = Change::correct_loss, .text = "cross_entropy"});
  EXPECT_TRUE(result.helps);
  // nll of logits is unbounded below; cross_entropy is not.
  EXPECT_GT(result.loss_without, 0);
}

TEST(ForkTest, proves_that_a_softmax_before_cross_entropy_must_go) {
  expect_helps(checkpoint_of(on_circles("linear(32), relu, linear(2), softmax", "sgd(lr=0.3)")), {.change = Change::remove_output_activation});
}

TEST(ForkTest, lets_the_finite_fork_win) {
  // Inputs of 500 and a learning rate of 1 overflow within a few steps.
  const Checkpoint checkpoint = checkpoint_of(waves(100, 500), "linear(32), relu, linear(1)", "sgd(lr=1)");
  const ForkResult result = fork_test(checkpoint, {.change = Change::set_learning_rate, .number = 1e-9});
  EXPECT_TRUE(std::isinf(result.loss_without));
  EXPECT_TRUE(std::isfinite(result.loss_with));
  EXPECT_TRUE(result.helps);
  const Checkpoint good = checkpoint_of(waves(), "linear(32), relu, linear(1)", "sgd(lr=0.01)");
  const ForkResult worse = fork_test(good, {.change = Change::set_learning_rate, .number = 1e30});
  EXPECT_TRUE(std::isinf(worse.loss_with));
  EXPECT_FALSE(worse.helps);
}

TEST(ForkTest, is_deterministic_and_leaves_the_checkpoint) {
  Checkpoint checkpoint = checkpoint_of(on_circles("linear(16), relu, dropout(0.2), linear(2)", "adam(lr=0.01)"), 30);
  const std::string before = train::weights_sha256(checkpoint.run.model);
  const ForkResult one = fork_test(checkpoint, {.change = Change::reinitialise}), other = fork_test(checkpoint, {.change = Change::reinitialise});
  EXPECT_EQ(one.difference, other.difference);
  EXPECT_EQ(one.low, other.low);
  EXPECT_EQ(one.loss_with, other.loss_with);
  EXPECT_EQ(train::weights_sha256(checkpoint.run.model), before);
  EXPECT_EQ(checkpoint.run.optimiser->steps(), 30);
}

TEST(ForkTest, says_the_same_on_any_number_of_threads_and_every_target) {
  const train::KeepMachine keep;
  const Checkpoint checkpoint = checkpoint_of(on_circles("linear(64), gelu, linear(64), relu, linear(2)", "adam(lr=0.01)"), 10);
  const Remedy remedy{.change = Change::swap_activation, .text = "tanh", .also = {{.change = Change::reinitialise}, {.change = Change::set_learning_rate}}};
  const ForkResult expected = fork_test(checkpoint, remedy, 12);
  for (const std::string& target : kernel::available_targets()) {
    kernel::set_target(target);
    for (const int threads : {1, 2}) {
      set_thread_count(threads);
      const ForkResult result = fork_test(checkpoint, remedy, 12);
      EXPECT_EQ(result.difference, expected.difference) << target << ", " << threads;
      EXPECT_EQ(result.low, expected.low) << target << ", " << threads;
    }
  }
}

TEST(ForkTest, goes_over_the_batches_that_training_sees_next) {
  Checkpoint trained = checkpoint_of(on_circles("linear(16), relu, linear(2)", "adam(lr=0.01)"), 30);
  ForkTests tests(trained, 48);
  EXPECT_EQ(tests.cost(trained, Look::none), 2 * 48);
  EXPECT_EQ(tests.cost(trained, Look::later), (1 + patience) * 48);
  Comparison compared = tests.compare(trained);
  EXPECT_EQ(tests.steps(), 2 * 48);
  EXPECT_EQ(compared.end.step, 78);
  EXPECT_EQ(tests.cost(trained, Look::none), 48) << "the fork without is there already";
  const Checkpoint later = checkpoint_of(on_circles("linear(16), relu, linear(2)", "adam(lr=0.01)"), 78);
  trained.run.options.first_step = 30;
  train::take_steps(trained.run.model, *trained.run.optimiser, trained.run.data.train, trained.run.options, 48);
  EXPECT_EQ(train::weights_sha256(trained.run.model), train::weights_sha256(const_cast<nn::Sequential&>(later.run.model)));
}

TEST(ForkTest, goes_on_comparing_from_where_both_are) {
  const Checkpoint trained = checkpoint_of(on_circles("linear(16), relu, linear(2)", "adam(lr=0.01)"), 30);
  const Checkpoint changed = apply({.change = Change::set_learning_rate, .number = 0.02}, trained);
  ForkTests tests(trained, 12);
  Comparison first = tests.compare(changed, Look::none);
  EXPECT_EQ(tests.cost_of_going_on(changed), 2 * (patience - 1) * 12);
  const Comparison further = tests.go_on_comparing(changed, std::move(first));
  EXPECT_EQ(tests.steps(), 2 * patience * 12);
  EXPECT_EQ(further.result.batches, patience * 12);
  EXPECT_EQ(further.end.step, 30 + patience * 12);
  EXPECT_FALSE(further.result.loss_later);
}

TEST(ForkTest, takes_a_twentieth_of_the_training_within_borders) {
  Checkpoint checkpoint = checkpoint_of(configuration("linear(4), relu, linear(2)"));
  const int64_t per_epoch = (checkpoint.run.data.train.size() + 31) / 32;
  for (const int64_t epochs : {int64_t{1}, 960 / per_epoch, int64_t{1000}}) {
    checkpoint.run.options.epochs = epochs;
    EXPECT_EQ(fork_batches(checkpoint), std::clamp<int64_t>(epochs * per_epoch / 20, 32, 64)) << epochs;
  }
}

TEST(ForkTest, compares_on_the_validation_part_or_on_samples_that_no_batch_has_and_never_on_the_test_part) {
  train::RunConfiguration run = on_circles("linear(16), relu, linear(2)", "adam(lr=0.01)");
  EXPECT_EQ(fork_test(checkpoint_of(run), {.change = Change::clip_gradient, .number = 1}, 2).samples, 1024);
  EXPECT_EQ(fork_test(checkpoint_of(run), {.change = Change::clip_gradient, .number = 1}, 10).samples, 1500 - 4 * 10 * 32);
  EXPECT_EQ(fork_test(checkpoint_of(run), {.change = Change::clip_gradient, .number = 1}, 40).samples, 1500 - 40 * 32);
  EXPECT_EQ(fork_test(checkpoint_of(run), {.change = Change::clip_gradient, .number = 1}, 48).samples, 1024) << "all batches together have every sample";
  Checkpoint without_test = checkpoint_of(run), checkpoint = checkpoint_of(run);
  without_test.run.data.test = {};
  EXPECT_EQ(fork_test(without_test, {.change = Change::reinitialise}).difference, fork_test(checkpoint, {.change = Change::reinitialise}).difference);
  run.data = "circles(n=2000, noise=0.1, validation=0.2)";
  EXPECT_EQ(fork_test(checkpoint_of(run), {.change = Change::clip_gradient, .number = 1}, 2).samples, 300);
}

TEST(ForkTest, shows_forks_that_change_the_batch_as_many_samples) {
  const Checkpoint checkpoint = checkpoint_of(on_circles("linear(16), relu, linear(2)", "adam(lr=0.01)"));
  ForkTests tests(checkpoint, 6);
  tests.compare(apply({.change = Change::change_batch, .number = 64}, checkpoint));
  EXPECT_EQ(tests.steps(), 12 + 6);
}

/// How often a remedy is adopted over 40 seeds of a network that learns as it should.
int adoptions(const Remedy& remedy, const std::string& data, const std::string& network, const std::string& optimiser, int64_t steps) {
  int count = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    train::RunConfiguration run = configuration(network, seed);
    run.data = data + "(n=2000, seed=" + std::to_string(seed) + ")";
    run.optimiser = optimiser;
    count += fork_test(checkpoint_of(run, steps), remedy).helps ? 1 : 0;
  }
  return count;
}

TEST(ForkTest, adopts_no_remedy_on_healthy_networks) {
  const std::vector<Remedy> remedies{{.change = Change::insert_normalisation}, {.change = Change::set_learning_rate}, {.change = Change::clip_gradient, .number = 1},
                                     {.change = Change::standardise_input},    {.change = Change::reinitialise},      {.change = Change::swap_activation, .text = "leaky_relu"},
                                     {.change = Change::change_batch, .number = 64}};
  for (const Remedy& remedy : remedies) {
    for (const int64_t steps : {0, 100}) {
      EXPECT_LE(adoptions(remedy, "spirals", "linear(32), relu, linear(32), relu, linear(2)", "adam(lr=0.01)", steps), 2) << to_string(remedy) << " after " << steps << " steps";
      EXPECT_LE(adoptions(remedy, "blobs", "linear(32), tanh, linear(32), tanh, linear(3)", "sgd(lr=0.1, momentum=0.9)", steps), 2) << to_string(remedy) << " after " << steps << " steps";
    }
  }
  EXPECT_LE(adoptions({.change = Change::rescale_activation}, "moons", "linear(32), gelu, linear(2)", "adam(lr=0.02)", 60), 2);
}

TEST(ChanceLoss, is_that_of_the_best_answer_that_does_not_look) {
  const Tensor classes = Tensor::from(std::vector<int64_t>{0, 1, 1, 1}, Shape{4});
  EXPECT_NEAR(chance_loss(nn::Loss::cross_entropy, classes), -0.25 * std::log(0.25) - 0.75 * std::log(0.75), 1e-12);
  const Tensor numbers = Tensor::from({1, 2, 6}).view(Shape{3, 1});
  EXPECT_NEAR(chance_loss(nn::Loss::mse, numbers), (4 + 1 + 9) / 3.0, 1e-6);
  EXPECT_NEAR(chance_loss(nn::Loss::mae, numbers), (1 + 0 + 4) / 3.0, 1e-6);
}

}  // namespace
}  // namespace rectify::diagnose
