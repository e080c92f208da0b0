// A batch's gradient as a sum of shards: the tree, its distribution, and what it leaves as it was.
#include "rectify/train/shards.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <thread>

#include "rectify/base/random.h"
#include "rectify/data/load.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/sequential.h"
#include "rectify/tensor/storage.h"
#include "rectify/train/model_state.h"
#include "support.h"

namespace rectify::train {
namespace {

using testing::HasSubstr;

void expect_same_bits(const Tensor& a, const Tensor& b, const std::string& what) {
  ASSERT_EQ(a.defined(), b.defined()) << what;
  if (!a.defined()) return;
  ASSERT_EQ(a.shape(), b.shape()) << what;
  ASSERT_EQ(a.dtype(), b.dtype()) << what;
  EXPECT_EQ(std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.size()) * size_of(a.dtype())), 0) << what;
}

void expect_same_bits(std::span<const Tensor> a, std::span<const Tensor> b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (size_t i = 0; i < a.size(); ++i) expect_same_bits(a[i], b[i], what + ", tensor " + std::to_string(i));
}

/// What batch normalisation has beside its parameters: a running mean that each call moves, and a number of calls.
struct RunningMean : nn::Module {
  Tensor forward(const Tensor& x) override {
    const NoGrad unrecorded;
    mean.copy_from(mean * 0.9 + rectify::mean(x, 0) * 0.1);
    ++calls.data<int64_t>()[0];
    return x;
  }
  void visit(nn::Visitor& visitor) override {
    visitor.buffer("mean", mean);
    visitor.buffer("constant", constant);
    visitor.buffer("calls", calls);
  }
  Tensor mean = Tensor::zeros(Shape{2}), constant = Tensor::full(Shape{3}, 0.1), calls = Tensor::zeros(Shape{1}, DType::int64);
};

nn::Sequential network() {
  nn::Sequential model{RunningMean{}, nn::Linear{2, 19}, Tanh{}, nn::Dropout{0.3}, nn::Linear{19, 3}};
  nn::initialise(model, {.seed = 4});
  return model;
}

data::Part batch_of(int64_t samples) {
  const data::Dataset data = data::load("spirals(n=400, noise=0.1, classes=3, seed=5)");
  return {.input = data.train.input.rows(0, samples), .target = data.train.target.rows(0, samples)};
}

TEST(ShardRows, are_contiguous_and_of_nearly_equal_size) {
  for (int64_t samples = 0; samples <= 40; ++samples) {
    for (int64_t shards = 1; shards <= 50; ++shards) {
      int64_t next = 0;
      for (int64_t shard = 0; shard < shards; ++shard) {
        const Range rows = shard_rows(samples, shard, shards);
        ASSERT_EQ(rows.begin, next);
        ASSERT_EQ(rows.begin, samples * shard / shards);
        ASSERT_GE(rows.size(), samples / shards);
        ASSERT_LE(rows.size(), (samples + shards - 1) / shards);
        next = rows.end;
      }
      ASSERT_EQ(next, samples);
    }
  }
  EXPECT_EQ(shard_rows(int64_t{1} << 62, most_shards - 1, most_shards).end, int64_t{1} << 62);
}

ShardSum leaf(int64_t shard, Tensor value) {
  std::vector<Tensor> gradients;
  if (value.defined()) gradients.push_back(value.clone());
  return {.shards = {shard, shard + 1}, .value = std::move(value), .gradients = std::move(gradients), .buffers = {}};
}

/// Neighbours in pairs, level by level, as the header says it.
float added_level_by_level(std::vector<float> values) {
  while (values.size() > 1) {
    std::vector<float> sums;
    for (size_t i = 0; i + 1 < values.size(); i += 2) sums.push_back(values[i] + values[i + 1]);
    if (values.size() % 2 == 1) sums.push_back(values.back());
    values = sums;
  }
  return values[0];
}

TEST(ShardTree, adds_neighbours_in_pairs_level_by_level_wherever_it_is_split) {
  for (int64_t shards = 1; shards <= 33; ++shards) {
    std::vector<float> values;
    for (int64_t i = 0; i < shards; ++i) {
      values.push_back(static_cast<float>(random_uniform({.seed = 1, .ordinal = static_cast<uint64_t>(shards)}, static_cast<uint64_t>(i)) - 0.5));
    }
    const float expected = added_level_by_level(values);
    for (int64_t machines = 1; machines <= shards; ++machines) {
      ShardTree all(shards);
      for (int64_t machine = 0; machine < machines; ++machine) {
        ShardTree part(shards);
        const Range mine = shard_rows(shards, machine, machines);
        for (int64_t shard = mine.begin; shard < mine.end; ++shard) part.add(leaf(shard, Tensor(values[static_cast<size_t>(shard)])));
        EXPECT_LE(part.sums().size(), std::max<size_t>(1, 2 * static_cast<size_t>(std::bit_width(static_cast<uint64_t>(shards - 1)))));
        if (std::has_single_bit(static_cast<uint64_t>(shards)) && std::has_single_bit(static_cast<uint64_t>(machines))) {
          EXPECT_EQ(part.sums().size(), 1u);
        }
        for (const ShardSum& sum : part.sums()) all.add(sum);
      }
      ASSERT_EQ(static_cast<float>(all.total().value.item()), expected) << shards << " shards on " << machines << " machines";
      ASSERT_EQ(static_cast<float>(all.total().gradients[0].item()), expected);
    }
  }
}

