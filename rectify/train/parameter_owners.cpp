#include "rectify/train/parameter_owners.h"

#include <algorithm>

namespace rectify::train {
namespace {

class Collector final : public nn::Visitor {
 public:
  Collector(std::vector<ParameterOwner>& owners, nn::Module& module, std::string path) : owners_(owners), module_pointer_(&module), path_(std::move(path)) {}

 protected:
  void parameter_(const char*, Tensor& parameter) override {
    if (parameter.defined()) owners_.push_back({parameter.id(), path_, module_pointer_});
  }
  void buffer_(const char*, Tensor&) override {}
  void module_(const char* name, nn::Module& module) override {
    Collector inner(owners_, module, path_.empty() ? name : path_ + "." + name);
    module.visit(inner);
  }

 private:
  std::vector<ParameterOwner>& owners_;
  const nn::Module* module_pointer_;
  std::string path_;
};

}  // namespace

std::string ParameterOwner::description() const {
  if (path.empty()) return "the model";
  const std::string specification = module->specification();
  return "layer " + path + (specification.empty() ? "" : ", " + specification);
}

std::vector<ParameterOwner> parameter_owners(nn::Module& model) {
  std::vector<ParameterOwner> owners;
  Collector collector(owners, model, "");
  model.visit(collector);
  return owners;
}

const ParameterOwner* find_owner(const std::vector<ParameterOwner>& owners, const void* id) {
  const auto found = std::find_if(owners.begin(), owners.end(), [&](const ParameterOwner& owner) { return owner.id == id; });
  return found == owners.end() ? nullptr : &*found;
}

}  // namespace rectify::train
