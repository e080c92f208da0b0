// The libraries a program was linked with, and those that it finds when it runs.
#pragma once

#include "bench/peers/rectify.h"
#ifdef RECTIFY_BENCH_ONEDNN
#include "bench/peers/onednn.h"
#endif
#ifdef RECTIFY_BENCH_TORCH
#include "bench/peers/torch.h"
#endif
#ifdef RECTIFY_BENCH_BLAS
#include "bench/peers/blas.h"
#endif
#ifdef RECTIFY_BENCH_EIGEN
#include "bench/peers/eigen.h"
#endif

namespace bench {

/// Rectify first.
inline std::vector<Library> installed_libraries() {
  std::vector<Library> libraries{rectify_library()};
#ifdef RECTIFY_BENCH_ONEDNN
  libraries.push_back(onednn_library());
#endif
#ifdef RECTIFY_BENCH_TORCH
  libraries.push_back(torch_library());
#endif
#ifdef RECTIFY_BENCH_BLAS
  if (auto library = openblas_library()) libraries.push_back(std::move(*library));
  if (auto library = blis_library()) libraries.push_back(std::move(*library));
#endif
#ifdef RECTIFY_BENCH_EIGEN
  libraries.push_back(eigen_library());
#endif
  return libraries;
}

}  // namespace bench
