#include "rectify/nn/loss.h"

#include <array>
#include <atomic>
#include <cmath>

#include "rectify/activation/elementary.h"
#include "rectify/autograd/engine.h"
#include "rectify/base/error.h"
#include "rectify/base/specification.h"
#include "rectify/base/warning.h"
#include "rectify/kernel/reduce.h"

namespace rectify::nn {
namespace {

struct Name {
  const char* name;
  Loss loss;
};
constexpr std::array names = {Name{"cross_entropy", Loss::cross_entropy}, Name{"nll", Loss::nll}, Name{"mse", Loss::mse}, Name{"mae", Loss::mae},
                              Name{"bce_with_logits", Loss::bce_with_logits}};

/// Rows that are non-negative and sum to 1 to within rounding: what softmax gives and logits practically never are.
bool look_like_probabilities(const Tensor& x) {
  const int64_t rows = x.size(0), columns = x.size(1);
  if (columns < 2 || rows == 0) return false;
  return dispatch_floating(x.dtype(), "cross_entropy", [&](auto zero) {
    const auto* values = x.data<decltype(zero)>();
    for (int64_t i = 0; i < rows; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < columns; ++j) {
        const double value = values[i * columns + j];
        if (!(value >= 0 && value <= 1)) return false;
        sum += value;
      }
      if (std::abs(sum - 1) > 1e-4) return false;
    }
    return true;
  });
}

void warn_once(std::atomic<bool>& warned, std::string_view message) {
  if (!warned.exchange(true)) warn(message);
}

void require_same_shape(const Tensor& prediction, const Tensor& target, const char* function) {
  if (prediction.shape() != target.shape()) {
    throw ShapeError("[" + std::string(function) + "] the prediction " + to_string(prediction.shape()) + " and the target " + to_string(target.shape()) +
                     " must have one shape. Reshape one of them.");
  }
}

}  // namespace

Tensor nll(const Tensor& log_probabilities, const Tensor& target) {
  static std::atomic<bool> warned{false};
  const Tensor chosen = pick(log_probabilities, target);
  if (!warned.load(std::memory_order_relaxed)) {
    dispatch_floating(chosen.dtype(), "nll", [&](auto zero) {
      for (const auto value : chosen.values<decltype(zero)>()) {
        if (value > 0) {
          return warn_once(warned, "[nll] a log-probability is above 0: the input is not the result of log_softmax. Use cross_entropy for logits.");
        }
      }
    });
  }
  return -mean(chosen);
}

Tensor cross_entropy(const Tensor& logits, const Tensor& target) {
  static std::atomic<bool> warned{false};
  if (logits.rank() != 2) throw ShapeError("[cross_entropy] needs logits of shape (n, classes), not " + to_string(logits.shape()) + ".");
  if (!warned.load(std::memory_order_relaxed) && look_like_probabilities(logits)) {
    // With probabilities as logits the best row is one 1 and zeros: the loss is then log(e + classes - 1) - 1.
    const double least = elementary::log1p(static_cast<double>(logits.size(1) - 1) / elementary::exp(1.0));
    warn_once(warned, "[cross_entropy] the rows are non-negative and sum to 1: they look like probabilities. cross_entropy applies log_softmax itself; a softmax before it "
                      "flattens the gradients, and with " + std::to_string(logits.size(1)) + " classes the loss cannot go below " + std::to_string(least) +
                      ". Remove the softmax, or use nll on log_softmax.");
  }
  return mean_cross_entropy(logits, target);
}

Tensor mse(const Tensor& prediction, const Tensor& target) {
  require_same_shape(prediction, target, "mse");
  return mean_squared_error(prediction, target);
}

Tensor mae(const Tensor& prediction, const Tensor& target) {
  require_same_shape(prediction, target, "mae");
  return mean(abs(prediction - target));
}

Tensor bce_with_logits(const Tensor& logits, const Tensor& target) {
  require_same_shape(logits, target, "bce_with_logits");
  return mean_binary_cross_entropy(logits, target);
}

std::optional<Loss> find_loss(std::string_view name) {
  for (const Name& entry : names) {
    if (entry.name == name) return entry.loss;
  }
  return std::nullopt;
}

std::string to_string(Loss loss) {
  for (const Name& entry : names) {
    if (entry.loss == loss) return entry.name;
  }
  return "";
}

std::vector<std::string> loss_names() {
  std::vector<std::string> result;
  for (const Name& entry : names) result.emplace_back(entry.name);
  return result;
}

bool is_classification(Loss loss) { return loss == Loss::cross_entropy || loss == Loss::nll || loss == Loss::bce_with_logits; }

int64_t output_count(Loss loss, int64_t classes) {
  if (loss == Loss::bce_with_logits) {
    if (classes > 2) throw ArgumentError("[bce_with_logits] is for two classes; the data have " + std::to_string(classes) + ". Use cross_entropy.");
    return 1;
  }
  return is_classification(loss) ? classes : 1;
}

Tensor compute(Loss loss, const Tensor& output, const Tensor& target) {
  switch (loss) {
    case Loss::cross_entropy: return cross_entropy(output, target);
    case Loss::nll: return nll(output, target);
    case Loss::mse: return mse(output, target);
    case Loss::mae: return mae(output, target);
    case Loss::bce_with_logits: return bce_with_logits(output, is_floating(target.dtype()) ? target : target.to(output.dtype()).view(output.shape()));
  }
  throw ArgumentError("[compute] unknown loss.");
}

Tensor sample_losses(Loss loss, const Tensor& output, const Tensor& target) {
  const NoGrad constant;
  const auto per_sample = [](const Tensor& losses) { return mean(reshape(losses, {losses.size(0), -1}), 1); };
  switch (loss) {
    case Loss::cross_entropy: return -pick(log_softmax(output), target);
    case Loss::nll: return -pick(output, target);
    case Loss::mse: require_same_shape(output, target, "mse"); return per_sample(square(output - target));
    case Loss::mae: require_same_shape(output, target, "mae"); return per_sample(abs(output - target));
    case Loss::bce_with_logits: {
      const Tensor truth = is_floating(target.dtype()) ? target : target.to(output.dtype()).view(output.shape());
      require_same_shape(output, truth, "bce_with_logits");
      const activation::Function softplus = activation::make(activation::Id::softplus);
      return per_sample(truth * activate(softplus, -output) + (1.0 - truth) * activate(softplus, output));
    }
  }
  throw ArgumentError("[sample_losses] unknown loss.");
}

Tensor predicted_classes(const Tensor& output) {
  if (output.rank() != 2 || output.size(1) < 1) throw ShapeError("[predicted_classes] needs outputs of shape (n, classes), not " + to_string(output.shape()) + ".");
  Tensor result = Tensor::empty(Shape{output.size(0)}, DType::int64);
  dispatch_floating(output.dtype(), "predicted_classes", [&](auto zero) {
    using T = decltype(zero);
    int64_t* classes = result.data<int64_t>();
    if (output.size(1) == 1) {
      for (int64_t i = 0; i < output.size(0); ++i) classes[i] = output.data<T>()[i] > 0 ? 1 : 0;
    } else {
      kernel::argmax_rows(output.data<T>(), output.size(0), output.size(1), classes);
    }
  });
  return result;
}

}  // namespace rectify::nn
