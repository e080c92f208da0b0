// The same program, data and seed give the same bits: at every thread count, on every SIMD target, and however the network is written.
// With RECTIFY_BITS_OUT=file the combined digest of the catalogue is written there, so that a script can compare runs of different processes.
#include <cstdlib>
#include <set>

#include "rectify/data/load.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/sequential.h"
#include "support.h"

namespace rectify::train {
namespace {

/// Trains a small network with this activation through everything that computes with functions: initialisation, toy data, Adam, a cosine, dropout, softmax.
std::string digest_after_training(const activation::Function& function) {
  const data::Dataset data = data::load("spirals(n=900, noise=0.1, classes=3, seed=5)");
  // Wide enough that the work is shared out to threads, with sizes that no vector divides.
  nn::Sequential model{nn::Linear{2, 143}, nn::Activation(function), nn::Dropout{0.1}, nn::Linear{143, 71}, nn::Activation(function), nn::Linear{71, 3}};
  nn::initialise(model, {.seed = 11});
  AdamW optimiser(model.parameters(), {.learning_rate = 0.01, .weight_decay = 0.01});
  const TrainOptions options{.epochs = 2, .batch = 225, .seed = 13, .schedule = {.kind = Schedule::Kind::cosine, .warmup = 1}};
  const TrainResult result = fit(model, optimiser, data, options);
  EXPECT_FALSE(result.diverged) << result.divergence;
  return digest_of(model);
}

/// A digest over the digests of all activations of the catalogue.
std::string digest_of_catalogue() {
  std::string all;
  std::set<std::string> different;
  for (const activation::Id id : activation::all()) {
    const std::string digest = digest_after_training(activation::make(id));
    different.insert(digest);
    all += std::string(activation::spec(id).name) + " " + digest + "\n";
  }
  // Some activations coincide at their default parameters, most do not: the digest is not that of something constant.
  EXPECT_GT(different.size(), activation::all().size() / 2);
  return format::sha256(all);
}

class SameBits : public testing::TestWithParam<activation::Id> {};

TEST_P(SameBits, after_training_on_every_target_and_at_every_thread_count) {
  const KeepMachine machine;
  const activation::Function function = activation::make(GetParam());
  set_thread_count(1);
  kernel::set_target("auto");
  const std::string expected = digest_after_training(function);
  for (const std::string& target : kernel::available_targets()) {
    kernel::set_target(target);
    for (const int threads : {1, 2, 3}) {
      set_thread_count(threads);
      EXPECT_EQ(digest_after_training(function), expected) << target << ", " << threads << " threads";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, SameBits, testing::ValuesIn(activation::all().begin(), activation::all().end()),
                         [](const auto& instance) { return std::string(activation::spec(instance.param).name); });

TEST(SameBitsOfTheCatalogue, are_written_for_comparison_between_processes) {
  const std::string digest = digest_of_catalogue();
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(digest, digest_of_catalogue());
  RecordProperty("digest", digest);
  if (const char* path = std::getenv("RECTIFY_BITS_OUT")) write_file(path, digest + "\n");
}

/// The layers of a Sequential as a struct with forward(): with modules for the activations, or with free functions.
struct Written : nn::Module {
  Tensor forward(const Tensor& x) override { return last(gelu(second(mish(first(x))))); }
  void visit(nn::Visitor& visitor) override {
    visitor("first", first);
    visitor("second", second);
    visitor("last", last);
  }
  nn::Linear first{2, 19}, second{19, 23}, last{23, 3};
};

TEST(ModuleAndSequential, give_the_same_bits_forward_backward_and_after_ten_steps) {
  const data::Dataset data = data::load("blobs(n=200, seed=3)");
  Written written;
  nn::Sequential listed{nn::Linear{2, 19}, Mish{}, nn::Linear{19, 23}, GELU{}, nn::Linear{23, 3}};
  nn::initialise(written, {.seed = 2}, data.train.input.rows(0, 4));
  nn::initialise(listed, {.seed = 2});
  const auto expect_same = [](const Tensor& a, const Tensor& b, const char* what) {
    ASSERT_EQ(a.shape(), b.shape()) << what;
    for (int64_t i = 0; i < a.size(); ++i) ASSERT_EQ(a.at(i), b.at(i)) << what << ", element " << i;
  };
  const auto expect_same_lists = [&](const std::vector<Tensor>& a, const std::vector<Tensor>& b, const char* what) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) expect_same(a[i], b[i], what);
  };
  expect_same_lists(written.parameters(), listed.parameters(), "initial weights");
  Adam one(written.parameters()), other(listed.parameters());
  for (int step = 0; step < 10; ++step) {
    const Tensor input = data.train.input.rows(step * 12, step * 12 + 12), target = data.train.target.rows(step * 12, step * 12 + 12);
    expect_same(written(input), listed(input), "forward");
    const auto loss_of = [&](nn::Module& model) { return value_and_grad(model, [&] { return nn::cross_entropy(model(input), target); }); };
    const ValueAndGradients a = loss_of(written), b = loss_of(listed);
    expect_same(a.value, b.value, "loss");
    expect_same_lists(a.gradients, b.gradients, "gradients");
    one.step(a.gradients);
    other.step(b.gradients);
  }
  expect_same_lists(written.parameters(), listed.parameters(), "weights after ten steps");
}

}  // namespace
}  // namespace rectify::train
