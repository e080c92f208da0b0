#include "rectify/observe/weight_sample.h"

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

WeightSample::WeightSample(const Tensor& weight) : weight_(weight.detach()) {
  const int64_t units = weight.size(0);
  rows_ = Tensor::empty(Shape{std::min(units, most_units), weight.size() / units}, weight.dtype());
  scratch_ = Tensor::empty(rows_.shape(), rows_.dtype());
}

void WeightSample::gather(const Tensor& from, Tensor& into) const {
  const int64_t units = from.size(0), sampled = into.size(0);
  const size_t bytes = static_cast<size_t>(into.size(1)) * size_of(into.dtype());
  const char* const source = static_cast<const char*>(from.raw());
  char* const target = static_cast<char*>(into.raw());
  for (int64_t i = 0; i < sampled; ++i) std::memcpy(target + static_cast<size_t>(i) * bytes, source + static_cast<size_t>(i * units / sampled) * bytes, bytes);
}

void WeightSample::add_pass(const Tensor& input, const Tensor& output_gradient) {
  if (weight_.rank() != 2 || output_gradient.size() == 0) return;
  add_columns(input, input_sum_);
  add_columns(output_gradient, gradient_sum_);
  passed_ += output_gradient.size() / output_gradient.size(-1);
}

void WeightSample::measure(const Tensor& gradient) {
  gather(weight_, rows_);
  weight_squares_.add(rows_);
  spread_squares_.add(scatter(rows_, scratch_), rows_.size());
  if (gradient.defined()) {
    gather(gradient, scratch_);
    const double squares = sum_of_squares(scratch_);
    gradient_squares_.add(squares, scratch_.size());
    sign_agreement_.add(agreement_of_signs(scratch_));
    if (passed_ > 0 && squares > 0) {
      // Of the same units as the gradient.
      Tensor sums = Tensor::empty(Shape{rows_.size(0), 1}, gradient.dtype());
      gather(gradient_sum_, sums);
      const double n = static_cast<double>(passed_);
      mean_share_.add(sum_of_squares(sums) / n * (sum_of_squares(input_sum_) / n) / squares);
    }
  }
  input_sum_ = gradient_sum_ = Tensor();
  passed_ = 0;
  moved_since_ = true;
}

void WeightSample::measure_update() {
  if (!moved_since_) return;
  moved_since_ = false;
  gather(weight_, scratch_);
  dispatch_floating(rows_.dtype(), "Watch", [&]<class T>(T) { kernel::binary(kernel::Binary::subtract, scratch_.data<T>(), 1, rows_.data<T>(), 1, scratch_.data<T>(), rows_.size()); });
  update_squares_.add(scratch_);
}

void WeightSample::clear() {
  weight_squares_ = {}, gradient_squares_ = {}, update_squares_ = {}, spread_squares_ = {};
  sign_agreement_ = mean_share_ = {};
}

double WeightSample::unit_spread() const {
  const double spread = spread_squares_.value();
  // Weights that are all 0 are all the same.
  return spread == 0 ? 0 : spread / weight();
}

}  // namespace rectify::observe
