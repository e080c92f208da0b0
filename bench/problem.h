// A small network and its data: what the questions about whole steps ask of every library.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct Layer {
  enum class Kind { linear, convolution, max_pool, activation } kind = Kind::linear;
  int64_t outputs = 0;    ///< of a linear layer; the channels of a convolution
  int64_t window = 0;     ///< edge of the square kernel of a convolution (stride 1, no padding), or of a pool (stride the same)
  std::string name = {};  ///< of an activation, in Rectify's catalogue
};

Layer linear(int64_t outputs);
Layer convolution(int64_t outputs, int64_t window);
Layer max_pool(int64_t window);
Layer activation(std::string name);

/// A sample: height x width x channels, row major. A vector has height and width 1.
struct Sample {
  int64_t height = 1, width = 1, channels = 0;
  int64_t size() const { return height * width * channels; }
  bool is_image() const { return height > 1 || width > 1; }
};

enum class Loss { cross_entropy, bce_with_logits };

struct Problem {
  std::vector<Layer> layers;
  Sample input;
  int64_t batch = 0;
  Loss loss = Loss::cross_entropy;
  bool training = true;                      ///< otherwise inference: forward alone, without gradients
  double learning_rate = 0.01, momentum = 0.9;
  std::vector<std::vector<float>> weights = {};   ///< initial ones of each linear layer, (out, in), and convolution, (out, row, column, in); biases start at 0
  std::vector<std::vector<float>> inputs = {};    ///< per batch: batch samples
  std::vector<std::vector<int64_t>> classes = {}; ///< per batch, for cross entropy: one class per sample
  std::vector<std::vector<float>> targets = {};   ///< per batch, for bce_with_logits: one number per output
};

/// Layer i takes shapes[i] to shapes[i + 1].
std::vector<Sample> shapes(const Problem& problem);

/// Fills in initial weights (uniform, of the variance 2 / fan_in) and 16 different batches: half of an input is 0, as of an image of Fashion-MNIST. The targets are
/// random classes, or random bits.
void fill(Problem& problem);

/// Multiplications and additions of the matrix products and convolutions of one step: forward and, in training, by the weights and (but for the first layer) by the input.
double operations(const Problem& problem);

/// Numbers in weights and biases.
int64_t parameter_count(const Problem& problem);

}  // namespace bench
