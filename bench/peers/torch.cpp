#include "bench/peers/torch.h"

#include <dlfcn.h>
#include <torch/torch.h>

#include <cstdlib>

namespace bench {
namespace {

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

Settings settings() {
  const auto core = openblas<char*()>("openblas_get_corename");
  return {{"version", TORCH_VERSION}, {"blas", blas_file()}, {"openblas_core", core ? core() : "not OpenBLAS"}, {"cpu_capability", cpu_capability()}};
}

/// ATen's own threads and those of its BLAS: at::set_num_threads does not reach OpenBLAS' pool, which would use every core.
void set_threads(int count) {
  at::set_num_threads(count);
  if (const auto set = openblas<void(int)>("openblas_set_num_threads")) set(count);
}

}  // namespace

Library torch_library() {
  return {.name = "libtorch",
          .settings = settings,
          .set_threads = set_threads,
          .threads_spin = true,
          .kernel = torch_kernel,
          .product = torch_product,
          .network = torch_network,
          .weight_gradient = torch_weight_gradient,
          .rows = torch_rows};
}

}  // namespace bench
