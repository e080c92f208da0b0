#include "bench/peers/blas.h"

#include <dlfcn.h>

#include <cstdlib>

namespace bench {
namespace {

/// cblas.h's numbers.
enum Order : int { row_major = 101 };
enum Transpose : int { as_stored = 111, transposed = 112 };
using Sgemm = void(Order, Transpose, Transpose, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);

/// A library that stays open. RTLD_DEEPBIND: its calls to its own functions do not end in another BLAS of this process.
class File {
 public:
  explicit File(const char* name) {
#ifdef RTLD_DEEPBIND
    handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
#else
    handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
#endif
  }

  template <class Function>
  Function* find(const char* name) const {
    return handle_ == nullptr ? nullptr : reinterpret_cast<Function*>(dlsym(handle_, name));
  }

  std::string path() const {
    Dl_info info{};
    const auto symbol = find<void()>("cblas_sgemm");
    if (symbol == nullptr || !dladdr(reinterpret_cast<void*>(symbol), &info) || !info.dli_fname) return "unknown";
    const std::unique_ptr<char, decltype(&std::free)> path(realpath(info.dli_fname, nullptr), &std::free);
    return path ? path.get() : info.dli_fname;
  }

 private:
  void* handle_ = nullptr;
};

std::function<void()> prepare(Sgemm* sgemm, const ProductTask& task) {
  return [sgemm, t = task] {
    const int m = static_cast<int>(t.m), n = static_cast<int>(t.n), k = static_cast<int>(t.k);
    sgemm(row_major, t.transpose_a ? transposed : as_stored, t.transpose_b ? transposed : as_stored, m, n, k, 1.0f, t.a, t.transpose_a ? m : k, t.b, t.transpose_b ? k : n,
          0.0f, t.c, n);
  };
}

std::optional<Library> library(const std::string& name, const File& file, std::function<void(int)> set_threads, bool threads_spin, Settings more) {
  Sgemm* const sgemm = file.find<Sgemm>("cblas_sgemm");
  if (sgemm == nullptr || !set_threads) return std::nullopt;
  more.insert(more.begin(), {"file", file.path()});
  return Library{.name = name,
                 .settings = [more] { return more; },
                 .set_threads = std::move(set_threads),
                 .threads_spin = threads_spin,
                 .product = [sgemm](const ProductTask& task) { return prepare(sgemm, task); }};
}

}  // namespace

std::optional<Library> openblas_library() {
  static const File file("libopenblas.so.0");
  const auto core = file.find<char*()>("openblas_get_corename");
  const auto set = file.find<void(int)>("openblas_set_num_threads");
  return library("OpenBLAS", file, set == nullptr ? std::function<void(int)>() : set, true, {{"core", core == nullptr ? "unknown" : core()}});
}

std::optional<Library> blis_library() {
  static const File file("libblis.so.4");
  // Before anything is asked of it: otherwise it does not know its kernels yet.
  if (const auto initialise = file.find<void()>("bli_init")) initialise();
  const auto version = file.find<const char*()>("bli_info_get_version_str");
  const auto set = file.find<void(int64_t)>("bli_thread_set_num_threads");
  const auto architecture = file.find<int()>("bli_arch_query_id");
  const auto name = file.find<const char*(int)>("bli_arch_string");
  return library("BLIS", file, set == nullptr ? std::function<void(int)>() : set, false,
                 {{"version", version == nullptr ? "unknown" : version()}, {"kernels", architecture == nullptr || name == nullptr ? "unknown" : name(architecture())}});
}

}  // namespace bench
