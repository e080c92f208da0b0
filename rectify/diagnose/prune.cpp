#include "rectify/diagnose/prune.h"

#include <algorithm>
#include <cstring>

#include "rectify/diagnose/silence.h"
#include "rectify/kernel/gemm.h"
#include "rectify/nn/image_layers.h"
#include "rectify/train/trainer.h"

namespace rectify::diagnose {
namespace {

/// Whether the chains of a sum over `columns` terms, of which column k belongs to unit k mod units, stay what they are without these units: all but the last that is left are whole.
bool keeps_chains(const std::vector<bool>& removed, int64_t columns) {
  const auto units = static_cast<int64_t>(removed.size());
  bool last = true;
  for (int64_t end = columns; end > 0;) {
    const int64_t begin = (end - 1) / kernel::chain_length * kernel::chain_length;
    int64_t left = 0;
    for (int64_t k = begin; k < end; ++k) left += removed[static_cast<size_t>(k % units)] ? 0 : 1;
    if (left > 0 && !last && left < kernel::chain_length) return false;
    if (left > 0) last = false;
    end = begin;
  }
  return true;
}

/// The silent units that can go; all of them, or where the next layer sums each unit once those of whole chains and of the last one.
std::vector<bool> removable(std::vector<bool> silent, int64_t columns) {
  if (keeps_chains(silent, columns)) return silent;
  const auto units = static_cast<int64_t>(silent.size());
  if (columns != units) return std::vector<bool>(silent.size(), false);
  bool last = true;
  for (int64_t end = units; end > 0;) {
    const int64_t begin = (end - 1) / kernel::chain_length * kernel::chain_length;
    const auto from = silent.begin() + begin, to = silent.begin() + end;
    const bool empty = std::all_of(from, to, [](bool flag) { return flag; });
    if (!empty && !last) std::fill(from, to, false);
    if (!empty) last = false;
    end = begin;
  }
  return silent;
}

/// The elements of a tensor seen as (outer, axis, inner) whose place on the axis is kept; `shape` is that of the result.
Tensor kept_of(const Tensor& tensor, int64_t outer, const std::vector<bool>& removed, int64_t inner, const Shape& shape) {
  Tensor result = Tensor::empty(shape, tensor.dtype());
  const float* from = tensor.data<float>();
  float* to = result.data<float>();
  const auto axis = static_cast<int64_t>(removed.size());
  for (int64_t i = 0; i < outer * axis; ++i) {
    if (removed[static_cast<size_t>(i % axis)]) continue;
    to = std::copy_n(from + i * inner, inner, to);
  }
  result.set_requires_grad(tensor.requires_grad());
  return result;
}

Shape with_size(const Shape& shape, size_t axis, int64_t size) {
  std::vector<int64_t> sizes(shape.sizes().begin(), shape.sizes().end());
  sizes[axis] = size;
  return Shape(std::span<const int64_t>(sizes));
}

/// Takes rows out of the layer, and of what normalises it, and columns out of the next.
void remove_units(std::vector<LayerPart>& parts, const Path& path, const std::vector<bool>& removed) {
  const int64_t left = std::ranges::count(removed, false), units = static_cast<int64_t>(removed.size());
  for (const size_t place : {path.layer, path.normalisation.value_or(path.layer)}) {
    for (TensorPart& part : parts[place].tensors) {
      if (part.value.size(0) != units) continue;
      part.value = kept_of(part.value, 1, removed, part.value.size() / units, with_size(part.value.shape(), 0, left));
    }
  }
  parts[path.layer].text.arguments.at(0).value = number(static_cast<double>(left));
  Tensor& next = parts[path.next].find("weight")->value;
  const auto last = static_cast<size_t>(next.rank() - 1);
  next = kept_of(next, next.size() / units, removed, 1, with_size(next.shape(), last, next.size(-1) / units * left));
}

bool same_bits(const Tensor& a, const Tensor& b) { return a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), static_cast<size_t>(a.size()) * size_of(a.dtype())) == 0; }

/// Why the units of this layer cannot go at all; "" if they can.
std::string obstacle(nn::Sequential& model, const Path& path) {
  if (!path.keeps_units) return "what comes between this layer and the next one does not keep its units apart";
  const auto* convolution = dynamic_cast<nn::Conv2d*>(&model[path.layer]);
  return convolution && convolution->convolution.groups != 1 ? "its outputs are in groups" : "";
}

std::string chains_text(int64_t columns) {
  return "the next layer sums " + std::to_string(columns) + " terms in chains of " + std::to_string(kernel::chain_length) + ", which would be cut at other places";
}

}  // namespace

Pruned prune(const nn::Sequential& network, const Tensor& input) {
  if (input.rank() != 2 || input.size(0) == 0) throw ArgumentError("[prune] the samples have the shape " + to_string(input.shape()) + "; rows of features are needed, at least one.");
  Pruned result{.model = nn::clone(network), .layers = {}, .parameters_before = 0, .parameters_after = 0};
  result.parameters_before = result.parameters_after = result.model.parameter_count();
  const std::vector<Path> paths = hidden_paths(result.model);
  nn::Sequential original = result.model;
  const std::vector<Silence> silent = silent_units(original, paths, input);
  const Tensor expected = train::predict(original, input);
  const Shape sample_shape{input.size(1)};
  std::vector<LayerPart> parts = take_apart(original);
  for (size_t i = 0; i < paths.size(); ++i) {
    const Path& path = paths[i];
    PrunedLayer& layer = result.layers.emplace_back(PrunedLayer{.layer = i, .text = original[path.layer].specification(), .units = static_cast<int64_t>(silent[i].units.size()), .removed = {},
                                                                .silent = std::ranges::count(silent[i].units, true), .reason = ""});
    if (layer.silent == 0) continue;
    layer.reason = obstacle(original, path);
    if (!layer.reason.empty()) continue;
    const nn::WeightedLayer& next = weighted(original, path.next);
    const int64_t columns = next.weight.size() / next.weight.size(0);
    std::vector<bool> candidates = silent[i].units;
    if (layer.silent == layer.units) {
      candidates[0] = false;
      layer.reason = "a layer has at least one unit";
    }
    const std::vector<bool> removed = removable(candidates, columns);
    if (removed != candidates) layer.reason = chains_text(columns);
    if (std::ranges::count(removed, true) == 0) continue;
    std::vector<LayerPart> fewer = parts;
    remove_units(fewer, path, removed);
    nn::Sequential smaller = build_of(fewer, sample_shape);
    if (!same_bits(train::predict(smaller, input), expected)) {
      layer.reason = "the outputs would have other bits";
      continue;
    }
    for (int64_t unit = 0; unit < layer.units; ++unit) {
      if (removed[static_cast<size_t>(unit)]) layer.removed.push_back(unit);
    }
    parts = std::move(fewer);
    result.model = std::move(smaller);
  }
  result.parameters_after = result.model.parameter_count();
  return result;
}

}  // namespace rectify::diagnose
