#include "rectify/train/model_state.h"

namespace rectify::train {
namespace {

class ModeCollector final : public nn::Visitor {
 public:
  explicit ModeCollector(std::vector<std::pair<nn::Module*, bool>>& modes) : modes_(modes) {}
  void add(nn::Module& module) {
    modes_.emplace_back(&module, module.training());
    module.visit(*this);
  }

 protected:
  void parameter_(const char*, Tensor&) override {}
  void buffer_(const char*, Tensor&) override {}
  void module_(const char*, nn::Module& module) override { add(module); }

 private:
  std::vector<std::pair<nn::Module*, bool>>& modes_;
};

class BufferCollector final : public nn::Visitor {
 public:
  explicit BufferCollector(std::vector<Tensor>& buffers) : buffers_(buffers) {}

 protected:
  void parameter_(const char*, Tensor&) override {}
  void buffer_(const char*, Tensor& buffer) override {
    if (buffer.defined()) buffers_.push_back(buffer);
  }
  void module_(const char*, nn::Module& module) override { module.visit(*this); }

 private:
  std::vector<Tensor>& buffers_;
};

}  // namespace

EvaluationMode::EvaluationMode(nn::Module& model) {
  ModeCollector(before_).add(model);
  model.evaluate();
}

EvaluationMode::~EvaluationMode() {
  for (const auto& [module, training] : before_) module->train(training);
}

SavedBuffers::SavedBuffers(nn::Module& model) {
  BufferCollector collector(live_);
  model.visit(collector);
  for (const Tensor& buffer : live_) saved_.push_back(buffer.clone());
}

void SavedBuffers::save() {
  for (size_t i = 0; i < live_.size(); ++i) saved_[i].copy_from(live_[i]);
}

void SavedBuffers::restore() {
  for (size_t i = 0; i < live_.size(); ++i) live_[i].copy_from(saved_[i]);
}

}  // namespace rectify::train
