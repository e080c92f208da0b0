#include <iostream>
#include <rectify/rectify.h>
using namespace rectify;

struct Residual : nn::Module {  // a module is a struct with forward() and visit()
  explicit Residual(int64_t n) : inner(n, n), outer(n, n) {}
  Tensor forward(const Tensor& x) override { return x + outer(gelu(inner(x))); }
  void visit(nn::Visitor& visitor) override {
    visitor("inner", inner);
    visitor("outer", outer);
  }
  nn::Linear inner, outer;
};

int main() {
  const auto data = data::fashion_mnist();
  nn::Sequential model{nn::Linear{784, 128}, Mish{}, Residual{128}, nn::Linear{128, 10}};
  nn::initialise(model, {.scheme = nn::Init::calibrated, .seed = 7}, data.train.input.rows(0, 1));
  train::Adam optimiser{model.parameters(), {.learning_rate = 1e-3}};
  for (const auto& batch : data::Loader{data.train, {.batch = 128, .seed = 7}}) {
    const auto [loss, gradients] = value_and_grad(model, [&] { return nn::cross_entropy(model(batch.input), batch.target); });
    optimiser.step(gradients);
  }
  const auto test = train::evaluate(model, data.test, nn::Loss::cross_entropy);
  std::cout << "test accuracy after one epoch: " << test.accuracy << '\n';
}
