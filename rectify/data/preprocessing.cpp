#include "rectify/data/preprocessing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "rectify/base/thread_pool.h"
#include "rectify/kernel/reduce.h"

namespace rectify::data {
namespace {

template <class Body>
void with_type(const Tensor& raw, Body&& body) {
  switch (raw.dtype()) {
    case DType::float32: body(raw.data<float>()); break;
    case DType::float64: body(raw.data<double>()); break;
    case DType::int64: body(raw.data<int64_t>()); break;
    case DType::uint8: body(raw.data<uint8_t>()); break;
    default: throw_not_floating(raw.dtype(), "preprocessing");
  }
}

Shape shape_of_samples(const Tensor& raw) { return Shape(raw.shape().sizes().subspan(1)); }

// Sums over many short runs: each run by the ordered sum, then the runs' results by the same.
class Sums {
 public:
  void add(const std::vector<double>& values) { partial_.push_back(kernel::sum(values.data(), static_cast<int64_t>(values.size()))); }
  double total() const { return kernel::sum(partial_.data(), static_cast<int64_t>(partial_.size())); }

 private:
  std::vector<double> partial_;
};

// visit(body) calls body(run) for each run of the numbers that share an offset and a divisor, in order, and does so again when called again.
template <class Visit>
void fit(Preprocessing& p, Scale scale, double count, Visit visit) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  visit([&](const std::vector<double>& run) {
    const auto [smallest, largest] = std::minmax_element(run.begin(), run.end());
    low = std::min(low, *smallest);
    high = std::max(high, *largest);
  });
  double offset = low, divisor = high - low;
  if (scale == Scale::standard && low < high) {
    Sums sum, squares;
    visit([&](const std::vector<double>& run) { sum.add(run); });
    offset = sum.total() / count;
    visit([&](std::vector<double> run) {  // a copy
      for (double& value : run) value = (value - offset) * (value - offset);
      squares.add(run);
    });
    divisor = std::sqrt(squares.total() / count);
  }
  p.offset.push_back(offset);
  p.divisor.push_back(divisor > 0 ? divisor : 1.0);
}

float scaled(double value, double offset, double divisor) { return static_cast<float>((value - offset) / divisor); }

// One row of samples. Bytes that share a scaling have 256 results, which are looked up: divisions would take most of the time of loading images.
class RowScaler {
 public:
  RowScaler(const Preprocessing& p, int64_t features) : p_(p), features_(features) {
    if (p.offset.size() == 1) {
      for (size_t byte = 0; byte < 256; ++byte) of_byte_[byte] = scaled(static_cast<double>(byte), p.offset[0], p.divisor[0]);
    }
  }

  template <class T>
  void operator()(const T* from, float* to) const {
    if (p_.offset.size() > 1) {
      for (int64_t k = 0; k < features_; ++k) to[k] = scaled(static_cast<double>(from[k]), p_.offset[static_cast<size_t>(k)], p_.divisor[static_cast<size_t>(k)]);
    } else if constexpr (std::is_same_v<T, uint8_t>) {
      for (int64_t k = 0; k < features_; ++k) to[k] = of_byte_[from[k]];
    } else {
      for (int64_t k = 0; k < features_; ++k) to[k] = scaled(static_cast<double>(from[k]), p_.offset[0], p_.divisor[0]);
    }
  }

 private:
  const Preprocessing& p_;
  int64_t features_;
  std::array<float, 256> of_byte_{};
};

std::string feature_name(const Preprocessing& p, int64_t feature) {
  return p.feature_names.empty() ? std::to_string(feature + 1) : p.feature_names[static_cast<size_t>(feature)];
}

}  // namespace

std::string_view name(Task task) { return task == Task::classification ? "classification" : "regression"; }

std::string_view name(Scale scale) { return scale == Scale::none ? "none" : scale == Scale::standard ? "standard" : "unit"; }

void fit_scaling(Preprocessing& p, Scale scale, const Tensor& raw, std::span<const int64_t> rows) {
  if (raw.rank() < 2) throw ShapeError("[fit_scaling] samples have shape (n, features...), found " + to_string(raw.shape()) + ".");
  p.scale = scale;
  p.sample_shape = shape_of_samples(raw);
  p.offset.clear();
  p.divisor.clear();
  const int64_t features = p.sample_shape.count();
  if (rows.empty() || features == 0) throw ArgumentError("[fit_scaling] there are no numbers to fit the scaling on. The training part needs at least one sample.");
  if (scale == Scale::none || (scale == Scale::unit && raw.dtype() == DType::uint8)) {
    p.offset = {0.0};
    p.divisor = {scale == Scale::none ? 1.0 : 255.0};
    return;
  }
  with_type(raw, [&](const auto* data) {
    std::vector<double> run;
    if (raw.rank() == 2) {
      for (int64_t feature = 0; feature < features; ++feature) {
        run.clear();
        for (const int64_t row : rows) run.push_back(static_cast<double>(data[row * features + feature]));
        fit(p, scale, static_cast<double>(rows.size()), [&](auto&& body) { body(run); });
      }
    } else {
      fit(p, scale, static_cast<double>(rows.size()) * static_cast<double>(features), [&](auto&& body) {
        for (const int64_t row : rows) {
          run.clear();
          for (int64_t feature = 0; feature < features; ++feature) run.push_back(static_cast<double>(data[row * features + feature]));
          body(run);
        }
      });
    }
  });
  for (size_t i = 0; i < p.offset.size(); ++i) {
    if (std::isfinite(p.offset[i]) && std::isfinite(p.divisor[i])) continue;
    throw ArgumentError("[fit_scaling] the numbers of feature " + feature_name(p, static_cast<int64_t>(i)) + " are too large to be scaled. Use scale=none or divide them.");
  }
}

Tensor scale_rows(const Preprocessing& p, const Tensor& raw, std::span<const int64_t> rows) {
  if (raw.rank() < 2 || shape_of_samples(raw) != p.sample_shape) {
    throw ShapeError("[scale_rows] samples of shape " + to_string(p.sample_shape) + " are expected, found " + to_string(raw.shape()) + " with the number of samples first.");
  }
  const int64_t features = p.sample_shape.count(), count = static_cast<int64_t>(rows.size());
  Tensor out = Tensor::empty(Shape{count, features});
  const RowScaler scale_row(p, features);
  with_type(raw, [&](const auto* data) {
    float* to = out.data<float>();
    parallel_for(count, 1 + 16384 / std::max<int64_t>(features, 1), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) scale_row(data + rows[static_cast<size_t>(i)] * features, to + i * features);
    });
  });
  if (!kernel::all_finite(out.data<float>(), out.size())) {
    const auto values = out.values<float>();
    const int64_t at = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); }) - values.begin();
    const int64_t row = rows[static_cast<size_t>(at / features)], feature = at % features;
    throw ArgumentError("[scale_rows] row " + std::to_string(row + 1) + ", feature " + feature_name(p, feature) + ": " + std::to_string(raw.at(row * features + feature)) +
                        " is not finite in float32 once it is scaled. Remove the row or scale the data differently.");
  }
  return out;
}

}  // namespace rectify::data
