// The question: how fast are the matrix products of a linear layer, forward and backward, beside the BLAS libraries?
#include "bench/peers/blas.h"
#include "bench/peers/rectify.h"
#include "bench/product_cases.h"
#include "bench/program.h"
#ifdef RECTIFY_BENCH_ONEDNN
#include "bench/peers/onednn.h"
#endif
#ifdef RECTIFY_BENCH_EIGEN
#include "bench/peers/eigen.h"
#endif

int main(int argument_count, char** arguments) {
  bench::Program program("products", "The matrix products of linear layers, y = x W', dx = g W and dW = g' x, with one thread and with two.", 25);
  program.ask_for_setting();
  return program.run(argument_count, arguments, [&] {
    bench::Inquiry inquiry{.libraries = {bench::rectify_library()}, .sampling = program.sampling, .setting = program.setting()};
#ifdef RECTIFY_BENCH_ONEDNN
    inquiry.libraries.push_back(bench::onednn_library());
#endif
    if (auto library = bench::openblas_library()) inquiry.libraries.push_back(*library);
    if (auto library = bench::blis_library()) inquiry.libraries.push_back(*library);
#ifdef RECTIFY_BENCH_EIGEN
    inquiry.libraries.push_back(bench::eigen_library());
#endif
    return bench::ask_products(inquiry);
  });
}
