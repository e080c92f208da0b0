// The question: how accurate are sums in a fixed order, beside the sums of other libraries?
//
// float32 results against float64. An error is divided by the sum of the magnitudes of what is added, which no order of summation can do anything about; softmax has no
// cancellation, so that its errors are relative to the results; those of normalisations are relative to (|x| + |mean|) / deviation. All in units of 2^-24, half of the spacing of float32 numbers at 1: one rounding.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "bench/buffer.h"
#include "bench/peers/installed.h"
#include "bench/program.h"

namespace {

/// What a result should be, and what its error is divided by.
struct Expected {
  std::vector<double> value, scale;
  explicit Expected(int64_t n) : value(static_cast<size_t>(n)), scale(static_cast<size_t>(n)) {}
  void add(int64_t index, double term) {
    value[static_cast<size_t>(index)] += term;
    scale[static_cast<size_t>(index)] += std::abs(term);
  }
};

struct Errors {
  double largest = 0, root_mean_square = 0;
};

Errors errors(const Expected& expected, const float* result) {
  Errors errors;
  double squares = 0;
  for (size_t i = 0; i < expected.value.size(); ++i) {
    const double error = std::abs(result[i] - expected.value[i]) / expected.scale[i] * 0x1p24;
    errors.largest = std::max(errors.largest, error);
    squares += error * error;
  }
  errors.root_mean_square = std::sqrt(squares / static_cast<double>(expected.value.size()));
  return errors;
}

/// One case. Its inputs are drawn anew in each round.
class SumCase {
 public:
  SumCase(std::string name, int64_t results) : name_(std::move(name)), results_(results) {}
  virtual ~SumCase() = default;
  /// Draws inputs and returns what they make.
  virtual Expected draw(uint32_t seed) = 0;
  /// False if the library does not have it.
  virtual bool compute(const bench::Library& library, float* result) const = 0;
  const std::string& name() const { return name_; }
  int64_t results() const { return results_; }

 private:
  std::string name_;
  int64_t results_;
};

class Product : public SumCase {
 public:
  Product(int64_t k, bool positive)
      : SumCase(fmt::format("product, {} terms, {}", k, positive ? "[0, 1]" : "[-1, 1]"), rows * rows), k_(k), low_(positive ? 0.0f : -1.0f) {}

  Expected draw(uint32_t seed) override {
    a_.emplace(rows * k_, 0, low_, 1.0f, 2 * seed);
    b_.emplace(rows * k_, 0, low_, 1.0f, 2 * seed + 1);
    Expected expected(rows * rows);
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t step = 0; step < k_; ++step) {
        const double factor = a_->data()[i * k_ + step];
        for (int64_t j = 0; j < rows; ++j) expected.add(i * rows + j, factor * b_->data()[step * rows + j]);
      }
    }
    return expected;
  }

  bool compute(const bench::Library& library, float* result) const override {
    if (!library.product) return false;
    library.product({.m = rows, .n = rows, .k = k_, .a = a_->data(), .b = b_->data(), .c = result})();
    return true;
  }

 private:
  static constexpr int64_t rows = 64;
  int64_t k_;
  float low_;
  std::optional<bench::Buffer> a_, b_;
};

/// The first convolution of the CNN: 64 images of 28 x 28 make chains of 64 * 26 * 26 = 43,264.
class WeightGradient : public SumCase {
 public:
  WeightGradient() : SumCase(fmt::format("convolution's dW, {} terms", terms), shape.outputs * taps) {}

  Expected draw(uint32_t seed) override {
    x_.emplace(shape.batch * shape.edge * shape.edge, 0, 0.0f, 1.0f, 2 * seed);
    g_.emplace(terms * shape.outputs, 0, -1.0f, 1.0f, 2 * seed + 1);
    Expected expected(results());
    for (int64_t term = 0; term < terms; ++term) {
      const int64_t image = term / (positions * positions), row = term / positions % positions, column = term % positions;
      for (int64_t tap = 0; tap < taps; ++tap) {
        const double pixel = x_->data()[(image * shape.edge + row + tap / shape.window) * shape.edge + column + tap % shape.window];
        for (int64_t o = 0; o < shape.outputs; ++o) expected.add(o * taps + tap, pixel * g_->data()[term * shape.outputs + o]);
      }
    }
    return expected;
  }

  bool compute(const bench::Library& library, float* result) const override {
    if (!library.weight_gradient) return false;
    bench::WeightGradientTask task = shape;
    task.x = x_->data();
    task.g = g_->data();
    task.dw = result;
    library.weight_gradient(task);
    return true;
  }

 private:
  static constexpr bench::WeightGradientTask shape{.batch = 64, .edge = 28, .channels = 1, .outputs = 32, .window = 3};
  static constexpr int64_t positions = shape.positions(), taps = shape.window * shape.window, terms = shape.batch * positions * positions;
  std::optional<bench::Buffer> x_, g_;
};

class Rows : public SumCase {
 public:
  Rows(std::string name, bench::RowsTask::Kind kind) : SumCase(std::move(name), rows * columns), kind_(kind) {}