TEST(ShardTree, takes_nothing_from_shards_without_samples) {
  ShardTree tree(4);
  tree.add(leaf(0, Tensor()));
  tree.add(leaf(1, Tensor(-0.0)));
  tree.add(leaf(2, Tensor()));
  tree.add(leaf(3, Tensor()));
  EXPECT_TRUE(std::signbit(tree.total().value.item())) << "a zero was added";
}

TEST(ShardTree, refuses_gaps_and_sums_that_are_not_in_it) {
  ShardTree tree(6);
  EXPECT_THAT(message_of<ArgumentError>([&] { tree.total(); }), HasSubstr("some of the 6 shards are missing"));
  tree.add(leaf(0, Tensor(1)));
  EXPECT_THAT(message_of<ArgumentError>([&] { tree.add(leaf(2, Tensor(1))); }), HasSubstr("the shards [2, 3) do not begin at 1"));
  EXPECT_THAT(message_of<ArgumentError>([&] { tree.add({.shards = {1, 3}, .value = Tensor(1), .gradients = {}, .buffers = {}}); }), HasSubstr("not added up in the tree"));
  EXPECT_THAT(message_of<ArgumentError>([&] { tree.add(leaf(6, Tensor(1))); }), HasSubstr("[6, 7) of 6"));
  EXPECT_THAT(message_of<ArgumentError>([] { ShardTree{0}; }), HasSubstr("the number of shards is 0"));
}

TEST(Shards, one_gives_the_bits_of_the_whole_batch) {
  const data::Part batch = batch_of(37);
  nn::Sequential model = network();
  SavedBuffers buffers(model);
  const ValueAndGradients expected = value_and_grad(model, [&] { return nn::cross_entropy(model(batch.input), batch.target); });
  const std::string after = digest_of(model);
  buffers.restore();
  const ShardedGradients found = sharded_value_and_grad(model, nn::Loss::cross_entropy, batch.input, batch.target, 1);
  expect_same_bits(found.value, expected.value, "loss");
  expect_same_bits(found.gradients, expected.gradients, "gradients");
  EXPECT_EQ(digest_of(model), after);
}

TEST(Shards, give_the_mean_over_the_batch_for_every_loss_and_the_random_numbers_of_the_whole) {
  for (const nn::Loss loss : {nn::Loss::cross_entropy, nn::Loss::nll, nn::Loss::mse, nn::Loss::mae, nn::Loss::bce_with_logits}) {
    nn::Sequential model{nn::Linear{2, 9, {}, DType::float64}, Tanh{}, nn::Dropout{0.3}, nn::Linear{9, 3, {}, DType::float64}};
    nn::initialise(model, {.seed = 6});
    const Tensor input = batch_of(31).input.to(DType::float64);
    const bool classes = loss == nn::Loss::cross_entropy || loss == nn::Loss::nll;
    const Tensor target = classes ? batch_of(31).target : Tensor::full(Shape{31, 3}, 0.25, DType::float64);
    SavedBuffers buffers(model);
    const ShardedGradients whole = sharded_value_and_grad(model, loss, input, target, 1);
    const std::string after = digest_of(model);
    for (const int64_t shards : {2, 3, 4, 7, 31, 40}) {
      buffers.restore();
      const ShardedGradients sharded = sharded_value_and_grad(model, loss, input, target, shards);
      EXPECT_EQ(sharded.outputs.size(), static_cast<size_t>(std::min<int64_t>(shards, 31)));
      EXPECT_NEAR(sharded.value.item(), whole.value.item(), 1e-13);
      for (size_t i = 0; i < whole.gradients.size(); ++i) {
        for (int64_t k = 0; k < whole.gradients[i].size(); ++k) ASSERT_NEAR(sharded.gradients[i].at(k), whole.gradients[i].at(k), 1e-13) << nn::to_string(loss);
      }
      EXPECT_EQ(digest_of(model), after) << "the number of dropout's calls does not depend on the shards";
    }
  }
}

