#include "bench/diagnosis/case.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/diagnosis/network_text.h"
#include "rectify/base/error.h"
#include "rectify/format/digest.h"
#include "rectify/nn/layers.h"

namespace bench::diagnosis {
namespace {

using rectify::Tensor;
using rectify::nn::WeightedLayer;

std::vector<WeightedLayer*> weighted_layers(rectify::nn::Sequential& model) {
  std::vector<WeightedLayer*> layers;
  for (size_t i = 0; i < model.size(); ++i) {
    if (auto* layer = dynamic_cast<WeightedLayer*>(&model[i])) layers.push_back(layer);
  }
  return layers;
}

void apply(const Edit& edit, WeightedLayer& layer) {
  switch (edit.kind) {
    case Edit::Kind::scale_weights:
      for (int64_t i = 0; i < layer.weight.size(); ++i) layer.weight.data<float>()[i] *= static_cast<float>(edit.amount);
      break;
    case Edit::Kind::shift_biases:
      for (int64_t i = 0; i < std::min(edit.units, layer.bias.size()); ++i) layer.bias.data<float>()[i] += static_cast<float>(edit.amount);
      break;
    case Edit::Kind::freeze: layer.freeze(); break;
  }
}

}  // namespace

Case healthy(const Architecture& architecture, const std::filesystem::path& folder) {
  return {.name = "healthy/" + architecture.name,
          .architecture = architecture.name,
          .run = {.network = NetworkText(architecture.network).text(),
                  .data = data_text({.set = architecture.set}, folder, true),
                  .optimiser = architecture.optimiser,
                  .loss = architecture.loss,
                  .epochs = architecture.epochs,
                  .batch = 32}};
}

rectify::train::Prepared prepare(const Case& planted, uint64_t seed) {
  rectify::train::RunConfiguration configuration = planted.run;
  configuration.seed = seed;
  rectify::train::Prepared run = rectify::train::prepare(configuration);
  const std::vector<WeightedLayer*> layers = weighted_layers(run.model);
  for (const Edit& edit : planted.edits) {
    for (size_t i = 0; i < layers.size(); ++i) {
      if (!edit.layer || *edit.layer == i) apply(edit, *layers[i]);
    }
  }
  return run;
}

std::string fingerprint(const Case& planted) {
  std::string text = rectify::train::to_json(planted.run);
  for (const Edit& edit : planted.edits) {
    text += fmt::format("|{} {} {} {}", static_cast<int>(edit.kind), edit.layer ? static_cast<int64_t>(*edit.layer) : -1, edit.amount, edit.units);
  }
  return rectify::format::sha256(text).substr(0, 12);
}

}  // namespace bench::diagnosis