  Expected draw(uint32_t seed) override {
    // A mean of 3 and a deviation of about 1: moments are sums of numbers that do not cancel.
    x_.emplace(rows * columns, 0, 1.0f, 5.0f, seed);
    Expected expected(rows * columns);
    const bool by_columns = kind_ == bench::RowsTask::Kind::batch_norm;
    for (int64_t group = 0; group < (by_columns ? columns : rows); ++group) {
      add_group(expected, group * (by_columns ? 1 : columns), by_columns ? rows : columns, by_columns ? columns : 1);
    }
    return expected;
  }

  bool compute(const bench::Library& library, float* result) const override {
    if (!library.rows) return false;
    library.rows({.kind = kind_, .rows = rows, .columns = columns, .x = x_->data(), .y = result});
    return true;
  }

 private:
  /// `count` numbers that belong together, `step` apart.
  void add_group(Expected& expected, int64_t first, int64_t count, int64_t step) const {
    double mean = 0, variance = 0, exponentials = 0;
    const auto x = [&](int64_t i) { return static_cast<double>(x_->data()[first + i * step]); };
    for (int64_t i = 0; i < count; ++i) mean += x(i) / static_cast<double>(count), exponentials += std::exp(x(i));
    for (int64_t i = 0; i < count; ++i) variance += (x(i) - mean) * (x(i) - mean) / static_cast<double>(count);
    const double scale = 1 / std::sqrt(variance + bench::RowsTask::epsilon);
    for (int64_t i = 0; i < count; ++i) {
      const int64_t index = first + i * step;
      switch (kind_) {
        case bench::RowsTask::Kind::softmax: expected.add(index, std::exp(x(i)) / exponentials); break;
        case bench::RowsTask::Kind::log_softmax: expected.add(index, x(i) - std::log(exponentials)); break;
        default:
          expected.add(index, x(i) * scale);
          expected.add(index, -mean * scale);
      }
    }
  }

  static constexpr int64_t rows = 256, columns = 1000;
  bench::RowsTask::Kind kind_;
  std::optional<bench::Buffer> x_;
};

std::vector<std::unique_ptr<SumCase>> all_cases() {
  std::vector<std::unique_ptr<SumCase>> cases;
  for (const int64_t k : {512, 784, 4096, 43264}) cases.push_back(std::make_unique<Product>(k, false));
  for (const int64_t k : {512, 784, 4096, 43264}) cases.push_back(std::make_unique<Product>(k, true));
  cases.push_back(std::make_unique<WeightGradient>());
  cases.push_back(std::make_unique<Rows>("softmax of 1000", bench::RowsTask::Kind::softmax));
  cases.push_back(std::make_unique<Rows>("log_softmax of 1000", bench::RowsTask::Kind::log_softmax));
  cases.push_back(std::make_unique<Rows>("layer normalisation of 1000", bench::RowsTask::Kind::layer_norm));
  cases.push_back(std::make_unique<Rows>("batch normalisation of 256", bench::RowsTask::Kind::batch_norm));
  return cases;
}

/// The largest errors and the root mean squares, each with a number per round for every library that has the case.
std::pair<bench::Row, bench::Row> measure(SumCase& sum, const bench::Inquiry& inquiry) {
  bench::Row largest{.name = sum.name() + ", max", .timings = {}}, mean{.name = sum.name() + ", rms", .timings = {}};
  bench::Buffer result(sum.results(), 0, 0, 0, 0);
  for (int round = 0; round < inquiry.sampling.rounds; ++round) {
    const Expected expected = sum.draw(static_cast<uint32_t>(round));
    size_t next = 0;
    for (const bench::Library& library : inquiry.libraries) {
      if (!sum.compute(library, result.data())) continue;
      if (round == 0) {
        largest.timings.push_back({.name = library.name, .values = {}});
        mean.timings.push_back({.name = library.name, .values = {}});
      }
      const Errors found = errors(expected, result.data());
      largest.timings[next].values.push_back(found.largest);
      mean.timings[next++].values.push_back(found.root_mean_square);
    }
  }
  return {std::move(largest), std::move(mean)};
}

}  // namespace

int main(int argument_count, char** arguments) {
  bench::Program program("sums", "The errors of products, of a convolution's weight gradient, of softmax and of normalisations against float64.", 9);
  return program.run(argument_count, arguments, [&] {
    const bench::Inquiry inquiry{.libraries = bench::installed_libraries(), .sampling = program.sampling};
    std::vector<std::string> columns;
    for (const bench::Library& library : inquiry.libraries) {
      library.set_threads(1);
      columns.push_back(library.name);
    }
    bench::Report report = bench::begin_report(inquiry, "Accuracy of sums", {"errors in 2^-24", [](double error, double) { return error; }, 3}, columns);
    report.print_heading("Errors relative to the sum of magnitudes (softmax: to the result), in units of 2^-24");
    for (const auto& sum : all_cases()) {
      auto [largest, mean] = measure(*sum, inquiry);
      report.add(std::move(largest));
      report.add(std::move(mean));
    }
    report.print_summary();
    return report;
  });
}
