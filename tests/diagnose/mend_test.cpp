#include "rectify/diagnose/mend.h"

#include <gmock/gmock.h>

#include <atomic>

#include "tests/diagnose/checkpoints.h"

namespace rectify::diagnose {
namespace {

train::RunConfiguration circles(const std::string& network) {
  return {.network = network, .data = "circles(n=640, seed=3)", .optimiser = "sgd(lr=0.1, momentum=0.9)", .epochs = 20, .batch = 32, .seed = 3};
}

double test_accuracy(Mended& mended) { return train::evaluate(mended.run.model, mended.run.data.test, mended.run.options.loss).accuracy; }

TEST(TrainAndRepair, leaves_a_healthy_training_as_it_is_to_the_last_bit) {
  const train::RunConfiguration configuration = circles("linear(16), relu, linear(16), relu, linear(2)");
  train::Prepared plain = train::prepare(configuration);
  train::fit(plain.model, *plain.optimiser, plain.data, plain.options);
  Mended mended = train_and_repair(train::prepare(configuration));
  EXPECT_TRUE(mended.interruptions.empty());
  EXPECT_EQ(mended.steps, mended.planned_steps);
  EXPECT_EQ(train::weights_sha256(mended.run.model), train::weights_sha256(plain.model));
}

TEST(TrainAndRepair, repairs_before_the_first_step_what_could_not_learn) {
  Mended mended = train_and_repair(train::prepare(circles("linear(16, init=zeros), relu, linear(2, init=zeros)")));
  ASSERT_EQ(mended.interruptions.size(), 1u);
  const Interruption& interruption = mended.interruptions[0];
  EXPECT_EQ(interruption.step, 0);
  EXPECT_EQ(name(interruption.findings.at(0).cause), "init_symmetric");
  EXPECT_EQ(name(interruption.findings.at(0).level), "fault") << "the fork is a proof";
  ASSERT_TRUE(interruption.adopted.has_value());
  EXPECT_EQ(interruption.adopted->change, Change::reinitialise);
  // The fork that won is a part of the training, the others are what the proof cost.
  int64_t won = 0;
  for (const Attempt& attempt : interruption.attempts) {
    if (attempt.proven && to_string(attempt.remedy) == to_string(*interruption.adopted)) won = attempt.fork->batches;
  }
  EXPECT_GT(won, 0);
  EXPECT_EQ(mended.steps, mended.planned_steps + interruption.fork_steps - won);
  EXPECT_GT(test_accuracy(mended), 0.9);
}

TEST(TrainAndRepair, goes_back_to_before_an_accident_and_on_from_there) {
  train::RunConfiguration configuration = circles("linear(16), relu, linear(2)");
  configuration.schedule = "spike(at=10, length=0.2, factor=1000)";
  Mended mended = train_and_repair(train::prepare(configuration));
  ASSERT_FALSE(mended.interruptions.empty());
  const Interruption& interruption = mended.interruptions[0];
  EXPECT_EQ(name(interruption.findings.at(0).cause), "learning_rate_too_high");
  const int64_t accident = 10 * 15;  // epochs, steps of each
  EXPECT_LE(interruption.from_step, accident);
  EXPECT_GT(interruption.from_step, 0) << "what had been learnt is kept";
  EXPECT_GT(interruption.step, accident);
  ASSERT_TRUE(interruption.adopted);
  EXPECT_EQ(interruption.adopted->change, Change::hold_learning_rate);
  EXPECT_GT(test_accuracy(mended), 0.9);
}

TEST(TrainAndRepair, goes_on_from_where_steps_were_merely_too_short) {
  train::RunConfiguration configuration = circles("linear(16), relu, linear(2)");
  configuration.optimiser = "sgd(lr=0.0003)";
  configuration.epochs = 40;
  Mended mended = train_and_repair(train::prepare(configuration));
  ASSERT_FALSE(mended.interruptions.empty());
  const Interruption& interruption = mended.interruptions[0];
  EXPECT_EQ(name(interruption.findings.at(0).cause), "learning_rate_too_low");
  EXPECT_GT(interruption.step, 0);
  EXPECT_EQ(interruption.from_step, interruption.step);
  EXPECT_GT(test_accuracy(mended), 0.9);
}

TEST(TrainAndRepair, takes_no_more_steps_than_it_has_for_proofs) {
  for (const char* network : {"linear(16), exp, linear(16), exp, linear(2)", "linear(16, bias=-30), relu, linear(16, init=normal(9)), tanh, linear(2)", "linear(16), relu, linear(2), softmax"}) {
    train::RunConfiguration configuration = circles(network);
    configuration.optimiser = "sgd(lr=3, momentum=0.9)";
    const Mended mended = train_and_repair(train::prepare(configuration));
    EXPECT_FALSE(mended.interruptions.empty()) << network;
    EXPECT_LE(mended.steps, mended.planned_steps + std::max(mended.planned_steps, least_steps_for_proofs)) << network;
  }
}

TEST(TrainAndRepair, is_deterministic) {
  const train::RunConfiguration configuration = circles("linear(16), relu, linear(16, bias=-30), relu, linear(2)");
  Mended one = train_and_repair(train::prepare(configuration)), other = train_and_repair(train::prepare(configuration));
  ASSERT_FALSE(one.interruptions.empty());
  EXPECT_EQ(train::weights_sha256(one.run.model), train::weights_sha256(other.run.model));
  EXPECT_EQ(one.steps, other.steps);
}

TEST(TrainAndRepair, stops_when_it_is_told_to) {
  train::Prepared run = train::prepare(circles("linear(16), relu, linear(2)"));
  const std::atomic<bool> stop = true;
  run.options.stop = &stop;
  const Mended mended = train_and_repair(std::move(run));
  EXPECT_TRUE(mended.result.stopped);
  EXPECT_LE(mended.steps, 1);
  EXPECT_EQ(mended.run.options.stop, &stop);
}

}  // namespace
}  // namespace rectify::diagnose
