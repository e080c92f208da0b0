// rectify predict: what a saved run answers for new data.
#include <fmt/format.h>

#include <algorithm>

#include "cli/answers.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/process.h"
#include "rectify/base/files.h"
#include "rectify/data/load.h"
#include "rectify/data/npy.h"
#include "rectify/train/run.h"

namespace rectify::cli {
namespace {

/// A field of a CSV file, quoted where it has to be (RFC 4180).
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos && (text.empty() || (text.front() != ' ' && text.back() != ' '))) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// Answers for all samples: for classification the class and the probability of each, otherwise a number.
struct Answers {
  std::vector<std::string> class_names;  ///< empty for regression
  Tensor classes;                        ///< int64 (n)
  Tensor values;                         ///< probabilities (n, classes) or predictions (n, 1)

  std::string csv() const {
    std::string text = "prediction";
    for (const std::string& name : class_names) text += "," + field("p(" + name + ")");
    text += "\n";
    const int64_t columns = values.size(1);
    for (int64_t i = 0; i < values.size(0); ++i) {
      const float* row = values.data<float>() + i * columns;
      if (class_names.empty()) {
        text += fmt::format("{}\n", row[0]);
        continue;
      }
      text += field(class_names[static_cast<size_t>(classes.data<int64_t>()[i])]);
      for (int64_t k = 0; k < columns; ++k) text += fmt::format(",{}", row[k]);
      text += "\n";
    }
    return text;
  }

  Json json() const {
    Json predictions = Json::array(), probabilities = Json::array();
    const int64_t columns = values.size(1);
    for (int64_t i = 0; i < values.size(0); ++i) {
      const float* row = values.data<float>() + i * columns;
      if (class_names.empty()) {
        predictions.push_back(json_number(row[0]));
        continue;
      }
      predictions.push_back(class_names[static_cast<size_t>(classes.data<int64_t>()[i])]);
      Json of_row = Json::array();
      for (int64_t k = 0; k < columns; ++k) of_row.push_back(json_number(row[k]));
      probabilities.push_back(std::move(of_row));
    }
    Json result{{"samples", values.size(0)}, {"predictions", std::move(predictions)}};
    if (!class_names.empty()) result["class_names"] = class_names, result["probabilities"] = std::move(probabilities);
    return result;
  }
};

class Predict : public Command {
 public:
  std::string name() const override { return "predict"; }
  std::string description() const override { return "apply a saved run to new data, prepared as its training data were"; }
  std::string examples() const override {
    return "  rectify predict runs/flowers --data new_flowers.csv --output answers.csv\n"
           "  rectify predict runs/first --data fashion-mnist --output probabilities.npy";
  }

  void declare(Options& options) override {
    options.positional("run", run_, "the folder of a run");
    options.text("--data", data_, "DATA", "as for train; columns are matched by name, labels are not needed");
    options.text("--output", output_, "Y.csv|Y.npy",
                 ".csv: the predicted class and the probability of each, or the predicted number; .npy: the probabilities (n, classes) or numbers (n, 1). Without it: CSV on standard output");
    process_.declare(options);
    options.flag("--json", json_, "the answers as one JSON document on standard output");
  }

  int run() override {
    if (!data_) throw ArgumentError("[predict] --data is missing. Name what to predict from, for example --data new.csv.");
    const bool npy = output_ && output_->ends_with(".npy");
    if (output_ && !npy && !output_->ends_with(".csv")) throw ArgumentError("[--output] the file is '" + *output_ + "'; expected a name that ends in .csv or .npy.");
    process_.apply();
    train::SavedRun saved = train::load_run(*run_);
    const nn::Loss loss = nn::find_loss(saved.configuration.loss).value();
    const data::Part part = data::load_new(saved.preprocessing, *data_);
    const Tensor output = train::predict(saved.model, part.input);
    Answers answers{.class_names = {}, .classes = {}, .values = output};
    if (nn::is_classification(loss)) {
      answers = {.class_names = saved.preprocessing.class_names, .classes = nn::predicted_classes(output), .values = class_probabilities(loss, output)};
    }
    if (npy) data::write_npy(*output_, answers.values);
    if (output_ && !npy) write_file(*output_, answers.csv());
    if (json_) print_json(answers.json());
    if (!json_ && !output_) print(answers.csv());
    return 0;
  }

 private:
  std::optional<std::string> run_, data_, output_;
  ProcessOptions process_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> predict_command() { return std::make_unique<Predict>(); }

}  // namespace rectify::cli
