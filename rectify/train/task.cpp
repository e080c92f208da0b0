#include "rectify/train/task.h"

#include "rectify/data/load.h"
#include "rectify/nn/network.h"

namespace rectify::train {

nn::Loss loss_named(const std::string& name) {
  const std::optional<nn::Loss> loss = nn::find_loss(name);
  if (loss) return *loss;
  std::string known;
  for (const std::string& other : nn::loss_names()) known += (known.empty() ? "" : ", ") + other;
  throw ArgumentError("[loss] there is no loss \"" + name + "\"." + did_you_mean(name, nn::loss_names()) + " Known: " + known + ".");
}

data::Dataset load_data(const Specification& source, nn::Loss loss) {
  const bool numbers_wanted = !nn::is_classification(loss);
  data::Dataset data = data::load(source, {.task = numbers_wanted ? std::optional(data::Task::regression) : std::nullopt});
  const bool numbers = data.task() == data::Task::regression;
  if (numbers == numbers_wanted) return data;
  throw ArgumentError("[prepare] the labels of " + data.specification + " are " + (numbers ? "numbers" : "classes") + ", which the loss " + nn::to_string(loss) + " does not take. Use " +
                      (numbers ? "mse or mae, or task=classification in the data." : "cross_entropy."));
}

void check_outputs(nn::Sequential& model, const data::Dataset& data, nn::Loss loss) {
  const int64_t needed = nn::output_count(loss, data.output_count()), found = nn::output_size(model, Shape{data.input_count()});
  if (found == needed) return;
  const std::string of_data = data.task() == data::Task::regression ? "the data have one number per sample" : "the data have " + std::to_string(data.output_count()) + " classes";
  throw ArgumentError("[prepare] the network has " + std::to_string(found) + (found == 1 ? " output, but " : " outputs, but ") + of_data + ", for which " + nn::to_string(loss) + " needs " +
                      std::to_string(needed) + ". End the network with linear(" + std::to_string(needed) + "), or give other data or another loss.");
}

}  // namespace rectify::train
