// Batch and layer normalisation. Their first backward pass is a kernel; one that is itself recorded is the gradient of the same function in terms of others.
#include <functional>

#include "rectify/autograd/engine.h"
#include "rectify/autograd/images.h"
#include "rectify/autograd/layer_observer.h"
#include "rectify/autograd/trace.h"
#include "rectify/base/error.h"
#include "rectify/kernel/normalise.h"

namespace rectify {
namespace {

using autograd::record;
using Inputs = std::span<const Tensor>;
using Gradients = std::span<Tensor>;

/// x as a matrix with the features along its rows.
struct Matrix {
  int64_t rows, columns;
};

void refuse(const char* function, const std::string& what) { throw ShapeError(std::string("[") + function + "] " + what); }

Matrix checked(const char* function, const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon) {
  if (x.rank() < 2) refuse(function, "the input has the shape " + to_string(x.shape()) + "; it must be (batch, ..., features).");
  const int64_t columns = x.shape()[-1];
  for (const Tensor* parameter : {&weight, &bias}) {
    if (!parameter->defined()) continue;
    if (parameter->shape() != Shape{columns}) {
      refuse(function, "the input " + to_string(x.shape()) + " has " + std::to_string(columns) + " features, but weight or bias has the shape " + to_string(parameter->shape()) + ".");
    }
    if (parameter->dtype() != x.dtype()) {
      throw DTypeError(std::string("[") + function + "] the input is " + std::string(name(x.dtype())) + " and weight or bias " + std::string(name(parameter->dtype())) +
                       ". Convert one with to().");
    }
  }
  if (!(epsilon >= 0)) throw ArgumentError(std::string("[") + function + "] epsilon is " + std::to_string(epsilon) + "; it must be at least 0.");
  return {columns ? x.size() / columns : 0, columns};
}

template <class T>
const T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

/// Tensors for the gradients of x, weight and bias that are wanted.
template <class T>
kernel::NormGradients<T> wanted_gradients(Inputs in, Gradients out) {
  for (size_t i = 0; i < 3; ++i) {
    if (in[i].requires_grad()) out[i] = Tensor::empty(in[i].shape(), in[i].dtype());
  }
  const auto place = [&](size_t i) { return out[i].defined() ? out[i].data<T>() : nullptr; };
  return {place(0), place(1), place(2)};
}

/// The gradients of sum(g * function(x, weight, bias)), differentiable themselves. An undefined input stays undefined.
void composed_gradients(const Tensor& g, Inputs in, Gradients out, const std::function<Tensor(const Tensor& x, const Tensor& weight, const Tensor& bias)>& function) {
  std::vector<Tensor> defined;
  for (const Tensor& input : in) {
    if (input.defined()) defined.push_back(input);
  }
  const std::vector<Tensor> gradients = grad(
      [&](Inputs variables) {
        Tensor all[3];
        for (size_t i = 0, next = 0; i < 3; ++i) {
          if (in[i].defined()) all[i] = variables[next++];
        }
        return sum(g * function(all[0], all[1], all[2]));
      },
      defined);
  for (size_t i = 0, next = 0; i < 3; ++i) {
    if (in[i].defined()) out[i] = gradients[next++];
  }
}

Tensor scaled(Tensor normalised, const Tensor& weight, const Tensor& bias) {
  if (weight.defined()) normalised = normalised * weight;
  return bias.defined() ? normalised + bias : normalised;
}

/// Normalised along one axis of a matrix, in terms of other functions.
Tensor composed(const Tensor& x, int axis, const Tensor& weight, const Tensor& bias, double epsilon) {
  const Tensor d = x - mean(x, axis, true);
  return scaled(d / sqrt(mean(square(d), axis, true) + epsilon), weight, bias);
}

Tensor normalised_columns(const Tensor& x, const BatchStatistics& statistics, const Tensor& weight, const Tensor& bias, double epsilon, bool fixed) {
  const int64_t columns = x.shape()[-1], rows = columns ? x.size() / columns : 0;
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  dispatch_floating(x.dtype(), "batch_norm", [&](auto zero) {
    using T = decltype(zero);
    kernel::normalise_columns(x.data<T>(), rows, columns, statistics.mean.data<double>(), statistics.variance.data<double>(), epsilon, data_or_null<T>(weight), data_or_null<T>(bias),
                              result.data<T>());
  });
  result = record("batch_norm", result, {&x, &weight, &bias}, [statistics, epsilon, fixed, rows, columns](const Tensor& g, Inputs in, Gradients out) {
    if (autograd::recording()) {
      return composed_gradients(g, in, out, [&](const Tensor& input, const Tensor& w, const Tensor& b) {
        if (!fixed) return reshape(composed(reshape(input, Shape{rows, columns}), 0, w, b, epsilon), input.shape());
        const DType dtype = input.dtype();
        return scaled((input - statistics.mean.to(dtype)) / sqrt(statistics.variance + epsilon).to(dtype), w, b);
      });
    }
    dispatch_floating(g.dtype(), "batch_norm", [&](auto zero) {
      using T = decltype(zero);
      kernel::normalise_columns_backward(in[0].data<T>(), g.data<T>(), rows, columns, statistics.mean.data<double>(), statistics.variance.data<double>(), epsilon,
                                         data_or_null<T>(in[1]), fixed, wanted_gradients<T>(in, out));
    });
  });
  trace::passed_on(x, result);
  autograd::observe_passing_on(x, result);
  return result;
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon, BatchStatistics* seen) {
  const Matrix matrix = checked("batch_norm", x, weight, bias, epsilon);
  if (matrix.rows < 2) {
    throw ArgumentError("[batch_norm] the input " + to_string(x.shape()) + " has " + std::to_string(matrix.rows) +
                        (matrix.rows == 1 ? " number" : " numbers") + " per channel, and a variance needs two. Use a batch size that leaves no single sample over, or fewer shards.");
  }
  BatchStatistics statistics{Tensor::empty(Shape{matrix.columns}, DType::float64), Tensor::empty(Shape{matrix.columns}, DType::float64)};
  dispatch_floating(x.dtype(), "batch_norm", [&](auto zero) {
    using T = decltype(zero);
    kernel::column_moments(x.data<T>(), matrix.rows, matrix.columns, statistics.mean.data<double>(), statistics.variance.data<double>());
  });
  if (seen) *seen = statistics;
  return normalised_columns(x, statistics, weight, bias, epsilon, false);
}

Tensor batch_norm(const Tensor& x, const BatchStatistics& statistics, const Tensor& weight, const Tensor& bias, double epsilon) {
  const Matrix matrix = checked("batch_norm", x, weight, bias, epsilon);
  for (const Tensor* moment : {&statistics.mean, &statistics.variance}) {
    if (moment->shape() != Shape{matrix.columns}) {
      refuse("batch_norm", "the input " + to_string(x.shape()) + " has " + std::to_string(matrix.columns) + " features, but the statistics have the shape " + to_string(moment->shape()) + ".");
    }
  }
  return normalised_columns(x, {statistics.mean.to(DType::float64), statistics.variance.to(DType::float64)}, weight, bias, epsilon, true);
}

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon) {
  const Matrix matrix = checked("layer_norm", x, weight, bias, epsilon);
  Tensor result = Tensor::empty(x.shape(), x.dtype());
  const bool wanted = autograd::recording() && (x.requires_grad() || weight.requires_grad() || bias.requires_grad());
  // The mean and the inverse deviation of each row.
  Tensor kept = wanted ? Tensor::empty(Shape{2, matrix.rows}, DType::float64) : Tensor();
  double* const mean = wanted ? kept.data<double>() : nullptr;
  dispatch_floating(x.dtype(), "layer_norm", [&](auto zero) {
    using T = decltype(zero);
    kernel::normalise_rows(x.data<T>(), matrix.rows, matrix.columns, epsilon, data_or_null<T>(weight), data_or_null<T>(bias), result.data<T>(), mean,
                           mean ? mean + matrix.rows : nullptr);
  });
  result = record("layer_norm", result, {&x, &weight, &bias}, [kept, matrix, epsilon](const Tensor& g, Inputs in, Gradients out) {
    if (autograd::recording()) {
      return composed_gradients(g, in, out, [&](const Tensor& input, const Tensor& w, const Tensor& b) { return composed(input, -1, w, b, epsilon); });
    }
    dispatch_floating(g.dtype(), "layer_norm", [&](auto zero) {
      using T = decltype(zero);
      const double* const moments = kept.data<double>();
      kernel::normalise_rows_backward(in[0].data<T>(), g.data<T>(), matrix.rows, matrix.columns, moments, moments + matrix.rows, data_or_null<T>(in[1]), wanted_gradients<T>(in, out));
    });
  });
  trace::passed_on(x, result);
  autograd::observe_passing_on(x, result);
  return result;
}

}  // namespace rectify
