#include <omp.h>

#include <optional>
#include <unordered_map>

#include "bench/peers/onednn.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace bench {
namespace {

using dnnl::algorithm;

struct Eltwise {
  std::string_view name;
  algorithm kind;
  float alpha = 0;
  std::optional<algorithm> from_output = {};
};

constexpr Eltwise table[] = {
    {"relu", algorithm::eltwise_relu},
    {"leaky_relu", algorithm::eltwise_relu, 0.01f},
    {"sigmoid", algorithm::eltwise_logistic, 0, algorithm::eltwise_logistic_use_dst_for_bwd},
    {"tanh", algorithm::eltwise_tanh, 0, algorithm::eltwise_tanh_use_dst_for_bwd},
    {"elu", algorithm::eltwise_elu, 1.0f},
    {"softplus", algorithm::eltwise_soft_relu},
    {"silu", algorithm::eltwise_swish, 1.0f},
    {"gelu", algorithm::eltwise_gelu_erf},
    {"gelu_tanh", algorithm::eltwise_gelu_tanh},
    {"mish", algorithm::eltwise_mish},
    {"hardswish", algorithm::eltwise_hardswish},
    {"exp", algorithm::eltwise_exp, 0, algorithm::eltwise_exp_use_dst_for_bwd},
};

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

KernelPass pass(const dnnl::primitive& primitive, const std::unordered_map<int, dnnl::memory>& arguments, const float* y) {
  static dnnl::stream stream(cpu());
  return {.run = [=] {
    primitive.execute(stream, arguments);
    stream.wait();
    return y;
  }};
}

KernelPass prepare_kernel(const KernelTask& task) {
  for (const Eltwise& eltwise : table) {
    if (eltwise.name != task.activation) continue;
    const dnnl::memory::desc layout({task.n}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::a);
    const auto over = [&](const float* memory) { return dnnl::memory(layout, cpu(), const_cast<float*>(memory)); };
    const bool from_output = task.output != nullptr && eltwise.from_output;
    const algorithm kind = from_output ? *eltwise.from_output : eltwise.kind;
    const dnnl::eltwise_forward::primitive_desc forward({dnnl::prop_kind::forward_training, kind, layout, eltwise.alpha}, cpu());
    if (task.g == nullptr) {
      return pass(dnnl::eltwise_forward(forward), {{DNNL_ARG_SRC, over(task.x)}, {DNNL_ARG_DST, over(task.y)}}, task.y);
    }
    const dnnl::eltwise_backward::primitive_desc backward({kind, layout, layout, eltwise.alpha}, cpu(), forward);
    const int kept = from_output ? DNNL_ARG_DST : DNNL_ARG_SRC;
    return pass(dnnl::eltwise_backward(backward),
                {{kept, over(from_output ? task.output : task.x)}, {DNNL_ARG_DIFF_DST, over(task.g)}, {DNNL_ARG_DIFF_SRC, over(task.y)}}, task.y);
  }
  return {};
}

/// The instruction set oneDNN generates code for.
std::string instruction_set() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41: return "sse41";
    case dnnl::cpu_isa::avx: return "avx";
    case dnnl::cpu_isa::avx2: return "avx2";
    case dnnl::cpu_isa::avx512_core: return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni: return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16: return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx: return "avx512_core_amx";
    default: return "other";
  }
}

std::function<void()> prepare_product(const ProductTask& task) {
  return [t = task] {
    dnnl_sgemm(t.transpose_a ? 'T' : 'N', t.transpose_b ? 'T' : 'N', t.m, t.n, t.k, 1.0f, t.a, t.transpose_a ? t.m : t.k, t.b, t.transpose_b ? t.k : t.n, 0.0f, t.c, t.n);
  };
}

Settings settings() {
  const dnnl_version_t* version = dnnl_version();
  return {{"version", std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch)},
          {"instruction_set", instruction_set()}};
}

}  // namespace

Library onednn_library() {
  return {.name = "oneDNN",
          .settings = settings,
          .set_threads = omp_set_num_threads,
          .threads_spin = true,
          .kernel = prepare_kernel,
          .product = prepare_product,
          .weight_gradient = onednn_weight_gradient,
          .rows = onednn_rows};
}

}  // namespace bench
