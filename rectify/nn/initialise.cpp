#include "rectify/nn/initialise.h"

#include <array>
#include <cmath>

#include "rectify/activation/elementary.h"
#include "rectify/activation/quadrature.h"
#include "rectify/autograd/trace.h"
#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/kernel/reduce.h"
#include "rectify/nn/activations.h"
#include "rectify/nn/layers.h"
#include "rectify/nn/normalisations.h"
#include "rectify/nn/units.h"

namespace rectify::nn {
namespace {

struct Name {
  const char* name;
  Init scheme;
};

/// Names as they are written; the first one of a scheme is the one it is printed as.
constexpr std::array names = {
    Name{"calibrated", Init::calibrated},       Name{"xavier_uniform", Init::xavier_uniform}, Name{"xavier_normal", Init::xavier_normal},
    Name{"glorot_uniform", Init::xavier_uniform}, Name{"glorot_normal", Init::xavier_normal}, Name{"xavier", Init::xavier_uniform},
    Name{"glorot", Init::xavier_uniform},       Name{"he_uniform", Init::he_uniform},         Name{"he_normal", Init::he_normal},
    Name{"he", Init::he_normal},                Name{"kaiming_uniform", Init::he_uniform},    Name{"kaiming_normal", Init::he_normal},
    Name{"lecun_uniform", Init::lecun_uniform}, Name{"lecun_normal", Init::lecun_normal},     Name{"lecun", Init::lecun_normal},
    Name{"orthogonal", Init::orthogonal},       Name{"constant", Init::constant},             Name{"zeros", Init::constant},
    Name{"normal", Init::normal},               Name{"uniform", Init::uniform},
};

bool takes_value(Init scheme) { return scheme == Init::constant || scheme == Init::normal || scheme == Init::uniform || scheme == Init::orthogonal; }

/// Sets element i to draw(i), in parallel: each is a function of its index.
template <class Draw>
void fill_each(Tensor& tensor, Draw&& draw) {
  dispatch_floating(tensor.dtype(), "initialise", [&](auto zero) {
    using T = decltype(zero);
    T* to = tensor.data<T>();
    parallel_for(tensor.size(), 1024, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) to[i] = static_cast<T>(draw(static_cast<uint64_t>(i)));
    });
  });
}

/// Orthonormal rows (or columns, if there are more rows than columns) from a normal matrix, by Gram and Schmidt's method run twice for accuracy.
void fill_orthogonal(Tensor& tensor, double scale, const RandomKey& key) {
  const int64_t rows = tensor.size(0), columns = rows ? tensor.size() / rows : 0;
  const int64_t vectors = std::min(rows, columns), length = std::max(rows, columns);
  std::vector<double> q(static_cast<size_t>(vectors * length));
  for (size_t i = 0; i < q.size(); ++i) q[i] = elementary::random_normal(key, i);
  for (int64_t v = 0; v < vectors; ++v) {
    double* own = &q[static_cast<size_t>(v * length)];
    for (int64_t u = 0; u < 2 * v; ++u) {
      const double* other = &q[static_cast<size_t>((u % v) * length)];
      const double share = kernel::dot(own, other, length);
      for (int64_t i = 0; i < length; ++i) own[i] -= share * other[i];
    }
    const double norm = std::sqrt(kernel::dot(own, own, length));
    for (int64_t i = 0; i < length; ++i) own[i] /= norm;
  }
  fill_each(tensor, [&](uint64_t i) {
    const auto row = static_cast<int64_t>(i) / columns, column = static_cast<int64_t>(i) % columns;
    return scale * q[static_cast<size_t>(rows <= columns ? row * length + column : column * length + row)];
  });
}

/// The modules of a model that hold something to initialise, in the order of visiting, those without inner modules only.
class Leaves : public Visitor {
 public:
  std::vector<Module*> modules;

 protected:
  void parameter_(const char*, Tensor&) override {}
  void buffer_(const char*, Tensor&) override {}
  void module_(const char*, Module& module) override {
    modules.push_back(&module);
    module.visit(*this);
  }
};

/// Evaluation mode while it lives: dropout lets everything pass, and batch normalisation takes a sample of one and learns nothing from it.
class Evaluation {
 public:
  explicit Evaluation(Module& model) {
    leaves_.modules.push_back(&model);
    model.visit(leaves_);
    for (const Module* module : leaves_.modules) before_.push_back(module->training());
    model.evaluate();
  }
  ~Evaluation() {
    // Outer modules come before inner ones, whose mode goes with theirs.
    for (size_t i = 0; i < before_.size(); ++i) leaves_.modules[i]->train(before_[i]);
  }
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

 private:
  Leaves leaves_;
  std::vector<bool> before_;
};

double gain_of(const activation::Function& f) {
  const double gain = activation::gain(f);
  return std::isfinite(gain) ? gain : 1.0;
}

/// The gain of the first activation after place `i` and before the next layer with weights; 1 if there is none.
double gain_after(const std::vector<Module*>& modules, size_t i) {
  for (size_t next = i + 1; next < modules.size(); ++next) {
    if (dynamic_cast<WeightedLayer*>(modules[next])) break;
    if (const auto* activation = dynamic_cast<Activation*>(modules[next])) return gain_of(activation->function());
    if (const auto* unit = dynamic_cast<Unit*>(modules[next])) return unit->gain();
  }
  return 1.0;
}

