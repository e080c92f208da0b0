#include "rectify/nn/layers.h"

#include "rectify/autograd/operations.h"
#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/nn/batch_part.h"

namespace rectify::nn {

namespace {

Shape checked_shape(int64_t in, int64_t out) {
  if (in >= 1 && out >= 1) return Shape{out, in};
  throw ArgumentError("[Linear] the numbers of inputs and outputs must be at least 1, not " + std::to_string(in) + " and " + std::to_string(out) + ".");
}

}  // namespace

WeightedLayer::WeightedLayer(const Shape& weight_shape, const LinearOptions& layer_options, DType dtype) : options(layer_options) {
  weight = Tensor::empty(weight_shape, dtype);
  fill(weight, {Init::lecun_normal, 0}, 0, 0);
  weight.set_requires_grad(true);
  if (options.bias) bias = Tensor::zeros(Shape{weight_shape[0]}, dtype).set_requires_grad(true);
}

void WeightedLayer::visit(Visitor& visitor) {
  visitor("weight", weight);
  visitor("bias", bias);
}

std::string WeightedLayer::options_text() const {
  std::string text = !options.bias ? ", bias=false" : options.bias_init ? ", bias=" + to_string(*options.bias_init) : "";
  if (options.init) text += ", init=" + to_string(*options.init);
  return text;
}

Linear::Linear(int64_t in, int64_t out, const LinearOptions& linear_options, DType dtype) : WeightedLayer(checked_shape(in, out), linear_options, dtype) {}

Tensor Linear::forward(const Tensor& x) { return linear(x, weight, bias); }
Tensor Linear::forward(const Tensor& x, const activation::Function& f) { return linear_activate(x, weight, bias, f); }

std::string Linear::specification() const { return "linear(" + std::to_string(weight.size(0)) + options_text() + ")"; }

Tensor Flatten::forward(const Tensor& x) {
  if (x.rank() < 1) throw ShapeError("[Flatten] needs a batch axis.");
  return reshape(x, Shape{x.size(0), x.size(0) ? x.size() / x.size(0) : 0});
}

Dropout::Dropout(double probability) : p(probability), state(Tensor::zeros(Shape{3}, DType::int64)) {
  if (!(p >= 0 && p < 1)) throw ArgumentError("[Dropout] the probability must be at least 0 and below 1, not " + std::to_string(p) + ".");
}

void Dropout::restart(uint64_t seed, uint64_t ordinal) {
  int64_t* values = state.data<int64_t>();
  values[0] = static_cast<int64_t>(seed);
  values[1] = static_cast<int64_t>(ordinal);
  values[2] = 0;
}

Tensor Dropout::forward(const Tensor& x) {
  if (!training() || p == 0) return x;
  int64_t* values = state.data<int64_t>();
  // The layer's ordinal and the number of the call together name the stream.
  const RandomKey key{.seed = static_cast<uint64_t>(values[0]),
                      .purpose = Purpose::dropout,
                      .ordinal = static_cast<uint64_t>(values[1]) << 40 | static_cast<uint64_t>(values[2])};
  ++values[2];
  const int64_t before = elements_before(x.size());
  Tensor mask = Tensor::empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), "Dropout", [&](auto zero) {
    using T = decltype(zero);
    T* to = mask.data<T>();
    const T kept = static_cast<T>(1.0 / (1.0 - p));
    parallel_for(x.size(), 4096, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) to[i] = random_uniform(key, static_cast<uint64_t>(before + i)) < p ? T{0} : kept;
    });
  });
  return x * mask;
}

void Dropout::visit(Visitor& visitor) { visitor.buffer("state", state); }

std::string Dropout::specification() const { return "dropout(p=" + number(p).text + ")"; }

}  // namespace rectify::nn
