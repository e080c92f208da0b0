// Units that are silent on a sample, whatever was seen of them before.
#include "rectify/diagnose/silence.h"

#include <gtest/gtest.h>

#include "tests/diagnose/checkpoints.h"

namespace rectify::diagnose {
namespace {

TEST(Silence, is_recounted_on_a_sample) {
  Checkpoint checkpoint = checkpoint_of(configuration("linear(4), relu, linear(2)"));
  checkpoint.run.model = checkpoint_of(configuration("linear(4, bias=-50), relu, linear(2)")).run.model;
  weighted(checkpoint.run.model, 0).bias.data<float>()[2] = 50;
  observe::WatchLog log;
  log.windows.push_back({.first_step = 1, .last_step = 30, .layers = {}});
  log.units = {{{.silent_values = 64, .silent_since = 12}, {}, {.silent_values = 64, .silent_since = 12}, {}}, {{}, {}}};
  recount_silence(log, checkpoint.run.model, checkpoint.run.data);
  EXPECT_GE(log.units[0][0].silent_values, 1000) << "all there are";
  EXPECT_EQ(log.units[0][0].silent_since, 12);
  EXPECT_GE(log.units[0][1].silent_values, 1000);
  EXPECT_EQ(log.units[0][1].silent_since, 30) << "it fired until now";
  EXPECT_EQ(log.units[0][2].silent_values, 0);
  EXPECT_EQ(log.units[1][0].silent_values, 0) << "the output's layer has no activation";
}

}  // namespace
}  // namespace rectify::diagnose
