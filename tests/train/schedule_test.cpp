#include "rectify/train/schedule.h"

#include <cmath>
#include <numbers>

#include "support.h"

namespace rectify::train {
namespace {

using testing::HasSubstr;

Schedule schedule(const std::string& text) { return schedule_from(parse_specification(text).or_throw()); }

TEST(Schedule, constant_is_1) {
  for (const int64_t step : {0, 1, 99}) EXPECT_EQ(schedule("constant").at(step, 10, 100), 1);
}

TEST(Schedule, step_multiplies_after_whole_epochs) {
  const Schedule s = schedule("step(every=2, factor=0.5)");
  EXPECT_EQ(s.at(0, 10, 100), 1);
  EXPECT_EQ(s.at(19, 10, 100), 1);
  EXPECT_EQ(s.at(20, 10, 100), 0.5);
  EXPECT_EQ(s.at(39, 10, 100), 0.5);
  EXPECT_EQ(s.at(99, 10, 100), 0.0625);
}

TEST(Schedule, cosine_falls_from_1_to_its_minimum_over_the_run) {
  const Schedule s = schedule("cosine(minimum=0.1)");
  EXPECT_EQ(s.at(0, 10, 100), 1);
  EXPECT_NEAR(s.at(50, 10, 100), 0.55, 1e-15);
  EXPECT_EQ(s.at(100, 10, 100), 0.1);
  for (int64_t step = 1; step <= 100; ++step) {
    EXPECT_LT(s.at(step, 10, 100), s.at(step - 1, 10, 100));
    EXPECT_NEAR(s.at(step, 10, 100), 0.1 + 0.45 * (1 + std::cos(std::numbers::pi * static_cast<double>(step) / 100)), 1e-15);
  }
}

TEST(Schedule, warm_up_rises_from_0_and_multiplies_what_follows) {
  const Schedule s = schedule("step(every=2, factor=0.5, warmup=1)");
  EXPECT_EQ(s.at(0, 8, 80), 0);
  EXPECT_EQ(s.at(2, 8, 80), 0.25);
  EXPECT_EQ(s.at(8, 8, 80), 1);
  EXPECT_EQ(s.at(16, 8, 80), 0.5);
  EXPECT_EQ(schedule("constant(warmup=0.5)").at(2, 8, 80), 0.5);
}

TEST(Schedule, a_spike_multiplies_for_its_length_and_leaves_the_rest_alone) {
  const Schedule s = schedule("spike(at=2, length=0.5, factor=30)");
  EXPECT_EQ(s.at(19, 10, 100), 1);
  EXPECT_EQ(s.at(20, 10, 100), 30);
  EXPECT_EQ(s.at(24, 10, 100), 30);
  EXPECT_EQ(s.at(25, 10, 100), 1);
}

TEST(Schedule, a_tiny_period_ends_at_0_instead_of_overflowing) { EXPECT_EQ(schedule("step(every=1e-300, factor=0.5)").at(5, 10, 100), 0); }

TEST(Schedule, prints_itself_in_full_and_reads_that_back) {
  for (const auto& [text, full] : std::vector<std::pair<std::string, std::string>>{{"constant", "constant(warmup=0)"},
                                                                                  {"step", "step(every=10, factor=0.1, warmup=0)"},
                                                                                  {"step(2, 0.5, 1)", "step(every=2, factor=0.5, warmup=1)"},
                                                                                  {"cosine(warmup=2)", "cosine(minimum=0, warmup=2)"},
                                                                                  {"spike(3)", "spike(at=3, length=1, factor=100, warmup=0)"}}) {
    EXPECT_EQ(to_string(schedule(text)), full);
    EXPECT_EQ(to_string(schedule(full)), full);
  }
}

TEST(Schedule, refuses_unknown_names_and_values_out_of_range) {
  const auto refusal = [](const std::string& text) { return message_of<ArgumentError>([&] { schedule(text); }); };
  EXPECT_THAT(refusal("cosin"), HasSubstr("Did you mean cosine"));
  EXPECT_THAT(refusal("step(every=0)"), HasSubstr("every must be a number of epochs above 0, not 0"));
  EXPECT_THAT(refusal("step(factor=-1)"), HasSubstr("factor must be"));
  EXPECT_THAT(refusal("cosine(minimum=2)"), HasSubstr("minimum must be"));
  EXPECT_THAT(refusal("spike(length=-1)"), HasSubstr("length must be a number of epochs >= 0, not -1"));
  EXPECT_THAT(refusal("constant(warmup=-1)"), HasSubstr("warmup must be"));
  EXPECT_THAT(refusal("constant(factor=1)"), HasSubstr("there is no argument factor"));
}

}  // namespace
}  // namespace rectify::train
