#include "rectify/train/divergence.h"

#include <cmath>

#include "rectify/activation/catalogue.h"
#include "rectify/autograd/trace.h"
#include "rectify/kernel/reduce.h"
#include "rectify/nn/batch_part.h"
#include "rectify/train/model_state.h"
#include "rectify/train/parameter_owners.h"
#include "rectify/train/shards.h"

namespace rectify::train {
namespace {

std::string non_finite_values(const Tensor& tensor) {
  int64_t count = 0;
  dispatch_floating(tensor.dtype(), "fit", [&]<class T>(T) {
    for (const T value : tensor.values<T>()) count += std::isfinite(value) ? 0 : 1;
  });
  return std::to_string(count) + " non-finite " + (count == 1 ? "value" : "values");
}

/// The first layer of a forward pass whose numbers are not finite, as the end of a sentence; "" if there is none.
std::string first_in_forward_order(nn::Module& model, const std::vector<ParameterOwner>& owners, const Tensor& input) {
  const NoGrad scope;
  trace::Trace trace;
  const Tensor output = model(input);
  for (const trace::Layer& layer : trace.layers()) {
    const ParameterOwner* owner = find_owner(owners, layer.weight);
    const std::string name = owner ? owner->description() : "a linear layer outside the model";
    if (!all_finite(layer.output)) return name + ": its output has " + non_finite_values(layer.output);
    if (layer.activation && !all_finite(layer.activated)) {
      return "the activation " + activation::to_string(*layer.activation) + " after " + name + ": its output has " + non_finite_values(layer.activated);
    }
  }
  return all_finite(output) ? "" : "the model's output, which has " + non_finite_values(output);
}

/// The same for each shard by itself, as the step computed them.
std::string first_in_forward_order(nn::Module& model, const std::vector<ParameterOwner>& owners, const Tensor& input, int64_t shards) {
  SavedBuffers buffers(model);
  std::string place;
  for (int64_t shard = 0; shard < shards && place.empty(); ++shard) {
    const Range rows = shard_rows(input.size(0), shard, shards);
    if (rows.size() == 0) continue;
    const nn::BatchPart part(rows.begin, rows.size());
    place = first_in_forward_order(model, owners, input.rows(rows.begin, rows.end));
    buffers.restore();
  }
  return place;
}

std::string last_in_order(nn::Module& model, const std::vector<ParameterOwner>& owners, std::span<const Tensor> gradients) {
  const std::vector<Tensor> parameters = model.parameters();
  for (size_t i = gradients.size(); i-- > 0;) {
    if (!gradients[i].defined() || all_finite(gradients[i])) continue;
    const ParameterOwner* owner = find_owner(owners, parameters[i].id());
    return (owner ? owner->description() : "parameter " + std::to_string(i)) + ": its gradient has " + non_finite_values(gradients[i]);
  }
  return "";
}

std::string shown(double value) { return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"; }

}  // namespace

bool all_finite(const Tensor& tensor) {
  return dispatch_floating(tensor.dtype(), "all_finite", [&]<class T>(T) { return kernel::all_finite(tensor.data<T>(), tensor.size()); });
}

std::string describe_divergence(nn::Module& model, nn::Loss loss, const Tensor& input, const Tensor& target, int64_t shards, double value,
                                std::span<const Tensor> gradients) {
  const std::string finding = std::isfinite(value) ? "a gradient is not finite" : "the loss is " + shown(value);
  if (!all_finite(input)) return finding + "; the batch's input has " + non_finite_values(input) + ". Check the data.";
  if (is_floating(target.dtype()) && !all_finite(target)) return finding + "; the batch's targets have " + non_finite_values(target) + ". Check the data.";
  const std::vector<ParameterOwner> owners = parameter_owners(model);
  std::string place = first_in_forward_order(model, owners, input, shards);
  if (place.empty()) place = std::isfinite(value) ? last_in_order(model, owners, gradients) : "the loss " + nn::to_string(loss) + ": the model's output is finite";
  return finding + "; it begins at " + place + ". Lower the learning rate or check the data.";
}

}  // namespace rectify::train
