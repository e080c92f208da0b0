// Gradients clipped by the norm of all together.
#include "support.h"

namespace rectify::train {
namespace {

using testing::HasSubstr;

TEST(Clip, scales_all_gradients_together_to_the_norm) {
  Tensor a = Tensor::from({1, 2}), b = Tensor::from({3});
  const auto optimiser = make_optimiser(parse_specification("sgd(lr=1, clip=1)").or_throw(), {a, b});
  optimiser->step(std::vector<Tensor>{Tensor::from({2, -1}), Tensor::from({2})});  // norm 3
  EXPECT_FLOAT_EQ(a.at(0), 1 - 2.0 / 3);
  EXPECT_FLOAT_EQ(a.at(1), 2 + 1.0 / 3);
  EXPECT_FLOAT_EQ(b.at(0), 3 - 2.0 / 3);
  // Below the norm nothing changes.
  optimiser->step(std::vector<Tensor>{Tensor::from({0.5, 0}), Tensor()});
  EXPECT_FLOAT_EQ(a.at(0), 1 - 2.0 / 3 - 0.5);
}

TEST(Clip, is_written_only_where_it_is_given_and_reads_back) {
  for (const char* text : {"sgd(lr=0.1, clip=1)", "momentum(0.1, clip=2)", "nesterov(0.1, clip=2)", "adam(clip=0.5)", "adamw(clip=0.5)", "rmsprop(clip=3)"}) {
    const auto optimiser = make_optimiser(parse_specification(text).or_throw(), {});
    EXPECT_GT(optimiser->clip(), 0) << text;
    EXPECT_THAT(optimiser->specification(), HasSubstr(", clip=")) << text;
    EXPECT_EQ(make_optimiser(parse_specification(optimiser->specification()).or_throw(), {})->specification(), optimiser->specification());
  }
  EXPECT_EQ(make_optimiser(parse_specification("sgd").or_throw(), {})->specification(), "sgd(lr=0.01, momentum=0, weight_decay=0, nesterov=false)");
  EXPECT_EQ(make_optimiser(parse_specification("adam(clip=0)").or_throw(), {})->specification(), "adam(lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0)");
  EXPECT_THAT(message_of<ArgumentError>([] { make_optimiser(parse_specification("adam(clip=-1)").or_throw(), {}); }), HasSubstr("[adam] the clip must be a finite number >= 0, not -1."));
}

TEST(Clip, leaves_the_gradients_that_it_is_given) {
  Tensor w = Tensor::from({1, 1});
  const std::vector<Tensor> gradients{Tensor::from({30, 40})};
  make_optimiser(parse_specification("sgd(lr=1, clip=5)").or_throw(), {w})->step(gradients);
  EXPECT_EQ(gradients[0].at(0), 30);
  EXPECT_FLOAT_EQ(w.at(0), 1 - 3);
}

}  // namespace
}  // namespace rectify::train
