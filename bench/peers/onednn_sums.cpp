// A convolution's gradient and softmax by oneDNN's primitives.
#include <unordered_map>

#include "bench/peers/onednn.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr auto float32 = memory::data_type::f32;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// Runs on a stream of its own, and waits.
void execute(const dnnl::primitive& primitive, const std::unordered_map<int, memory>& arguments) {
  dnnl::stream stream(cpu());
  primitive.execute(stream, arguments);
  stream.wait();
}

void reorder(const memory& from, const memory& to) { execute(dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}); }

/// The same numbers in the layout that a primitive wants.
memory reordered(const memory& from, const memory::desc& layout) {
  memory to(layout, cpu());
  reorder(from, to);
  return to;
}

memory over(const float* numbers, const memory::dims& sizes, Tag tag) { return memory({sizes, float32, tag}, cpu(), const_cast<float*>(numbers)); }

}  // namespace

void onednn_weight_gradient(const WeightGradientTask& task) {
  const memory::dims image{task.batch, task.channels, task.edge, task.edge}, output{task.batch, task.outputs, task.positions(), task.positions()};
  const memory::dims weight{task.outputs, task.channels, task.window, task.window}, ones{1, 1}, zeros{0, 0};
  const auto any = [](const memory::dims& sizes) { return memory::desc(sizes, float32, Tag::any); };
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const dnnl::convolution_forward::primitive_desc forward(
      {dnnl::prop_kind::forward_training, algorithm, any(image), any(weight), any(output), ones, zeros, zeros}, cpu());
  const dnnl::convolution_backward_weights::primitive_desc backward({algorithm, any(image), any(weight), any(output), ones, zeros, zeros}, cpu(), forward);
  const memory dw(backward.diff_weights_desc(), cpu());
  execute(dnnl::convolution_backward_weights(backward), {{DNNL_ARG_SRC, reordered(over(task.x, image, Tag::nhwc), backward.src_desc())},
                                                         {DNNL_ARG_DIFF_DST, reordered(over(task.g, output, Tag::nhwc), backward.diff_dst_desc())},
                                                         {DNNL_ARG_DIFF_WEIGHTS, dw}});
  reorder(dw, over(task.dw, weight, Tag::ohwi));
}

void onednn_rows(const RowsTask& task) {
  const memory x = over(task.x, {task.rows, task.columns}, Tag::ab), y = over(task.y, {task.rows, task.columns}, Tag::ab);
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto flags = dnnl::normalization_flags::none;  // its own moments, no weight, no bias
  const auto epsilon = static_cast<float>(RowsTask::epsilon);
  const auto run = [&](const dnnl::primitive& primitive) { execute(primitive, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}}); };
  switch (task.kind) {
    case RowsTask::Kind::softmax: return run(dnnl::softmax_forward(dnnl::softmax_forward::primitive_desc({kind, x.get_desc(), 1}, cpu())));
    case RowsTask::Kind::log_softmax: return run(dnnl::logsoftmax_forward(dnnl::logsoftmax_forward::primitive_desc({kind, x.get_desc(), 1}, cpu())));
    case RowsTask::Kind::layer_norm:
      return run(dnnl::layer_normalization_forward(dnnl::layer_normalization_forward::primitive_desc({kind, x.get_desc(), epsilon, flags}, cpu())));
    case RowsTask::Kind::batch_norm:
      return run(dnnl::batch_normalization_forward(dnnl::batch_normalization_forward::primitive_desc({kind, x.get_desc(), epsilon, flags}, cpu())));
  }
}

}  // namespace bench
