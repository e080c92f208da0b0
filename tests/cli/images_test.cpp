// Networks for images, from the command line to a saved run and back.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;

class Images : public ProgramTest {
 protected:
  static constexpr int size = 9, count = 120;
  static constexpr const char* data = "idx(images-idx3-ubyte, labels-idx1-ubyte)";
  static constexpr const char* network = "conv(6, kernel=3, padding=same), mish, max_pool(2), conv(8, kernel=2, stride=2), batch_norm, relu, avg_pool(2), linear(12), layer_norm, relu, linear(2)";

  /// A bar on a dark ground, upright or lying, at any place: what a convolution tells apart and single pixels do not.
  void SetUp() override {
    ProgramTest::SetUp();
    std::string images = std::string("\0\0\x08\x03\0\0\0", 7) + static_cast<char>(count) + std::string("\0\0\0\x09\0\0\0\x09", 8);
    std::string labels = std::string("\0\0\x08\x01\0\0\0", 7) + static_cast<char>(count);
    for (int i = 0; i < count; ++i) {
      std::string image(static_cast<size_t>(size * size), '\x10');
      const int row = i / 2 * 5 % (size - 4), column = i / 2 * 3 % (size - 4);
      for (int step = 0; step < 5; ++step) image[static_cast<size_t>(i % 2 ? (row + step) * size + column : row * size + column + step)] = '\xf0';
      images += image;
      labels += static_cast<char>(i % 2);
    }
    write("images-idx3-ubyte", images);
    write("labels-idx1-ubyte", labels);
  }
  static std::vector<std::string> arguments(const std::vector<std::string>& more = {}) {
    std::vector<std::string> result{"train", "--data", data, "--net", network, "--optimiser", "adam(lr=0.01)", "--batch", "12", "--epochs", "12", "--seed", "3"};
    result.insert(result.end(), more.begin(), more.end());
    return result;
  }
};

TEST_F(Images, are_told_apart_by_a_convolutional_network_that_is_saved_and_read_back) {
  const nlohmann::json result = rectify_json(arguments({"--out", "run"}));
  EXPECT_EQ(result["test_accuracy"], 1.0);
  EXPECT_EQ(rectify_json({"test", "run", "--data", data})["accuracy"], 1.0);
  const nlohmann::json described = nlohmann::json::parse(content_of(folder / "run/run.json"));
  EXPECT_THAT(described["configuration"]["network"].get<std::string>(),
              HasSubstr("unflatten(9, 9, 1), conv2d(6, kernel=3, stride=1, padding=1, dilation=1, groups=1), mish, max_pool2d(2, stride=2, padding=0), conv2d(8, kernel=2, stride=2, padding=0, dilation=1, groups=1), batch_norm(momentum=0.1, epsilon=1e-05, affine=true), relu"));
  EXPECT_EQ(rectify_json({"train", "--config", "run/run.json"})["weights_sha256"], result["weights_sha256"]);
}

TEST_F(Images, are_told_apart_by_a_network_with_normalisations_whose_statistics_are_saved_with_it) {
  const char* layers = "conv(6, kernel=3, padding=same, bias=false), batch_norm, relu, max_pool(2), conv(8, kernel=3), layer_norm, mish, global_avg_pool, linear(2)";
  const nlohmann::json result =
      rectify_json({"train", "--data", data, "--net", layers, "--optimiser", "adam(lr=0.02)", "--batch", "12", "--epochs", "25", "--seed", "1", "--out", "normalised"});
  EXPECT_EQ(result["test_accuracy"], 1.0);
  EXPECT_EQ(rectify_json({"test", "normalised", "--data", data})["accuracy"], 1.0);
}

TEST_F(Images, are_learned_to_the_same_bits_on_every_target_and_at_every_thread_count) {
  const auto hash = [&](const std::vector<std::string>& more) { return rectify_json(arguments(more))["weights_sha256"].get<std::string>(); };
  const std::string expected = hash({"--threads", "1"});
  EXPECT_EQ(hash({"--threads", "3"}), expected);
  EXPECT_EQ(hash({"--target", "scalar"}), expected);
}

TEST_F(Images, that_do_not_fit_their_layers_are_refused_in_one_line) {
  const auto message = [&](const std::string& layers) {
    const Outcome outcome = rectify({"train", "--data", data, "--net", layers, "--epochs", "1", "--out", "refused"});
    EXPECT_EQ(outcome.status, 2) << layers;
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1) << outcome.errors;
    EXPECT_FALSE(std::filesystem::exists(folder / "refused"));
    return outcome.errors;
  };
  EXPECT_THAT(message("conv(4, kernel=12), linear(2)"), HasSubstr("[conv2d] an image of 9 x 9 is too small for a kernel of 12"));
  EXPECT_THAT(message("max_pool(4), max_pool(3), linear(2)"), HasSubstr("[max_pool2d] an image of 2 x 2 is smaller than the window of 3 x 3"));
  EXPECT_THAT(message("max_pool(2, padding=2), linear(2)"), HasSubstr("[max_pool2d] the padding is 2"));
  EXPECT_THAT(message("conv(4), linear(2)"), HasSubstr("[conv2d] kernel is missing"));
  EXPECT_THAT(message("conv(4, kernel=3, groups=2), linear(2)"), HasSubstr("1 channels and 4 outputs do not both divide into 2 groups"));
  EXPECT_THAT(message("conv(4, kernel=3, stride=0), linear(2)"), HasSubstr("[conv2d] the stride is 0"));
  EXPECT_THAT(message("conv(4, kernel=2, padding=same), linear(2)"), HasSubstr("padding=same needs a kernel of odd size"));
  EXPECT_THAT(message("conv(4, kernel=wide(3, 3)), linear(2)"), HasSubstr("[conv2d] kernel is wide(3, 3); expected a number or size(height, width)."));
  EXPECT_THAT(message("linear(81), conv(4, kernel=3), linear(2)"), HasSubstr("unflatten(height, width, channels)"));
  EXPECT_THAT(message("unflatten(9, 10), conv(4, kernel=3), linear(2)"), HasSubstr("would have 90"));
  EXPECT_THAT(message("conv2(4, kernel=3), linear(2)"), HasSubstr("Did you mean conv2d"));
  EXPECT_THAT(message("batch_norm(momentum=2), linear(2)"), HasSubstr("the momentum is 2"));
  EXPECT_THAT(message("conv(4, kernel=3)"), HasSubstr("End the network with linear(2)"));
}

}  // namespace
}  // namespace rectify::cli_test
