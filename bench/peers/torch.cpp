#include "bench/peers/torch.h"

#include <dlfcn.h>
#include <torch/torch.h>

#include <cstdlib>

namespace bench {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

/// A function of OpenBLAS, if that is the BLAS this process runs with: which one it is is decided when the process is loaded, not when it is linked.
template <class Function>
Function* openblas(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

std::string blas_file() {
  Dl_info info{};
  void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  if (!sgemm || !dladdr(sgemm, &info) || !info.dli_fname) return "none";
  const std::unique_ptr<char, decltype(&std::free)> path(realpath(info.dli_fname, nullptr), &std::free);
  return path ? path.get() : info.dli_fname;
}

/// The line of ATen's description of itself that names the instruction set its own kernels use.
std::string cpu_capability() {
  const std::string config = at::show_config(), key = "CPU capability usage: ";
  const size_t found = config.find(key);
  if (found == std::string::npos) return "unknown";
  const size_t begin = found + key.size();
  return config.substr(begin, config.find('\n', begin) - begin);
}

torch::nn::Sequential network(const TrainingProblem& problem) {
  const torch::NoGradGuard no_grad;
  torch::nn::Sequential model;
  for (size_t i = 0; i + 1 < problem.widths.size(); ++i) {
    if (i > 0) model->push_back(torch::nn::ReLU());
    torch::nn::Linear layer(problem.widths[i], problem.widths[i + 1]);
    layer->weight.copy_(torch::tensor(problem.weights[i]).view(layer->weight.sizes()));
    layer->bias.zero_();
    model->push_back(layer);
  }
  return model;
}

class TorchTraining : public Training {
 public:
  explicit TorchTraining(const TrainingProblem& problem)
      : model_(network(problem)), optimiser_(model_->parameters(), torch::optim::SGDOptions(problem.learning_rate).momentum(problem.momentum)) {
    for (const auto& input : problem.inputs) inputs_.push_back(torch::tensor(input).view({problem.batch, problem.widths.front()}));
    for (const auto& target : problem.targets) targets_.push_back(torch::tensor(target));
  }

  double step() override {
    const torch::Tensor& input = inputs_[next_];
    const torch::Tensor& target = targets_[next_];
    next_ = (next_ + 1) % inputs_.size();
    optimiser_.zero_grad();
    const torch::Tensor loss = torch::nn::functional::cross_entropy(model_->forward(input), target);
    loss.backward();
    optimiser_.step();
    return loss.item<double>();
  }

 private:
  torch::nn::Sequential model_;
  torch::optim::SGD optimiser_;
  std::vector<torch::Tensor> inputs_, targets_;
  size_t next_ = 0;
};

}  // namespace

Settings torch_settings() {
  const auto core = openblas<char*()>("openblas_get_corename");
  return {{"version", TORCH_VERSION}, {"blas", blas_file()}, {"openblas_core", core ? core() : "not OpenBLAS"}, {"cpu_capability", cpu_capability()}};
}

/// ATen's own threads and those of its BLAS: at::set_num_threads does not reach OpenBLAS' pool, which would use every core.
void set_torch_threads(int count) {
  at::set_num_threads(count);
  if (const auto set = openblas<void(int)>("openblas_set_num_threads")) set(count);
}

Library torch_library() {
  return {.name = "libtorch",
          .settings = torch_settings,
          .set_threads = set_torch_threads,
          .train = [](const TrainingProblem& problem) -> std::unique_ptr<Training> { return std::make_unique<TorchTraining>(problem); }};
}

}  // namespace bench
