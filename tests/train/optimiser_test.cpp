#include "rectify/train/optimiser.h"

#include <cmath>
#include <functional>
#include <limits>

#include "support.h"

namespace rectify::train {
namespace {

using testing::HasSubstr;
using Numbers = std::vector<double>;

constexpr int steps = 7;

/// The gradient of element i at step t (from 1): any numbers that change sign and size.
double gradient_at(int t, size_t i) { return std::sin(1.7 * t + 0.9 * static_cast<double>(i)) * (i == 2 ? 1e-3 : 1.0); }

const Numbers start{0.5, -1.25, 3.0, 0.0};

/// Runs the optimiser on float64 parameters and compares each step with `reference(t, w, g, memory)`, which returns the new weight of one element.
using Reference = std::function<double(int t, double w, double g, Numbers& memory)>;
void compare(const std::string& specification, const Reference& reference) {
  SCOPED_TRACE(specification);
  Tensor w = Tensor::from(start, Shape{4});
  const auto optimiser = make_optimiser(parse_specification(specification).or_throw(), {w});
  Numbers expected = start;
  std::vector<Numbers> memory(start.size(), Numbers(3, 0.0));
  for (int t = 1; t <= steps; ++t) {
    Numbers gradient;
    for (size_t i = 0; i < start.size(); ++i) gradient.push_back(gradient_at(t, i));
    const std::vector<Tensor> gradients{Tensor::from(gradient, Shape{4})};
    optimiser->step(gradients);
    for (size_t i = 0; i < start.size(); ++i) {
      expected[i] = reference(t, expected[i], gradient[i], memory[i]);
      EXPECT_NEAR(w.at(static_cast<int64_t>(i)), expected[i], 1e-12) << "step " << t << ", element " << i;
    }
  }
  EXPECT_EQ(optimiser->steps(), steps);
  // The steps did something that the tolerance cannot hide.
  EXPECT_GT(std::fabs(w.at(0) - start[0]), 1e-3);
}

TEST(SGD, follows_the_textbook) {
  compare("sgd(lr=0.1)", [](int, double w, double g, Numbers&) { return w - 0.1 * g; });
  compare("sgd(lr=0.1, weight_decay=0.3)", [](int, double w, double g, Numbers&) { return w - 0.1 * (g + 0.3 * w); });
}

TEST(SGD, with_momentum_follows_the_textbook) {
  const auto reference = [](int, double w, double g, Numbers& m) {
    m[0] = 0.9 * m[0] + g;
    return w - 0.05 * m[0];
  };
  compare("sgd(lr=0.05, momentum=0.9)", reference);
  compare("momentum(0.05)", reference);
}

TEST(SGD, with_nesterov_momentum_follows_the_textbook) {
  const auto reference = [](int, double w, double g, Numbers& m) {
    const double d = g + 0.01 * w;
    m[0] = 0.9 * m[0] + d;
    return w - 0.05 * (d + 0.9 * m[0]);
  };
  compare("sgd(learning_rate=0.05, momentum=0.9, weight_decay=0.01, nesterov=true)", reference);
  compare("nesterov(0.05, weight_decay=0.01)", reference);
}

double adam_step(int t, double g, Numbers& m) {
  m[0] = 0.8 * m[0] + 0.2 * g;
  m[1] = 0.95 * m[1] + 0.05 * g * g;
  const double mean = m[0] / (1 - std::pow(0.8, t)), square = m[1] / (1 - std::pow(0.95, t));
  return 0.01 * mean / (std::sqrt(square) + 1e-6);
}

TEST(Adam, follows_the_paper) {
  compare("adam(lr=0.01, beta1=0.8, beta2=0.95, epsilon=1e-6)", [](int t, double w, double g, Numbers& m) { return w - adam_step(t, g, m); });
  compare("adam(lr=0.01, beta1=0.8, beta2=0.95, epsilon=1e-6, weight_decay=0.2)",
          [](int t, double w, double g, Numbers& m) { return w - adam_step(t, g + 0.2 * w, m); });
}

TEST(AdamW, decays_the_weight_and_not_the_moments) {
  compare("adamw(lr=0.01, beta1=0.8, beta2=0.95, epsilon=1e-6, weight_decay=0.2)",
          [](int t, double w, double g, Numbers& m) { return w - adam_step(t, g, m) - 0.01 * 0.2 * w; });
}

TEST(RMSprop, follows_the_lecture) {
  compare("rmsprop(lr=0.01, alpha=0.9, epsilon=1e-6, weight_decay=0.1)", [](int, double w, double g, Numbers& m) {
    const double d = g + 0.1 * w;
    m[0] = 0.9 * m[0] + 0.1 * d * d;
    return w - 0.01 * (d / (std::sqrt(m[0]) + 1e-6));
  });
  compare("rmsprop(lr=0.01, alpha=0.9, epsilon=1e-6, momentum=0.7)", [](int, double w, double g, Numbers& m) {
    m[0] = 0.9 * m[0] + 0.1 * g * g;
    m[1] = 0.7 * m[1] + g / (std::sqrt(m[0]) + 1e-6);
    return w - 0.01 * m[1];
  });
}

TEST(Optimiser, prints_itself_in_full_and_reads_that_back) {
  const std::vector<std::pair<std::string, std::string>> texts{
      {"sgd", "sgd(lr=0.01, momentum=0, weight_decay=0, nesterov=false)"},
      {"sgd(0.1, 0.5)", "sgd(lr=0.1, momentum=0.5, weight_decay=0, nesterov=false)"},
      {"momentum(lr=0.2)", "sgd(lr=0.2, momentum=0.9, weight_decay=0, nesterov=false)"},
      {"nesterov(learning_rate=0.2)", "sgd(lr=0.2, momentum=0.9, weight_decay=0, nesterov=true)"},
      {"adam", "adam(lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0)"},
      {"adamw(3e-4)", "adamw(lr=3e-04, beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0.01)"},
      {"rmsprop", "rmsprop(lr=0.01, alpha=0.99, epsilon=1e-08, momentum=0, weight_decay=0)"}};
  for (const auto& [text, full] : texts) {
    EXPECT_EQ(make_optimiser(parse_specification(text).or_throw(), {})->specification(), full);
    EXPECT_EQ(make_optimiser(parse_specification(full).or_throw(), {})->specification(), full);
  }
}

TEST(Optimiser, refuses_bad_specifications_with_the_value_and_the_remedy) {
  const auto refusal = [](const std::string& text) { return message_of<ArgumentError>([&] { make_optimiser(parse_specification(text).or_throw(), {}); }); };
  EXPECT_EQ(refusal("sgd(lr=-0.1)"), "[sgd] the learning rate must be a finite number >= 0, not -0.1.");
  EXPECT_EQ(refusal("adam(learning_rate=-2)"), "[adam] the learning rate must be a finite number >= 0, not -2.");
  EXPECT_THAT(refusal("adamw(beta1=1)"), HasSubstr("[adamw] the beta1 must be a number from 0 to below 1, not 1."));
  EXPECT_THAT(refusal("rmsprop(epsilon=0)"), HasSubstr("epsilon"));
  EXPECT_THAT(refusal("sgd(momentum=1.5)"), HasSubstr("1.5"));
  EXPECT_THAT(refusal("sgd(nesterov=true)"), HasSubstr("momentum above 0"));
  EXPECT_THAT(refusal("sgd(lr=0.1, learning_rate=0.2)"), HasSubstr("one argument"));
  EXPECT_THAT(refusal("adm(0.1)"), HasSubstr("Did you mean adam"));
  EXPECT_THAT(refusal("adam(lr=fast)"), HasSubstr("expected a number"));
  EXPECT_THAT(refusal("adam(momentum=0.9)"), HasSubstr("there is no argument momentum"));
  SGD optimiser({});
  EXPECT_THAT(message_of<ArgumentError>([&] { optimiser.set_learning_rate(std::numeric_limits<double>::quiet_NaN()); }), HasSubstr("not nan"));
  EXPECT_EQ(optimiser.learning_rate(), 0.01);
}

TEST(Optimiser, changes_nothing_where_there_is_no_gradient_and_refuses_wrong_ones) {
  Tensor a = Tensor::from({1, 2}), b = Tensor::from({3, 4});
  Adam optimiser({a, b}, {.learning_rate = 0.5});
  optimiser.step(std::vector<Tensor>{Tensor(), Tensor::from({1, -1})});
  EXPECT_EQ(a.at(0), 1);
  EXPECT_EQ(a.at(1), 2);
  EXPECT_LT(b.at(0), 3);
  EXPECT_GT(b.at(1), 4);
  const double before = b.at(0);
  EXPECT_THAT(message_of<ShapeError>([&] { optimiser.step(std::vector<Tensor>{Tensor::from({1, 1})}); }), HasSubstr("1 gradients for 2 parameters"));
  EXPECT_THAT(message_of<ShapeError>([&] { optimiser.step(std::vector<Tensor>{Tensor(), Tensor::from({1, 1, 1})}); }), HasSubstr("(3,)"));
  EXPECT_THAT(message_of<DTypeError>([&] { optimiser.step(std::vector<Tensor>{Tensor(), Tensor::from({1, 1}, DType::float64)}); }), HasSubstr("float64"));
  EXPECT_EQ(b.at(0), before);
  EXPECT_EQ(optimiser.steps(), 1);
}

TEST(Optimiser, goes_on_from_its_state_with_the_same_bits) {
  for (const char* text : {"sgd(0.1, momentum=0.9)", "sgd(0.1)", "adam(0.1)", "adamw(0.1)", "rmsprop(0.1, momentum=0.5)"}) {
    SCOPED_TRACE(text);
    const auto make = [&](const Tensor& w) { return make_optimiser(parse_specification(text).or_throw(), {w}); };
    const auto gradient = [](int t) { return std::vector<Tensor>{Tensor::from({gradient_at(t, 0), gradient_at(t, 1), gradient_at(t, 2)})}; };
    const Tensor whole = Tensor::from({1, 2, 3}), halves = Tensor::from({1, 2, 3});
    const auto uninterrupted = make(whole), first = make(halves);
    for (int t = 1; t <= 10; ++t) uninterrupted->step(gradient(t));
    for (int t = 1; t <= 4; ++t) first->step(gradient(t));
    const std::vector<NamedTensor> state = first->state();
    first->step(gradient(99));  // the state must not follow
    const auto second = make(halves);
    // That step is undone in the weights alone.
    const Tensor again = Tensor::from({1, 2, 3});
    const auto repeated = make(again);
    for (int t = 1; t <= 4; ++t) repeated->step(gradient(t));
    Tensor(halves).copy_from(again);
    second->load_state(state);
    EXPECT_EQ(second->steps(), 4);
    for (int t = 5; t <= 10; ++t) second->step(gradient(t));
    for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(whole.at(i), halves.at(i));
  }
}

TEST(Optimiser, refuses_a_state_that_is_not_its_own) {
  Tensor w = Tensor::from({1, 2});
  Adam optimiser({w});
  optimiser.step(std::vector<Tensor>{Tensor::from({1, 1})});
  std::vector<NamedTensor> state = optimiser.state();
  const auto refusal = [&](const std::vector<NamedTensor>& given) { return message_of<Error>([&] { optimiser.load_state(given); }); };
  EXPECT_THAT(refusal({}), HasSubstr("number of steps is missing"));
  EXPECT_THAT(refusal({state[0], state[1]}), HasSubstr("\"0.square\" is missing"));
  EXPECT_THAT(refusal({state[0], {"7.mean", Tensor::from({1, 1})}}), HasSubstr("7.mean"));
  EXPECT_THAT(refusal({state[0], {"0.mean", Tensor::from({1, 1, 1})}, state[2]}), HasSubstr("(3,)"));
  EXPECT_THAT(refusal({state[0], {"0.mean", Tensor::from({1, 1}, DType::float64)}, state[2]}), HasSubstr("float64"));
  EXPECT_EQ(optimiser.steps(), 1);
}

}  // namespace
}  // namespace rectify::train
