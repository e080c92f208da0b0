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
  EXPECT_EQ(repaired.checkpoint.step, 20);
  ASSERT_EQ(repaired.attempts.size(), 2u);
  for (const Attempt& attempt : repaired.attempts) EXPECT_TRUE(attempt.fork) << attempt.refusal;
  // One fork without for both, and one with for each.
  EXPECT_EQ(repaired.steps, fork_batches * 3);
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
