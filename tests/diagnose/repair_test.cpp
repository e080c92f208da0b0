// Findings to a repaired checkpoint.
#include "rectify/diagnose/repair.h"

#include <gmock/gmock.h>

#include "tests/diagnose/checkpoints.h"

namespace rectify::diagnose {
namespace {

Checkpoint tiny_weights() {
  train::RunConfiguration run = configuration("linear(32, init=normal(0.001)), relu, linear(32, init=normal(0.001)), relu, linear(2, init=normal(0.001))");
  run.data = "circles(n=2000, noise=0.1)";
  run.optimiser = "sgd(lr=0.3)";
  return checkpoint_of(run, 20);
}

TEST(Repair, adopts_what_is_proven_and_counts_its_steps) {
  const Checkpoint checkpoint = tiny_weights();
  const Repair repaired = repair(checkpoint, {{.level = Level::fault, .symptom = Symptom::vanishing_gradient, .cause = Cause::init_too_small, .layer = 0}}, {});
  ASSERT_TRUE(repaired.adopted);
  EXPECT_EQ(repaired.adopted->change, Change::reinitialise);
  EXPECT_EQ(repaired.checkpoint.run.configuration.network, "linear(32), relu, linear(32), relu, linear(2)");
  for (const Attempt& attempt : repaired.attempts) EXPECT_TRUE(attempt.fork) << attempt.refusal;
  // One fork without for all, and one with for each.
  EXPECT_EQ(repaired.steps, fork_batches(checkpoint) * (1 + static_cast<int64_t>(repaired.attempts.size())));
}

TEST(Repair, goes_on_from_the_fork_that_won_with_the_bits_of_a_training_with_the_remedy) {
  const Checkpoint checkpoint = tiny_weights();
  Repair repaired = repair(checkpoint, {{.level = Level::fault, .symptom = Symptom::vanishing_gradient, .cause = Cause::init_too_small, .layer = 0}}, {});
  ASSERT_TRUE(repaired.adopted);
  const int64_t batches = fork_batches(checkpoint);
  EXPECT_EQ(repaired.checkpoint.step, 20 + batches);
  Checkpoint changed = apply(*repaired.adopted, checkpoint);
  changed.run.options.first_step = 20;
  train::take_steps(changed.run.model, *changed.run.optimiser, changed.run.data.train, changed.run.options, batches);
  EXPECT_EQ(train::weights_sha256(repaired.checkpoint.run.model), train::weights_sha256(changed.run.model));
}

TEST(Repair, goes_on_from_where_the_fork_began_if_it_went_beyond_the_end) {
  train::RunConfiguration run = configuration("linear(32), relu, linear(2), softmax");
  run.data = "blobs(n=2000, classes=2)";
  run.epochs = 1;
  const Checkpoint checkpoint = checkpoint_of(run, 30);  // of 47
  const Repair repaired = repair(checkpoint, {{.level = Level::fault, .cause = Cause::softmax_applied_twice}}, {});
  ASSERT_TRUE(repaired.adopted);
  EXPECT_EQ(repaired.checkpoint.step, 30);
}

TEST(Repair, begins_no_fork_that_it_cannot_afford) {
  const Checkpoint checkpoint = tiny_weights();
  const std::vector<Finding> findings{{.level = Level::fault, .symptom = Symptom::vanishing_gradient, .cause = Cause::init_too_small, .layer = 0}};
  const int64_t batches = fork_batches(checkpoint);
  const Repair none = repair(checkpoint, findings, {}, 2 * batches - 1), one = repair(checkpoint, findings, {}, 2 * batches);
  EXPECT_EQ(none.steps, 0);
  EXPECT_TRUE(none.attempts.empty());
  EXPECT_EQ(one.steps, 2 * batches);
  EXPECT_EQ(one.attempts.size(), 1u);
}

TEST(Repair, looks_later_for_warnings_but_not_for_mistakes) {
  Checkpoint checkpoint = tiny_weights();
  const Repair warned = repair(checkpoint, {{.level = Level::warning, .symptom = Symptom::vanishing_gradient, .cause = Cause::init_too_small, .layer = 0}}, {});
  ASSERT_FALSE(warned.attempts.empty());
  EXPECT_TRUE(std::ranges::any_of(warned.attempts, [](const Attempt& attempt) { return attempt.fork && attempt.fork->loss_later; }));
  train::RunConfiguration run = configuration("linear(32), relu, linear(2), softmax");
  run.data = "blobs(n=2000, classes=2)";
  const Checkpoint twice = checkpoint_of(run);
  const Repair mistaken = repair(twice, {{.level = Level::warning, .cause = Cause::softmax_applied_twice}}, {});
  ASSERT_TRUE(mistaken.adopted);
  EXPECT_FALSE(mistaken.attempts.at(0).fork->loss_later);
}

TEST(Repair, of_what_is_not_broken_changes_nothing) {
  train::RunConfiguration run = configuration("linear(32), relu, linear(32), relu, linear(2)");
  run.data = "circles(n=2000, noise=0.1)";
  Checkpoint checkpoint = checkpoint_of(run, 200);
  Repair repaired = repair(checkpoint, {{.level = Level::warning, .cause = Cause::depth_without_normalisation}}, {});
  EXPECT_FALSE(repaired.adopted);
  EXPECT_EQ(train::weights_sha256(repaired.checkpoint.run.model), train::weights_sha256(checkpoint.run.model));
  EXPECT_EQ(repaired.attempts.size(), 4u);
}

TEST(Repair, says_why_a_remedy_could_not_be_applied_and_leaves_infos_alone) {
  const Checkpoint checkpoint = tiny_weights();
  const Repair refused = repair(checkpoint, {{.level = Level::fault, .cause = Cause::softmax_applied_twice}}, {});
  ASSERT_EQ(refused.attempts.size(), 1u);
  EXPECT_FALSE(refused.attempts[0].fork);
  EXPECT_THAT(refused.attempts[0].refusal, testing::HasSubstr("[remove_output_activation]"));
  EXPECT_EQ(refused.steps, 0);
  EXPECT_TRUE(repair(checkpoint, {{.level = Level::info, .cause = Cause::init_too_small}}, {}).attempts.empty());
}

}  // namespace
}  // namespace rectify::diagnose
