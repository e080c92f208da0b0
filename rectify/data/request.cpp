#include "rectify/data/request.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/data/load.h"
#include "rectify/data/text.h"

namespace rectify::data {
namespace {

namespace fs = std::filesystem;

constexpr double default_test = 0.25;
const char* const fashion_folder = "/usr/share/datasets/fashion-mnist";

const std::vector<std::string>& fashion_classes() {
  static const std::vector<std::string> classes{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
  return classes;
}

Number whole(int64_t value) { return {static_cast<double>(value), std::to_string(value)}; }

[[noreturn]] void refuse(const Specification& specification, const char* name, const std::string& value, const char* expected) {
  throw ArgumentError("[" + specification.name + "] " + name + " is " + value + "; expected " + expected + ".");
}

double read_share(ArgumentReader& reader, const Specification& specification, const char* name, double fallback) {
  const double share = reader.number(name, fallback);
  if (!(share >= 0 && share < 1)) refuse(specification, name, number(share).text, "a share of at least 0 and below 1");
  return share;
}

uint64_t read_seed(ArgumentReader& reader, const Specification& specification) {
  const int64_t seed = reader.integer("seed", 0);
  if (seed < 0) refuse(specification, "seed", std::to_string(seed), "a whole number of at least 0");
  return static_cast<uint64_t>(seed);
}

Scale read_scale(ArgumentReader& reader, const Specification& specification, std::optional<Scale>& given) {
  const std::string text = reader.text("scale", "");
  if (text.empty()) return Scale::none;
  for (const Scale scale : {Scale::none, Scale::standard, Scale::unit}) {
    if (name(scale) == text) return *(given = scale);
  }
  throw ArgumentError("[" + specification.name + "] scale is " + text + "; expected none, standard or unit." + did_you_mean(text, {"none", "standard", "unit"}));
}

std::optional<Task> read_task(ArgumentReader& reader, const Specification& specification) {
  const std::string text = reader.text("task", "");
  if (text.empty()) return std::nullopt;
  for (const Task task : {Task::classification, Task::regression}) {
    if (name(task) == text) return task;
  }
  throw ArgumentError("[" + specification.name + "] task is " + text + "; expected classification or regression." + did_you_mean(text, {"classification", "regression"}));
}

// Whether a header was said to be there, if anything was said.
std::optional<bool> read_header(ArgumentReader& reader) {
  const size_t before = reader.remaining();
  const bool header = reader.boolean("header", false);
  return reader.remaining() < before ? std::optional<bool>(header) : std::nullopt;
}

// The file of that name in the folder, compressed or not.
fs::path fashion_file(const fs::path& folder, const std::string& name) {
  for (const fs::path& path : {folder / (name + ".gz"), folder / name}) {
    std::error_code error;
    if (fs::exists(path, error)) return path;
  }
  throw FileError("[fashion-mnist] " + (folder / (name + ".gz")).string() + " is missing. Install the Debian package dataset-fashion-mnist, or say where the files are: fashion-mnist(path=...).");
}

Source fashion_source(const fs::path& folder, const std::string& part) {
  const fs::path images = fashion_file(folder, part + "-images-idx3-ubyte");
  return idx_source(images, fashion_file(folder, part + "-labels-idx1-ubyte"));
}

// The arguments that all sets share, in the order in which they are printed.
struct Common {
  double test = 0, validation = 0;
  std::optional<Scale> scale;
  uint64_t seed = 0;
};

void finish(Request& request, const Common& common, Scale default_scale, bool prints_test) {
  request.test = common.test;
  request.validation = common.validation;
  request.scale = common.scale.value_or(default_scale);
  request.seed = common.seed;
  if (prints_test) add_argument(request.full, "test", number(request.test));
  add_argument(request.full, "validation", number(request.validation));
  add_argument(request.full, "scale", name(request.scale));
}

void add_seed(Request& request) { add_argument(request.full, "seed", whole(static_cast<int64_t>(request.seed))); }

Request fashion_request(const Specification& specification) {
  ArgumentReader reader(specification);
  Request request;
  Common common;
  const std::string folder = reader.text("path", fashion_folder);
  common.validation = read_share(reader, specification, "validation", 0);
  read_scale(reader, specification, common.scale);
  common.seed = read_seed(reader, specification);
  reader.finish();
  request.class_names = fashion_classes();
  request.source = fashion_source(folder, "train");
  request.test_source = fashion_source(folder, "t10k");
  add_argument(request.full, "path", folder);
  finish(request, common, Scale::unit, false);
  add_seed(request);
  return request;
}

Request idx_request(const Specification& specification) {
  ArgumentReader reader(specification);
  Request request;
  Common common;
  const std::string images = reader.text("images"), labels = reader.text("labels");
  const std::string test_images = reader.text("test_images", ""), test_labels = reader.text("test_labels", "");
  if (test_images.empty() != test_labels.empty()) throw ArgumentError("[idx] test_images and test_labels belong together, but only one of them is given.");
  const bool has_test = !test_images.empty();
  if (has_test && reader.has("test")) throw ArgumentError("[idx] test= and test_images= exclude each other. Leave one of them out.");
  common.test = has_test ? 0.0 : read_share(reader, specification, "test", default_test);
  common.validation = read_share(reader, specification, "validation", 0);
  read_scale(reader, specification, common.scale);
  common.seed = read_seed(reader, specification);
  reader.finish();
  request.source = idx_source(images, labels);
  if (has_test) request.test_source = idx_source(test_images, test_labels);
  add_argument(request.full, "images", images);
  add_argument(request.full, "labels", labels);
  if (has_test) add_argument(request.full, "test_images", test_images), add_argument(request.full, "test_labels", test_labels);
  finish(request, common, request.source.input.dtype() == DType::uint8 ? Scale::unit : Scale::standard, !has_test);
  add_seed(request);
  return request;
}

Request csv_request(const Specification& specification) {
  ArgumentReader reader(specification);
  Request request;
  Common common;
  TableOptions options;
  const std::string path = reader.text("path");
  if (const std::string label = reader.text("label", ""); !label.empty()) options.label = label;
  options.header = read_header(reader);
  common.test = read_share(reader, specification, "test", default_test);
  common.validation = read_share(reader, specification, "validation", 0);
  read_scale(reader, specification, common.scale);
  common.seed = read_seed(reader, specification);
  request.task = read_task(reader, specification);
  reader.finish();
  Table table = read_table(path, options);
  const bool header = table.has_header;
  request.source = source_of(std::move(table));
  request.takes_task = true;
  add_argument(request.full, "path", path);
  add_argument(request.full, "label", request.source.label_name);
  add_argument(request.full, "header", header ? "true" : "false");
  finish(request, common, Scale::standard, true);
  add_seed(request);
  return request;
}

Request npy_request(const Specification& specification) {
  ArgumentReader reader(specification);
  Request request;
  Common common;
  const std::string path = reader.text("path"), labels = reader.text("labels", "");
  common.test = read_share(reader, specification, "test", default_test);
  common.validation = read_share(reader, specification, "validation", 0);
  read_scale(reader, specification, common.scale);
  common.seed = read_seed(reader, specification);
  request.task = read_task(reader, specification);
  reader.finish();
  request.source = npy_source(path, labels);
  request.takes_task = true;
  add_argument(request.full, "path", path);
  if (!labels.empty()) add_argument(request.full, "labels", labels);
  const Tensor& input = request.source.input;
  finish(request, common, input.dtype() == DType::uint8 && input.rank() > 2 ? Scale::unit : Scale::standard, true);
  add_seed(request);
  return request;
}

// Reads n, noise, seed and classes, and appends them to `full` with their defaults.
ToyOptions read_toy(ArgumentReader& reader, const Specification& specification, Toy kind, Specification& full) {
  ToyOptions options;
  options.n = reader.integer("n", options.n);
  options.noise = reader.number("noise", default_noise(kind));
  options.seed = read_seed(reader, specification);
  add_argument(full, "n", whole(options.n));
  add_argument(full, "noise", number(*options.noise));
  add_argument(full, "seed", whole(static_cast<int64_t>(options.seed)));
  if (has_classes(kind)) {
    options.classes = reader.integer("classes", default_classes(kind));
    add_argument(full, "classes", whole(*options.classes));
  }
  return options;
}

Request toy_request(const Specification& specification, Toy kind) {
  ArgumentReader reader(specification);
  Request request;
  Common common;
  const ToyOptions options = read_toy(reader, specification, kind, request.full);
  common.test = read_share(reader, specification, "test", default_test);
  common.validation = read_share(reader, specification, "validation", 0);
  read_scale(reader, specification, common.scale);
  common.seed = options.seed;
  reader.finish();
  request.source = source_of(kind, options);
  request.groups = kind == Toy::xor_problem ? 4 : options.classes.value_or(default_classes(kind));
  finish(request, common, Scale::none, true);
  return request;
}

// A bare path becomes csv(path) or npy(path); a name that is neither set nor path is refused with suggestions.
Specification resolved(const Specification& specification) {
  const auto& names = dataset_names();
  if (!specification.quoted && std::find(names.begin(), names.end(), specification.name) != names.end()) return specification;
  std::string extension = fs::path(specification.name).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (specification.arguments.empty() && (extension == ".csv" || extension == ".npy")) {
    Specification reader{.name = extension.substr(1), .arguments = {}};
    add_argument(reader, "", specification.name);
    return reader;
  }
  throw ArgumentError("[data] there is no data set " + in_quotes(specification.name) + "." + did_you_mean(specification.name, names) + " Known: " + listed(names) +
                      ", or the path of a .csv or .npy file.");
}

}  // namespace

void add_argument(Specification& specification, std::string_view name, std::string_view text) {
  specification.arguments.push_back({.name = std::string(name), .value = Specification{.name = std::string(text), .arguments = {}}});
}

void add_argument(Specification& specification, std::string_view name, const Number& value) {
  specification.arguments.push_back({.name = std::string(name), .value = value});
}

const std::vector<std::string>& dataset_names() {
  static const std::vector<std::string> names{"fashion-mnist", "idx", "csv", "npy", "xor", "moons", "circles", "spirals", "blobs"};
  return names;
}

Request read_request(const Specification& specification) {
  const Specification known = resolved(specification);
  const auto toy = toy_named(known.name);
  Request request = toy                             ? toy_request(known, *toy)
                    : known.name == "fashion-mnist" ? fashion_request(known)
                    : known.name == "idx"           ? idx_request(known)
                    : known.name == "csv"           ? csv_request(known)
                                                    : npy_request(known);
  request.full.name = known.name;
  return request;
}

Source read_new_source(const Specification& specification, const Preprocessing& preprocessing) {
  const Specification known = resolved(specification);
  ArgumentReader reader(known);
  if (const auto toy = toy_named(known.name)) {
    Specification ignored;
    const ToyOptions options = read_toy(reader, known, *toy, ignored);
    reader.finish();
    return source_of(*toy, options);
  }
  if (known.name == "fashion-mnist") {
    const std::string folder = reader.text("path", fashion_folder);
    reader.finish();
    return fashion_source(folder, "t10k");
  }
  if (known.name == "idx") {
    const std::string images = reader.text("images"), labels = reader.text("labels", "");
    reader.finish();
    return idx_source(images, labels);
  }
  const std::string path = reader.text("path");
  if (known.name == "csv") {
    const std::string label = reader.text("label", preprocessing.label_name);
    const std::optional<bool> header = read_header(reader);
    reader.finish();
    std::vector<std::string> features = preprocessing.feature_names;
    if (features.empty()) {
      for (int64_t k = 0; k < preprocessing.sample_shape.count(); ++k) features.push_back("x" + std::to_string(k + 1));
    }
    return source_of(read_table_as(path, {std::move(features), label, preprocessing.label_index}, header));
  }
  const std::string labels = reader.text("labels", "");
  reader.finish();
  return npy_source(path, labels, preprocessing.sample_shape.count());
}

}  // namespace rectify::data
