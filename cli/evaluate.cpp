// rectify evaluate: an activation or one of its derivatives over an array.
#include <fmt/format.h>

#include "cli/activation_name.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/process.h"
#include "rectify/base/error.h"
#include "rectify/data/npy.h"
#include "rectify/kernel/pointwise.h"
#include "rectify/tensor/tensor.h"

namespace rectify::cli {
namespace {

class Evaluate : public Command {
 public:
  std::string name() const override { return "evaluate"; }
  std::string description() const override { return "apply an activation, its slope or its curvature to every number of an array"; }
  std::string examples() const override {
    return "  rectify evaluate mish --input x.npy --output y.npy\n"
           "  rectify evaluate leaky_relu --param negative_slope=0.2 --derivative 1 --input x.npy --output slope.npy\n"
           "  rectify evaluate \"x*tanh(log(1+exp(x)))\" --input x.npy --output y.npy\n"
           "  rectify evaluate \"x*sigmoid(beta*x)\" --param beta=1.5 --derivative 1 --input x.npy --output slope.npy";
  }

  void declare(Options& options) override {
    options.positional("activation", activation_, "its name, a specification such as \"leaky_relu(0.2)\", or a formula in x such as \"x*sigmoid(beta*x)\"");
    options.text("--derivative", derivative_, "0|1|2", "0: the value (default), 1: the slope, 2: the curvature");
    options.text("--input", input_, "X.npy", "float16, float32 or float64 array of any shape");
    options.text("--output", output_, "Y.npy", "where to write the array of the results, of the same type and shape");
    options.texts("--param", parameters_, "NAME=VALUE", "a parameter of the activation or formula; may be given several times");
    process_.declare(options);
    options.flag("--json", json_, "describe what was done as one JSON document on standard output");
  }

  int run() override {
    const activation::Function function = activation_named(*activation_, parameters_);
    const int64_t order = whole_number("--derivative", derivative_.value_or("0"), 0);
    if (order > 2) throw ArgumentError(fmt::format("[--derivative] the value is '{}'; expected 0 (value), 1 (slope) or 2 (curvature).", *derivative_));
    if (!input_ || !output_) throw ArgumentError("[evaluate] --input and --output are both needed. Name two .npy files.");
    process_.apply();
    const Tensor x = data::read_npy(*input_);
    if (!is_floating(x.dtype()) && x.dtype() != DType::float16) {
      throw DTypeError(fmt::format("[evaluate] {} holds {}; expected float16, float32 or float64. Convert it first, for example with x.astype('float32').", *input_, rectify::name(x.dtype())));
    }
    Tensor y = Tensor::empty(x.shape(), x.dtype());
    const auto run = [&]<class T>(T) { kernel::pointwise<T>(function, {static_cast<int>(order), 0, 0}, x.data<T>(), nullptr, y.data<T>(), x.size()); };
    x.dtype() == DType::float16 ? run(Float16{}) : dispatch_floating(x.dtype(), "evaluate", run);
    data::write_npy(*output_, y);
    if (json_) {
      print_json({{"activation", to_string(function)}, {"derivative", order}, {"dtype", rectify::name(y.dtype())}, {"shape", y.shape().sizes()}, {"output", *output_}});
    }
    return 0;
  }

 private:
  std::optional<std::string> activation_, derivative_, input_, output_;
  std::vector<std::string> parameters_;
  ProcessOptions process_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> evaluate_command() { return std::make_unique<Evaluate>(); }

}  // namespace rectify::cli
