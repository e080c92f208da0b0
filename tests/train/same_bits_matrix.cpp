#include "same_bits_matrix.h"

#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/format/digest.h"
#include "rectify/kernel/target.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/image_layers.h"
#include "rectify/nn/sequential.h"
#include "rectify/train/optimiser.h"
#include "rectify/train/shards.h"

namespace rectify::train {
namespace {

constexpr int64_t classes = 10, batches = 8;

/// A copy that begins `offset` elements after the 64-byte boundary where storage begins.
Tensor placed(const Tensor& tensor, int64_t offset) {
  Tensor place = Tensor::empty(Shape{tensor.size() + offset}, tensor.dtype()).rows(offset, offset + tensor.size()).view(tensor.shape());
  place.copy_from(tensor);
  return place;
}

class PlaceParameters final : public nn::Visitor {
 public:
  explicit PlaceParameters(int64_t offset) : offset_(offset) {}

 protected:
  void parameter_(const char*, Tensor& parameter) override {
    if (parameter.defined()) parameter = placed(parameter, offset_).set_requires_grad(true);
  }
  void buffer_(const char*, Tensor&) override {}
  void module_(const char*, nn::Module& module) override { module.visit(*this); }

 private:
  int64_t offset_;
};

nn::Sequential network_of(MatrixNetwork network) {
  if (network == MatrixNetwork::mlp) return nn::Sequential{nn::Linear{97, 203}, Mish{}, nn::Dropout{0.1}, nn::Linear{203, 71}, ReLU{}, nn::Linear{71, classes}};
  return nn::Sequential{nn::Conv2d{3, 32, 3}, ReLU{}, nn::MaxPool2d{2}, nn::Conv2d{32, 64, 3}, ReLU{}, nn::MaxPool2d{2},
                        nn::Flatten{}, nn::Linear{64, 128}, ReLU{}, nn::Linear{128, classes}};
}

struct Samples {
  Tensor input, target;
};

/// Random numbers, shifted by the class so that there is something to learn.
Samples samples_of(MatrixNetwork network) {
  const int64_t batch = network == MatrixNetwork::mlp ? 50 : 9, count = batch * batches;
  Samples samples{.input = Tensor::empty(network == MatrixNetwork::mlp ? Shape{count, 97} : Shape{count, 12, 12, 3}), .target = Tensor::empty(Shape{count}, DType::int64)};
  const int64_t size = samples.input.size() / count;
  for (int64_t i = 0; i < count; ++i) {
    const auto label = static_cast<int64_t>(random_below({.seed = 3, .ordinal = 1}, static_cast<uint64_t>(i), classes));
    samples.target.data<int64_t>()[i] = label;
    for (int64_t k = 0; k < size; ++k) {
      const double noise = random_uniform({.seed = 3, .ordinal = 2}, static_cast<uint64_t>(i * size + k)) - 0.5;
      samples.input.data<float>()[i * size + k] = static_cast<float>(noise + (k % classes == label ? 0.5 : 0.0));
    }
  }
  return samples;
}

std::string bytes_of(const Tensor& tensor) { return {static_cast<const char*>(tensor.raw()), static_cast<size_t>(tensor.size()) * size_of(tensor.dtype())}; }

}  // namespace

std::string to_string(MatrixNetwork network) { return network == MatrixNetwork::mlp ? "mlp" : "cnn"; }

std::string matrix_digest(const MatrixCell& cell) {
  kernel::set_target(cell.target);
  kernel::set_divides_quickly(cell.divides_quickly);
  set_thread_count(cell.threads);
  Samples samples = samples_of(cell.network);
  samples.input = placed(samples.input, cell.offset);
  const int64_t batch = samples.input.size(0) / batches;
  nn::Sequential model = network_of(cell.network);
  nn::initialise(model, {.seed = 7});
  PlaceParameters place(cell.offset);
  model.visit(place);
  std::unique_ptr<Optimiser> optimiser;
  if (cell.network == MatrixNetwork::mlp) {
    optimiser = std::make_unique<AdamW>(model.parameters(), AdamOptions{.learning_rate = 1e-3, .weight_decay = 0.01});
  } else {
    optimiser = std::make_unique<SGD>(model.parameters(), SGDOptions{.learning_rate = 0.02, .momentum = 0.9});
  }
  std::string all;
  for (int64_t step = 0; step < cell.steps; ++step) {
    const int64_t begin = step % batches * batch, end = begin + batch;
    // Rows of odd length: without a copy every batch begins at another alignment, with one always at a boundary.
    const Tensor view = samples.input.rows(begin, end), input = cell.offset == 0 ? view.clone() : view;
    const ShardedGradients result = sharded_value_and_grad(model, nn::Loss::cross_entropy, input, samples.target.rows(begin, end), cell.shards);
    optimiser->step(result.gradients);
    all += bytes_of(result.value);
  }
  for (const Tensor& parameter : model.parameters()) all += bytes_of(parameter);
  return format::sha256(all);
}

}  // namespace rectify::train