void initialise_with(Module& model, const InitialiseOptions& options, const std::function<double(const std::vector<Module*>&, size_t)>& gain) {
  Leaves leaves;
  leaves.modules.push_back(&model);
  model.visit(leaves);
  uint64_t ordinal = 0;
  for (size_t i = 0; i < leaves.modules.size(); ++i) {
    if (auto* layer = dynamic_cast<WeightedLayer*>(leaves.modules[i])) {
      const Initialiser weight = layer->options.init.value_or(Initialiser{options.scheme, 0});
      fill(layer->weight, weight, options.seed, ordinal++, weight.scheme == Init::calibrated ? gain(leaves.modules, i) : 1.0);
      if (layer->bias.defined()) fill(layer->bias, layer->options.bias_init.value_or(Initialiser{Init::constant, 0}), options.seed, ordinal++);
    } else if (auto* dropout = dynamic_cast<Dropout*>(leaves.modules[i])) {
      dropout->restart(options.seed, ordinal++);
    } else if (auto* activation = dynamic_cast<Activation*>(leaves.modules[i])) {
      activation->reset();
    } else if (auto* unit = dynamic_cast<Unit*>(leaves.modules[i])) {
      unit->reset();
    } else if (auto* normalisation = dynamic_cast<Normalisation*>(leaves.modules[i])) {
      normalisation->reset();
    }
  }
}

}  // namespace

Initialiser initialiser_from(const Specification& specification) {
  std::vector<std::string> known;
  for (const Name& entry : names) {
    known.push_back(entry.name);
    if (specification.name != entry.name) continue;
    ArgumentReader arguments(specification);
    Initialiser result{entry.scheme, 0};
    if (specification.name == "zeros") {
      result.value = 0;
    } else if (entry.scheme == Init::orthogonal) {
      result.value = arguments.number("gain", 1.0);
    } else if (takes_value(entry.scheme)) {
      result.value = arguments.number(entry.scheme == Init::constant ? "value" : entry.scheme == Init::normal ? "std" : "bound");
    }
    arguments.finish();
    if (entry.scheme != Init::constant && result.value < 0) {
      throw ArgumentError("[initialise] the number in " + to_string(specification) + " must not be negative.");
    }
    return result;
  }
  throw ArgumentError("[initialise] there is no initialisation '" + specification.name + "'." + did_you_mean(specification.name, known));
}

std::string to_string(const Initialiser& initialiser) {
  for (const Name& entry : names) {
    if (entry.scheme != initialiser.scheme) continue;
    return takes_value(entry.scheme) ? std::string(entry.name) + "(" + number(initialiser.value).text + ")" : entry.name;
  }
  return "";
}

void fill(Tensor& tensor, const Initialiser& initialiser, uint64_t seed, uint64_t ordinal, double gain) {
  const RandomKey key{.seed = seed, .purpose = Purpose::initialisation, .ordinal = ordinal};
  const auto fan_out = static_cast<double>(tensor.rank() ? tensor.size(0) : 1);
  const double fan_in = tensor.rank() > 1 ? static_cast<double>(tensor.size()) / fan_out : 1.0;
  const auto normal = [&](double deviation) {
    fill_each(tensor, [&](uint64_t i) { return deviation * elementary::random_normal(key, i); });
  };
  const auto uniform = [&](double bound) {
    fill_each(tensor, [&](uint64_t i) { return bound * (2.0 * random_uniform(key, i) - 1.0); });
  };
  switch (initialiser.scheme) {
    case Init::calibrated: return normal(gain / std::sqrt(fan_in));
    case Init::xavier_uniform: return uniform(std::sqrt(6.0 / (fan_in + fan_out)));
    case Init::xavier_normal: return normal(std::sqrt(2.0 / (fan_in + fan_out)));
    case Init::he_uniform: return uniform(std::sqrt(6.0 / fan_in));
    case Init::he_normal: return normal(std::sqrt(2.0 / fan_in));
    case Init::lecun_uniform: return uniform(std::sqrt(3.0 / fan_in));
    case Init::lecun_normal: return normal(1.0 / std::sqrt(fan_in));
    case Init::orthogonal: return fill_orthogonal(tensor, initialiser.value, key);
    case Init::constant: return fill_each(tensor, [&](uint64_t) { return initialiser.value; });
    case Init::normal: return normal(initialiser.value);
    case Init::uniform: return uniform(initialiser.value);
  }
}

void initialise(Module& model, const InitialiseOptions& options) { initialise_with(model, options, gain_after); }

void initialise(Module& model, const InitialiseOptions& options, const Tensor& sample) {
  std::vector<trace::Layer> layers;
  {
    const NoGrad constant;
    const Evaluation mode(model);
    const trace::Trace trace;
    model(sample);
    layers = trace.layers();
  }
  initialise_with(model, options, [&](const std::vector<Module*>& modules, size_t i) {
    const void* weight = dynamic_cast<WeightedLayer&>(*modules[i]).weight.id();
    for (const trace::Layer& layer : layers) {
      if (layer.weight == weight) return layer.activation ? gain_of(*layer.activation) : layer.unit_gain.value_or(1.0);
    }
    return 1.0;
  });
}

}  // namespace rectify::nn
