// Sequential: modules one after the other, read from top to bottom; a Linear or Conv2d followed by an Activation runs as one pass.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rectify/nn/module.h"

namespace rectify::nn {

class Activation;
class WeightedLayer;

class Sequential : public Module {
 public:
  Sequential() = default;

  /// Sequential model{Linear{784, 256}, Mish{}, Linear{256, 10}};
  template <std::derived_from<Module>... Modules>
    requires(sizeof...(Modules) > 1 || (sizeof...(Modules) == 1 && !(std::same_as<Modules, Sequential> || ...)))
  explicit(sizeof...(Modules) == 1) Sequential(Modules... modules) {
    (append(std::move(modules)), ...);
  }

  /// Adds a module at the end and returns a reference to the one that is kept.
  template <std::derived_from<Module> M>
  M& append(M module) {
    auto owned = std::make_shared<M>(std::move(module));
    add(owned, [](const Module& original) -> std::shared_ptr<Module> { return std::make_shared<M>(static_cast<const M&>(original)); });
    return *owned;
  }

  Tensor forward(const Tensor& x) override;
  void visit(Visitor& visitor) override;
  std::string specification() const override;
  void unshare() override;

  size_t size() const { return entries_.size(); }
  Module& operator[](size_t index) { return *entries_[index].module; }
  const Module& operator[](size_t index) const { return *entries_[index].module; }

 private:
  using Copy = std::function<std::shared_ptr<Module>(const Module&)>;
  struct Entry {
    std::shared_ptr<Module> module;
    Copy copy;
    std::string name;
    // What the module is, if it is one of those that run together; asked once, since forward() runs in microseconds.
    WeightedLayer* layer = nullptr;
    Activation* activation = nullptr;
  };
  void add(std::shared_ptr<Module> module, Copy copy);
  static void recognise(Entry& entry);
  std::vector<Entry> entries_;
};

}  // namespace rectify::nn
