#include "rectify/data/load.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/random.h"
#include "rectify/base/warning.h"
#include "rectify/data/loader.h"
#include "rectify/data/request.h"
#include "rectify/data/text.h"

namespace rectify::data {
namespace {

struct Split {
  std::vector<int64_t> train, validation, test;
};

// Takes round(share * n) rows out of `rows`, chosen by the key, and at least one if any are wanted; both parts keep their order.
std::vector<int64_t> take_share(std::vector<int64_t>& rows, double share, const RandomKey& key) {
  if (share == 0) return {};
  std::vector<int64_t> order = rows;
  shuffle(order, key);
  const size_t count = std::max<size_t>(1, static_cast<size_t>(std::floor(share * static_cast<double>(rows.size()) + 0.5)));
  std::vector<int64_t> taken(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(std::min(count, order.size())));
  rows.assign(order.begin() + static_cast<std::ptrdiff_t>(taken.size()), order.end());
  std::sort(taken.begin(), taken.end());
  std::sort(rows.begin(), rows.end());
  return taken;
}

Split split_rows(const Request& request) {
  const int64_t n = request.source.size();
  Split split;
  split.train.resize(static_cast<size_t>(n));
  std::iota(split.train.begin(), split.train.end(), int64_t{0});
  if (request.groups > 0) {
    // Points of a toy set are independent, so the last rounds over its groups will do, and all groups are tested equally often.
    const double rounds = std::floor(request.test * static_cast<double>(n) / static_cast<double>(request.groups) + 0.5);
    const int64_t count = std::min(n, request.test > 0 ? std::max<int64_t>(1, static_cast<int64_t>(rounds)) * request.groups : 0);
    split.test.assign(split.train.end() - count, split.train.end());
    split.train.resize(static_cast<size_t>(n - count));
  } else if (!request.test_source) {
    split.test = take_share(split.train, request.test, {request.seed, Purpose::split, 0});
  }
  split.validation = take_share(split.train, request.validation, {request.seed, Purpose::split, 1});
  if (split.train.empty()) {
    throw ArgumentError("[data] " + request.source.name + " has " + std::to_string(n) + " samples: none are left to train on after the test part of " +
                        std::to_string(split.test.size()) + " and the validation part of " + std::to_string(split.validation.size()) + ". Take smaller shares.");
  }
  return split;
}

Task task_of(const Request& request, const LoadOptions& options) {
  const Labels& labels = request.source.labels;
  if (request.task) return *request.task;
  if (!request.takes_task) {
    if (options.task == Task::regression && !labels.numeric()) throw ArgumentError("[data] " + request.source.name + " has classes, not numbers. Use a classification loss.");
    return options.task.value_or(Task::classification);
  }
  if (options.task) return *options.task;
  return labels.numeric() && !labels.whole() ? Task::regression : Task::classification;
}

std::vector<std::string> class_names_of(const Request& request) {
  if (!request.class_names.empty()) return request.class_names;
  Labels all = request.source.labels;
  if (request.test_source) {
    for (int64_t row = 0; row < request.test_source->labels.size(); ++row) all.add_number(request.test_source->labels.value(row));
  }
  std::vector<std::string> names = all.class_names();
  if (names.size() < 2) throw ArgumentError("[data] " + request.source.name + ": every label is " + in_quotes(names.at(0)) + "; classification needs at least two classes.");
  const int64_t n = request.source.size();
  if (names.size() > 100 && static_cast<int64_t>(names.size()) > n / 10) {
    warn("[data] the labels of " + request.source.name + " are " + std::to_string(names.size()) + " different classes in " + std::to_string(n) +
         " samples. If they are quantities, use regression: a loss such as mse.");
  }
  return names;
}

void require_finite_labels(const Source& source) {
  if (!source.labels.numeric()) return;
  if (const auto row = source.labels.first_not_finite()) {
    throw ArgumentError("[data] " + source.place(*row) + ", column " + source.label_name + ": the label " + source.labels.text(*row) +
                        " is not a finite number. Fill it in or remove the row.");
  }
}

Dataset assemble(Request request, const LoadOptions& options) {
  require_finite_labels(request.source);
  if (request.test_source) require_finite_labels(*request.test_source);
  const Split split = split_rows(request);
  Dataset dataset;
  Preprocessing& p = dataset.preprocessing;
  p.task = task_of(request, options);
  p.feature_names = request.source.feature_names;
  p.label_name = request.source.label_name;
  p.label_index = request.source.label_index;
  if (p.task == Task::classification) p.class_names = class_names_of(request);
  fit_scaling(p, request.scale, request.source.input, split.train);

  dataset.train = make_part(p, request.source, split.train);
  if (!split.validation.empty()) dataset.validation = make_part(p, request.source, split.validation);
  dataset.test = request.test_source ? make_part(p, *request.test_source) : make_part(p, request.source, split.test);
  if (request.takes_task) add_argument(request.full, "task", name(p.task));
  dataset.specification = to_string(request.full);
  return dataset;
}

}  // namespace

Dataset load(const Specification& specification, const LoadOptions& options) { return assemble(read_request(specification), options); }

Dataset load(std::string_view text, const LoadOptions& options) { return load(parse_specification(text, "--data").or_throw(), options); }

Part load_new(const Preprocessing& preprocessing, const Specification& specification, bool labels_required) {
  const Source source = read_new_source(specification, preprocessing);
  if (labels_required && source.labels.size() == 0) {
    throw ArgumentError("[data] " + source.name + " has no labels" + (source.lines.empty() ? ". Give them with labels=." : ": the column " + source.label_name + " is missing."));
  }
  return make_part(preprocessing, source);
}

Part load_new(const Preprocessing& preprocessing, std::string_view text, bool labels_required) {
  return load_new(preprocessing, parse_specification(text, "--data").or_throw(), labels_required);
}

Dataset fashion_mnist(const std::filesystem::path& folder) {
  Specification specification{.name = "fashion-mnist", .arguments = {}};
  add_argument(specification, "path", folder.string());
  return load(specification);
}

}  // namespace rectify::data
