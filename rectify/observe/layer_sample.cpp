#include "rectify/observe/layer_sample.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "rectify/kernel/arithmetic.h"
#include "rectify/kernel/gemm.h"
#include "rectify/kernel/reduce.h"
#include "rectify/observe/watch_log.h"

namespace rectify::observe {
namespace {

double sum_of_squares(const Tensor& tensor) {
  return dispatch_floating(tensor.dtype(), "Watch", [&]<class T>(T) { return kernel::dot(tensor.data<T>(), tensor.data<T>(), tensor.size()); });
}

/// Mean over the rows of |positive - negative| / columns.
double agreement_of_signs(const Tensor& rows) {
  const int64_t units = rows.size(0), columns = rows.size(1);
  return dispatch_floating(rows.dtype(), "Watch", [&]<class T>(T) {
    int64_t sum = 0;
    for (int64_t i = 0; i < units; ++i) sum += std::abs(kernel::sign_balance(rows.data<T>() + i * columns, columns));
    return static_cast<double>(sum) / static_cast<double>(units * columns);
  });
}

/// The sum of the squared distances of the rows from their mean; `scratch` is written over. Distances are taken from the first row before they are squared, so that equal rows give 0.
double scatter(const Tensor& rows, Tensor& scratch) {
  const int64_t units = rows.size(0), columns = rows.size(1);
  return dispatch_floating(rows.dtype(), "Watch", [&]<class T>(T) {
    const T* const row = rows.data<T>();
    T* const apart = scratch.data<T>();
    for (int64_t i = 0; i < units; ++i) {
      for (int64_t j = 0; j < columns; ++j) apart[i * columns + j] = row[i * columns + j] - row[j];
    }
    const double about_first = kernel::dot(apart, apart, units * columns);
    Tensor sum = Tensor::empty(Shape{columns}, rows.dtype());
    kernel::sum_axis(apart, 1, units, columns, sum.data<T>());
    return std::max(0.0, about_first - sum_of_squares(sum) / static_cast<double>(units));
  });
}

/// Adds the sum over all axes but the last to `sum`, which begins undefined.
void add_columns(const Tensor& values, Tensor& sum) {
  const int64_t columns = values.size(-1), rows = values.size() / columns;
  Tensor of_pass = Tensor::empty(Shape{columns}, values.dtype());
  dispatch_floating(values.dtype(), "Watch", [&]<class T>(T) {
    kernel::sum_rows_chain(values.data<T>(), rows, columns, of_pass.data<T>());
    if (sum.defined()) kernel::binary(kernel::Binary::add, sum.data<T>(), 1, of_pass.data<T>(), 1, of_pass.data<T>(), columns);
  });
  sum = of_pass;
}

}  // namespace

void RootMeanSquare::add(const Tensor& values) { add(sum_of_squares(values), values.size()); }
double RootMeanSquare::value() const { return count_ == 0 ? unmeasured : std::sqrt(sum_of_squares_ / static_cast<double>(count_)); }
double Mean::value() const { return count_ == 0 ? unmeasured : sum_ / static_cast<double>(count_); }

LayerSample::LayerSample(const Tensor& weight) : weight_(weight.detach()) {
  const int64_t units = weight.size(0);
  rows_ = Tensor::empty(Shape{std::min(units, most_units), weight.size() / units}, weight.dtype());
  scratch_ = Tensor::empty(rows_.shape(), rows_.dtype());
}

void LayerSample::gather(const Tensor& from, Tensor& into) const {
  const int64_t units = from.size(0), sampled = into.size(0);
  const size_t bytes = static_cast<size_t>(into.size(1)) * size_of(into.dtype());
  const char* const source = static_cast<const char*>(from.raw());
  char* const target = static_cast<char*>(into.raw());
  for (int64_t i = 0; i < sampled; ++i) std::memcpy(target + static_cast<size_t>(i) * bytes, source + static_cast<size_t>(i * units / sampled) * bytes, bytes);
}

void LayerSample::add_pass(const Tensor& input, const Tensor& gradient) {
  pre_activation_gradient_.add(gradient);
  if (input.size() == 0) return;
  const double squares = sum_of_squares(input);
  input_.add(squares, input.size());
  step_.input_squares += squares;
  step_.input_rows += input.size() / input.size(-1);
  add_columns(input, step_.input_sum);
  add_columns(gradient, step_.gradient_sum);
}

void LayerSample::end_step(const Tensor& gradient) {
  gather(weight_, rows_);
  weight_squares_.add(rows_);
  spread_squares_.add(scatter(rows_, scratch_), rows_.size());
  double squares = 0;
  if (gradient.defined()) {
    gather(gradient, scratch_);
    squares = sum_of_squares(scratch_);
    weight_gradient_.add(squares, scratch_.size());
    sign_agreement_.add(agreement_of_signs(scratch_));
  }
  measure_means(squares);
  moved_since_ = true;
}

void LayerSample::measure_means(double weight_gradient_squares) {
  if (step_.input_squares > 0 && std::isfinite(step_.input_squares)) {
    const double n = static_cast<double>(step_.input_rows), centre = sum_of_squares(step_.input_sum) / n;
    input_uncentred_.add(std::min(1.0, centre / step_.input_squares));
    if (weight_.rank() == 2 && weight_gradient_squares > 0) {
      // Of the same units as the gradient of the weights.
      Tensor of_units = Tensor::empty(Shape{rows_.size(0), 1}, weight_.dtype());
      gather(step_.gradient_sum, of_units);
      mean_share_.add(sum_of_squares(of_units) / n * centre / weight_gradient_squares);
    }
  }
  step_ = {};
}

void LayerSample::end_next_step() {
  if (!moved_since_) return;
  moved_since_ = false;
  gather(weight_, scratch_);
  dispatch_floating(rows_.dtype(), "Watch", [&]<class T>(T) { kernel::binary(kernel::Binary::subtract, scratch_.data<T>(), 1, rows_.data<T>(), 1, scratch_.data<T>(), rows_.size()); });
  update_.add(scratch_);
}

void LayerSample::clear() {
  input_ = output_gradient_ = pre_activation_gradient_ = weight_squares_ = weight_gradient_ = update_ = spread_squares_ = {};
  input_uncentred_ = sign_agreement_ = mean_share_ = {};
}

double LayerSample::unit_spread() const {
  const double spread = spread_squares_.value();
  // Weights that are all 0 are all the same.
  return spread == 0 ? 0 : spread / weight();
}

}  // namespace rectify::observe