TEST(Shards, give_the_same_bits_on_any_number_of_machines) {
  constexpr int64_t shards = 6;
  const data::Part batch = batch_of(47);
  const auto train = [&](int64_t machines) {
    nn::Sequential model = network();
    std::vector<nn::Sequential> replicas;
    for (int64_t machine = 0; machine < machines; ++machine) replicas.push_back(nn::clone(model));
    std::string digests;
    for (int step = 0; step < 3; ++step) {
      ShardTree all(shards);
      for (int64_t machine = 0; machine < machines; ++machine) {
        ShardTree part(shards);
        add_shards(part, replicas[static_cast<size_t>(machine)], nn::Loss::cross_entropy, batch.input, batch.target, shard_rows(shards, machine, machines), shards);
        for (const ShardSum& sum : part.sums()) all.add(sum);
      }
      for (nn::Sequential& replica : replicas) {
        apply_buffers(replica, all.total().buffers);
        SGD(replica.parameters(), {.learning_rate = 0.1}).step(all.total().gradients);
        EXPECT_EQ(digest_of(replica), digest_of(replicas[0]));
      }
      digests += digest_of(replicas[0]) + std::to_string(all.total().value.item()) + " ";
    }
    return digests;
  };
  nn::Sequential model = network();
  std::string expected;
  for (int step = 0; step < 3; ++step) {
    const ShardedGradients result = sharded_value_and_grad(model, nn::Loss::cross_entropy, batch.input, batch.target, shards);
    SGD(model.parameters(), {.learning_rate = 0.1}).step(result.gradients);
    expected += digest_of(model) + std::to_string(result.value.item()) + " ";
  }
  for (int64_t machines = 1; machines <= shards; ++machines) EXPECT_EQ(train(machines), expected) << machines << " machines";
}

TEST(Shards, move_running_statistics_once_per_step_and_leave_constants_alone) {
  const data::Part batch = batch_of(30);
  RunningMean whole, cut;
  nn::Linear last(2, 3);
  const auto step = [&](RunningMean& running, int64_t shards) {
    nn::Sequential model{running, last};
    return sharded_value_and_grad(model, nn::Loss::cross_entropy, batch.input, batch.target, shards);
  };
  for (int i = 0; i < 50; ++i) {
    step(whole, 1);
    step(cut, 3);
  }
  for (int64_t i = 0; i < 2; ++i) EXPECT_NEAR(cut.mean.at(i), whole.mean.at(i), 1e-6);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(cut.constant.at(i), whole.constant.at(i));
  EXPECT_EQ(cut.calls.at(0), 50);
}

TEST(Shards, without_samples_contribute_nothing) {
  const data::Part batch = batch_of(3);
  nn::Sequential model{nn::Linear{2, 3}};
  // Six shards of three samples: 0, 2 and 4 are empty, and the others are added as (0 1) + (2 3), then + (4 5).
  const ShardedGradients found = sharded_value_and_grad(model, nn::Loss::cross_entropy, batch.input, batch.target, 6);
  std::vector<ShardSum> sums;
  for (int64_t i = 0; i < 3; ++i) {
    auto [value, gradients] = value_and_grad(model, [&] { return nn::cross_entropy(model(batch.input.rows(i, i + 1)), batch.target.rows(i, i + 1)) * (1.0 / 3); });
    sums.push_back({.shards = {}, .value = value, .gradients = gradients, .buffers = {}});
  }
  expect_same_bits(found.value, sums[0].value + sums[1].value + sums[2].value, "loss");
  for (size_t i = 0; i < found.gradients.size(); ++i) {
    expect_same_bits(found.gradients[i], sums[0].gradients[i] + sums[1].gradients[i] + sums[2].gradients[i], "gradient");
  }
}

TEST(Shards, give_frozen_parameters_no_gradient) {
  const data::Part batch = batch_of(8);
  nn::Sequential model{nn::Linear{2, 4}, Tanh{}, nn::Linear{4, 3}};
  model[0].freeze();
  const ShardedGradients found = sharded_value_and_grad(model, nn::Loss::cross_entropy, batch.input, batch.target, 3);
  EXPECT_FALSE(found.gradients[0].defined() || found.gradients[1].defined());
  EXPECT_TRUE(found.gradients[2].defined() && found.gradients[3].defined());
}

