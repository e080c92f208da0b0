#include "rectify/train/trainer.h"

#include <cmath>
#include <limits>

#include "rectify/data/load.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/sequential.h"
#include "support.h"

namespace rectify::train {
namespace {

using testing::HasSubstr;

nn::Sequential network(uint64_t seed = 1) {
  nn::Sequential model{nn::Linear{2, 16}, Tanh{}, nn::Dropout{0.1}, nn::Linear{16, 2}};
  nn::initialise(model, {.seed = seed});
  return model;
}

struct Count : Listener {
  int starts = 0, steps = 0, epochs = 0;
  std::vector<double> learning_rates;
  EpochInfo last;
  void on_start(nn::Module&, const data::Dataset&) override { ++starts; }
  void on_step(nn::Module&, const StepInfo& info, std::span<const Tensor> gradients) override {
    EXPECT_EQ(info.step, ++steps);
    EXPECT_EQ(gradients.size(), 4u);
    learning_rates.push_back(info.learning_rate);
  }
  void on_epoch(nn::Module& model, const EpochInfo& info) override {
    EXPECT_TRUE(model.training());
    EXPECT_EQ(info.epoch, ++epochs);
    last = info;
  }
};

TEST(Fit, learns_two_moons) {
  nn::Sequential model{nn::Linear{2, 32}, ReLU{}, nn::Linear{32, 32}, ReLU{}, nn::Linear{32, 2}};
  nn::initialise(model, {.seed = 3});
  const data::Dataset moons = data::load("moons(n=1000, noise=0.1, seed=2, validation=0.1)");
  Adam optimiser(model.parameters(), {.learning_rate = 0.01});
  const TrainResult result = fit(model, optimiser, moons, {.epochs = 30, .batch = 32, .seed = 4});
  ASSERT_EQ(result.epochs.size(), 30u);
  EXPECT_FALSE(result.stopped || result.diverged);
  EXPECT_GT(result.epochs.back().test.accuracy, 0.98);
  ASSERT_TRUE(result.epochs.back().validation);
  EXPECT_GT(result.epochs.back().validation->accuracy, 0.95);
  EXPECT_LT(result.epochs.back().train.loss, 0.5 * result.epochs.front().train.loss);
  const Evaluation again = evaluate(model, moons.test, nn::Loss::cross_entropy);
  EXPECT_EQ(again.loss, result.epochs.back().test.loss);
  EXPECT_EQ(again.accuracy, result.epochs.back().test.accuracy);
}

TEST(Fit, needs_a_hidden_activation_to_solve_xor) {
  const data::Dataset data = data::load("xor(n=800, noise=0.2, seed=1)");
  const auto accuracy = [&](nn::Sequential model) {
    nn::initialise(model, {.seed = 5});
    Adam optimiser(model.parameters(), {.learning_rate = 0.02});
    return fit(model, optimiser, data, {.epochs = 20, .batch = 32}).epochs.back().test.accuracy;
  };
  EXPECT_LE(accuracy(nn::Sequential{nn::Linear{2, 2}}), 0.75);
  EXPECT_LE(accuracy(nn::Sequential{nn::Linear{2, 16}, Identity{}, nn::Linear{16, 2}}), 0.75);
  EXPECT_GE(accuracy(nn::Sequential{nn::Linear{2, 16}, ReLU{}, nn::Linear{16, 2}}), 0.99);
}

TEST(Fit, learns_a_regression_in_float64) {
  std::vector<float> x, y;
  for (int i = 0; i < 64; ++i) {
    x.push_back(static_cast<float>(i) / 32 - 1);
    y.push_back(3 * x.back() - 0.5f);
  }
  data::Dataset data;
  data.train = data.test = {.input = Tensor::from(x, Shape{64, 1}), .target = Tensor::from(y, Shape{64, 1})};
  nn::Linear model(1, 1, {}, DType::float64);
  SGD optimiser(model.parameters(), {.learning_rate = 0.2});
  const TrainResult result = fit(model, optimiser, data, {.epochs = 100, .batch = 16, .loss = nn::Loss::mse});
  EXPECT_NEAR(model.weight.item(), 3, 1e-6);
  EXPECT_NEAR(model.bias.item(), -0.5, 1e-6);
  EXPECT_LT(result.epochs.back().test.loss, 1e-12);
  EXPECT_EQ(result.epochs.back().test.accuracy, 0);
}

TEST(Fit, gives_the_same_weights_whoever_listens_and_whatever_is_evaluated) {
  struct Meddler : Listener {
    const data::Dataset* data = nullptr;
    void on_step(nn::Module& model, const StepInfo&, std::span<const Tensor>) override { evaluate(model, data->train, nn::Loss::cross_entropy, 7); }
  };
  const auto train = [](const char* specification, bool listen) {
    data::Dataset data = data::load(specification);
    nn::Sequential model = network();
    Adam optimiser(model.parameters());
    Meddler meddler;
    meddler.data = &data;
    Listener* const listeners[] = {&meddler};
    fit(model, optimiser, data, {.epochs = 3, .batch = 50, .seed = 9}, listen ? std::span<Listener* const>(listeners) : std::span<Listener* const>());
    return digest_of(model);
  };
  const std::string alone = train("spirals(n=300, seed=1)", false);
  EXPECT_EQ(train("spirals(n=300, seed=1)", true), alone);
  EXPECT_NE(train("spirals(n=300, seed=2)", false), alone);
}

TEST(Fit, tells_listeners_about_every_step_and_applies_the_schedule) {
  const data::Dataset data = data::load("moons(n=100, test=0.2)");
  nn::Sequential model = network();
  SGD optimiser(model.parameters(), {.learning_rate = 0.5});
  Count count;
  Listener* const listeners[] = {&count};
  const Schedule schedule{.kind = Schedule::Kind::step, .every = 1, .factor = 0.5};
  fit(model, optimiser, data, {.epochs = 2, .batch = 30, .schedule = schedule}, listeners);
  EXPECT_EQ(count.starts, 1);
  EXPECT_EQ(count.steps, 6);
  EXPECT_EQ(count.epochs, 2);
  EXPECT_THAT(count.learning_rates, testing::ElementsAre(0.5, 0.5, 0.5, 0.25, 0.25, 0.25));
  EXPECT_EQ(optimiser.learning_rate(), 0.5);
  EXPECT_EQ(count.last.step, 6);
  EXPECT_EQ(count.last.learning_rate, 0.25);
}

TEST(Fit, weighs_the_train_metrics_by_the_size_of_each_batch) {
  const data::Dataset data = data::load("blobs(n=130, test=0.2)");
  nn::Sequential model{nn::Linear{2, 3}};
  SGD optimiser(model.parameters(), {.learning_rate = 0});
  const Evaluation metrics = fit(model, optimiser, data, {.epochs = 1, .batch = 33}).epochs.front().train;
  const Evaluation expected = evaluate(model, data.train, nn::Loss::cross_entropy);
  EXPECT_NEAR(metrics.loss, expected.loss, 1e-6);
  EXPECT_EQ(metrics.accuracy, expected.accuracy);
}

TEST(Fit, stops_after_the_running_step_when_told_so) {
  struct StopAtThree : Listener {
    std::atomic<bool> stop = false;
    void on_step(nn::Module&, const StepInfo& info, std::span<const Tensor>) override { stop = info.step == 3; }
  } listener;
  const data::Dataset data = data::load("moons(n=1000)");
  nn::Sequential model = network();
  SGD optimiser(model.parameters());
  Listener* const listeners[] = {&listener};
  const TrainResult result = fit(model, optimiser, data, {.epochs = 5, .batch = 10, .stop = &listener.stop}, listeners);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(optimiser.steps(), 3);
  EXPECT_TRUE(result.epochs.empty());
}

TEST(Fit, names_the_layer_where_a_diverging_run_began_and_keeps_the_weights_before_it) {
  const data::Dataset data = data::load("moons(n=200)");
  nn::Sequential model{nn::Linear{2, 8}, ReLU{}, nn::Linear{8, 8}, ReLU{}, nn::Dropout{0.5}, nn::Linear{8, 2}};
  nn::initialise(model);
  auto& second = dynamic_cast<nn::Linear&>(model[2]);
  for (float* w = second.weight.data<float>(); w != second.weight.data<float>() + 64; ++w) *w *= 1e38f;
  const std::string before = digest_of(model);
  SGD optimiser(model.parameters());
  const TrainResult result = fit(model, optimiser, data, {.epochs = 2, .batch = 200});
  EXPECT_TRUE(result.diverged);
  EXPECT_THAT(result.divergence, testing::StartsWith("step 1, epoch 1: the loss is "));
  EXPECT_THAT(result.divergence, HasSubstr("; it begins at layer 2, linear(8"));
  EXPECT_THAT(result.divergence, HasSubstr("): its output has "));
  EXPECT_THAT(result.divergence, HasSubstr("Lower the learning rate or check the data."));
  EXPECT_EQ(digest_of(model), before);
  EXPECT_EQ(optimiser.steps(), 0);
  EXPECT_TRUE(result.epochs.empty());
}

TEST(Fit, names_the_last_layer_with_a_gradient_that_is_not_finite_when_the_loss_is) {
  data::Dataset data;
  data.train = data.test = {.input = Tensor::full(Shape{4, 1}, 1e-30), .target = Tensor::zeros(Shape{4, 1})};
  nn::LinearOptions without_bias;
  without_bias.bias = false;
  nn::Sequential model{nn::Linear{1, 1, without_bias}, Identity{}, nn::Linear{1, 1, without_bias}};
  dynamic_cast<nn::Linear&>(model[0]).weight.data<float>()[0] = 1e16f;
  dynamic_cast<nn::Linear&>(model[2]).weight.data<float>()[0] = 1e30f;
  SGD optimiser(model.parameters());
  // The output is 1e-30 * 1e16 * 1e30 = 1e16 and the loss 1e32, but the gradient of the hidden unit is 2e46, beyond float32.
  const TrainResult result = fit(model, optimiser, data, {.epochs = 1, .batch = 4, .loss = nn::Loss::mse});
  EXPECT_TRUE(result.diverged);
  EXPECT_THAT(result.divergence, HasSubstr("step 1, epoch 1: a gradient is not finite; it begins at layer 0, linear(1"));
  EXPECT_THAT(result.divergence, HasSubstr("its gradient has 1 non-finite value."));
}

TEST(Fit, blames_the_data_for_inputs_that_are_not_finite) {
  data::Dataset data = data::load("moons(n=40)");
  data.train.input.data<float>()[5] = std::numeric_limits<float>::quiet_NaN();
  nn::Sequential model = network();
  SGD optimiser(model.parameters());
  const TrainResult result = fit(model, optimiser, data, {.epochs = 1, .batch = 40});
  EXPECT_EQ(result.divergence, "step 1, epoch 1: the loss is nan; the batch's input has 1 non-finite value. Check the data.");
}

TEST(Fit, refuses_what_it_cannot_train_on) {
  const data::Dataset data = data::load("moons(n=40)");
  nn::Sequential model = network();
  SGD optimiser(model.parameters());
  const auto refusal = [&](const data::Dataset& given, const TrainOptions& options) { return message_of<ArgumentError>([&] { fit(model, optimiser, given, options); }); };
  EXPECT_THAT(refusal(data, {.epochs = -1}), HasSubstr("-1"));
  EXPECT_THAT(refusal(data, {.batch = 0}), HasSubstr("at least 1 sample"));
  EXPECT_THAT(refusal(data, {.shards = 0}), HasSubstr("[fit] the number of shards is 0; it must be from 1"));
  EXPECT_THAT(refusal(data, {.loss = nn::Loss::mse}), HasSubstr("mse does not take"));
  EXPECT_THAT(refusal({}, {}), HasSubstr("no samples"));
}

TEST(Evaluate, of_an_empty_part_is_nan) {
  nn::Sequential model = network();
  EXPECT_TRUE(std::isnan(evaluate(model, {}, nn::Loss::cross_entropy).loss));
}

TEST(Evaluate, puts_every_module_back_into_its_mode) {
  nn::Sequential model = network();
  model[2].evaluate();
  evaluate(model, data::load("moons(n=40)").test, nn::Loss::cross_entropy);
  EXPECT_TRUE(model.training());
  EXPECT_TRUE(model[0].training());
  EXPECT_FALSE(model[2].training());
}

TEST(Predict, in_batches_gives_the_same_bits_as_at_once) {
  nn::Sequential model = network();
  const Tensor input = data::load("moons(n=100)").train.input;
  const Tensor whole = predict(model, input), pieces = predict(model, input, 7);
  ASSERT_EQ(whole.shape(), pieces.shape());
  for (int64_t i = 0; i < whole.size(); ++i) EXPECT_EQ(whole.at(i), pieces.at(i));
}

RunConfiguration run_in_pieces() {
  return {.network = "linear(16), tanh, dropout(0.1), batch_norm, linear(2)", .data = "moons(n=300)", .optimiser = "adam(lr=0.01)", .schedule = "cosine(warmup=1)", .epochs = 4, .batch = 32, .seed = 3};
}

TEST(TakeSteps, in_pieces_gives_the_weights_of_one_fit) {
  Prepared whole = prepare(run_in_pieces()), pieces = prepare(run_in_pieces()), halves = prepare(run_in_pieces());
  fit(whole.model, *whole.optimiser, whole.data, whole.options);
  const int64_t total = 4 * 7;  // 224 samples in batches of 32
  for (const int64_t steps : {1, 6, 8, 3, 10}) {
    EXPECT_EQ(take_steps(pieces.model, *pieces.optimiser, pieces.data.train, pieces.options, steps).steps, steps);
    pieces.options.first_step += steps;
  }
  ASSERT_EQ(pieces.options.first_step, total);
  EXPECT_EQ(digest_of(pieces.model), digest_of(whole.model));
  take_steps(halves.model, *halves.optimiser, halves.data.train, halves.options, 13);
  halves.options.first_step = 13;
  const TrainResult rest = fit(halves.model, *halves.optimiser, halves.data, halves.options);
  EXPECT_EQ(digest_of(halves.model), digest_of(whole.model));
  EXPECT_EQ(rest.epochs.size(), 3u);
  EXPECT_EQ(rest.epochs.back().step, total);
}

TEST(TakeSteps, stops_where_training_diverges) {
  RunConfiguration configuration = run_in_pieces();
  configuration.network = "linear(16), relu, linear(16), relu, linear(2)";
  configuration.optimiser = "sgd(lr=1e30)";
  configuration.schedule = "constant";
  Prepared prepared = prepare(configuration);
  const StepsTaken taken = take_steps(prepared.model, *prepared.optimiser, prepared.data.train, prepared.options, 20);
  EXPECT_TRUE(taken.diverged);
  EXPECT_LT(taken.steps, 20);
  EXPECT_THAT(taken.divergence, HasSubstr("step " + std::to_string(taken.steps + 1)));
}

}  // namespace
}  // namespace rectify::train