TEST(Shards, hold_the_activations_of_one_at_a_time_and_take_no_memory_once_warm) {
  const data::Dataset data = data::load("moons(n=5000, test=0.1)");
  const data::Part batch{.input = data.train.input.rows(0, 4096), .target = data.train.target.rows(0, 4096)};
  const auto taken = [&](int64_t shards) {
    size_t bytes = 0;
    // Memory is kept for reuse by thread: a new one begins with none.
    std::thread([&] {
      nn::Sequential model{nn::Linear{2, 64}, Mish{}, nn::Linear{64, 64}, Mish{}, nn::Linear{64, 2}};
      const size_t before = detail::system_bytes();
      const auto step = [&] { sharded_value_and_grad(model, nn::Loss::cross_entropy, batch.input, batch.target, shards); };
      step();
      bytes = detail::system_bytes() - before;
      step();
      EXPECT_EQ(detail::system_bytes() - before, bytes) << shards << " shards";
    }).join();
    return static_cast<double>(bytes);
  };
  EXPECT_LT(taken(16), 0.2 * taken(1));
}

TEST(Shards, are_refused_below_one) {
  const data::Part batch = batch_of(4);
  nn::Sequential model{nn::Linear{2, 3}};
  const auto refusal = [&](int64_t shards) {
    return message_of<ArgumentError>([&] { sharded_value_and_grad(model, nn::Loss::cross_entropy, batch.input, batch.target, shards); });
  };
  EXPECT_EQ(refusal(0), "[sharded_value_and_grad] the number of shards is 0; it must be from 1 to 1048576.");
  EXPECT_THAT(refusal(-3), HasSubstr("is -3;"));
  EXPECT_THAT(refusal(most_shards + 1), HasSubstr("from 1 to 1048576"));
  EXPECT_THAT(message_of<ShapeError>([&] { sharded_value_and_grad(model, nn::Loss::cross_entropy, batch.input, batch.target.rows(0, 3), 2); }), HasSubstr("4 inputs for 3 targets"));
}

std::string trained(int64_t shards, const std::string& target, int threads) {
  kernel::set_target(target);
  set_thread_count(threads);
  const data::Dataset data = data::load("spirals(n=900, noise=0.1, classes=3, seed=5)");
  nn::Sequential model{nn::Linear{2, 143}, Mish{}, nn::Dropout{0.1}, nn::Linear{143, 71}, ReLU{}, nn::Linear{71, 3}};
  nn::initialise(model, {.seed = 11});
  AdamW optimiser(model.parameters(), {.learning_rate = 0.01, .weight_decay = 0.01});
  // The last batch has 45 samples, fewer than 64 shards.
  const TrainResult result = fit(model, optimiser, data, {.epochs = 2, .batch = 225, .shards = shards, .seed = 13});
  EXPECT_FALSE(result.diverged) << result.divergence;
  EXPECT_GT(result.epochs.back().train.accuracy, 0.3);
  return digest_of(model);
}

TEST(Fit, with_the_same_shards_gives_the_same_bits_on_every_target_and_at_every_thread_count) {
  const KeepMachine machine;
  std::vector<std::string> different{trained(1, "auto", 1)};
  for (const int64_t shards : {2, 3, 64}) {
    const std::string expected = trained(shards, "auto", 1);
    EXPECT_THAT(different, testing::Not(testing::Contains(expected))) << "the shards change nothing: are they used?";
    different.push_back(expected);
    for (const std::string& target : kernel::available_targets()) {
      for (const int threads : {1, 2, 3}) EXPECT_EQ(trained(shards, target, threads), expected) << shards << " shards, " << target << ", " << threads << " threads";
    }
  }
}

TEST(Fit, reports_the_same_loss_and_accuracy_whatever_the_shards) {
  const data::Dataset data = data::load("blobs(n=130, test=0.2)");
  nn::Sequential model{nn::Linear{2, 3}};
  SGD optimiser(model.parameters(), {.learning_rate = 0});
  const Evaluation one = fit(model, optimiser, data, {.epochs = 1, .batch = 33}).epochs.front().train;
  const Evaluation five = fit(model, optimiser, data, {.epochs = 1, .batch = 33, .shards = 5}).epochs.front().train;
  EXPECT_NEAR(five.loss, one.loss, 1e-6);
  EXPECT_EQ(five.accuracy, one.accuracy);
}

TEST(Fit, finds_the_layer_where_a_shard_diverged) {
  data::Dataset data = data::load("moons(n=200)");
  nn::Sequential model{nn::Linear{2, 8}, ReLU{}, nn::Linear{8, 2}};
  nn::initialise(model);
  auto& last = dynamic_cast<nn::Linear&>(model[2]);
  last.weight.data<float>()[0] = std::numeric_limits<float>::infinity();
  SGD optimiser(model.parameters());
  const TrainResult result = fit(model, optimiser, data, {.epochs = 1, .batch = 200, .shards = 4});
  EXPECT_TRUE(result.diverged);
  EXPECT_THAT(result.divergence, HasSubstr("it begins at layer 2, linear(2"));
}

}  // namespace
}  // namespace rectify::train
