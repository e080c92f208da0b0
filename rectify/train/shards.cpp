#include "rectify/train/shards.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "rectify/autograd/layer_observer.h"
#include "rectify/base/error.h"
#include "rectify/nn/batch_part.h"
#include "rectify/train/model_state.h"

namespace rectify::train {
namespace {

std::string shown(const Range& range) { return "[" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ")"; }

/// Types that can be averaged: those that operations compute with.
bool is_averaged(const Tensor& buffer) { return buffer.dtype() == DType::float32 || buffer.dtype() == DType::float64; }

int64_t batch_size(const Tensor& input, const Tensor& target) {
  if (input.rank() < 1 || target.rank() < 1) throw ShapeError("[sharded_value_and_grad] inputs and targets need a batch axis.");
  if (input.size(0) != target.size(0)) {
    throw ShapeError("[sharded_value_and_grad] " + std::to_string(input.size(0)) + " inputs for " + std::to_string(target.size(0)) + " targets. Give one target for each sample.");
  }
  return input.size(0);
}

/// The loss's mean over this batch times `share`, its gradients, and the model's output.
ValueAndGradients differentiate(nn::Module& model, nn::Loss loss, const Tensor& input, const Tensor& target, double share, Tensor& output) {
  return value_and_grad(model, [&] {
    const Tensor recorded = model(input);
    output = recorded.detach();
    const Tensor value = nn::compute(loss, recorded, target);
    return share == 1 ? value : value * share;
  });
}

/// What a pass did to the buffers since they were saved, as ShardSum holds it.
std::vector<Tensor> buffer_changes(const SavedBuffers& buffers, double share) {
  const NoGrad constant;
  std::vector<Tensor> changes;
  for (size_t i = 0; i < buffers.live().size(); ++i) {
    const Tensor& now = buffers.live()[i];
    changes.push_back(is_averaged(now) ? (now - buffers.saved()[i]) * share : now.clone());
  }
  return changes;
}

/// The sum of two neighbours; the result is a new tensor because a gradient's storage may be another's too.
Tensor add_pair(const Tensor& left, const Tensor& right) { return !left.defined() ? right : !right.defined() ? left : left + right; }

ShardSum add_pair(ShardSum left, ShardSum right) {
  const Range both{left.shards.begin, right.shards.end};
  if (!right.value.defined() || !left.value.defined()) {
    ShardSum& only = right.value.defined() ? right : left;
    only.shards = both;
    return std::move(only);
  }
  left.shards = both;
  left.value = add_pair(left.value, right.value);
  // The storage of each pair of tensors is free for the next.
  for (size_t i = 0; i < left.gradients.size(); ++i) left.gradients[i] = add_pair(left.gradients[i], std::exchange(right.gradients[i], Tensor()));
  for (size_t i = 0; i < left.buffers.size(); ++i) {
    if (is_averaged(left.buffers[i])) left.buffers[i] = add_pair(left.buffers[i], right.buffers[i]);
  }
  return left;
}

}  // namespace

void check_shards(const char* function, int64_t shards) {
  if (shards >= 1 && shards <= most_shards) return;
  throw ArgumentError(std::string("[") + function + "] the number of shards is " + std::to_string(shards) + "; it must be from 1 to " + std::to_string(most_shards) + ".");
}

Range shard_rows(int64_t samples, int64_t shard, int64_t shards) {
  // floor(samples shard / shards) without the product, which may not fit.
  const int64_t quotient = samples / shards, remainder = samples % shards;
  const auto border = [&](int64_t s) { return quotient * s + remainder * s / shards; };
  return {border(shard), border(shard + 1)};
}

ShardTree::ShardTree(int64_t shards) : shards_(shards) { check_shards("ShardTree", shards); }

bool ShardTree::is_sum(const Range& range) const {
  if (range.begin < 0 || range.size() < 1 || range.end > shards_) return false;
  const int64_t width = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(range.size())));
  return range.begin % width == 0 && (range.size() == width || range.end == shards_);
}

bool ShardTree::are_siblings(const Range& left, const Range& right) const {
  // A left child has its full width, a power of two, and begins at a multiple of twice that; a right child may be cut off by the last shard.
  const int64_t width = left.size();
  return (width & (width - 1)) == 0 && left.begin % (2 * width) == 0 && right.end == std::min(left.end + width, shards_);
}

void ShardTree::add(ShardSum next) {
  if (!is_sum(next.shards)) {
    throw ArgumentError("[ShardTree] the shards " + shown(next.shards) + " of " + std::to_string(shards_) + " are not added up in the tree. Add what sums() of another tree gave.");
  }
  if (!sums_.empty() && next.shards.begin != sums_.back().shards.end) {
    throw ArgumentError("[ShardTree] the shards " + shown(next.shards) + " do not begin at " + std::to_string(sums_.back().shards.end) + ", where the last ones end. Add the sums in order.");
  }
  while (!sums_.empty() && are_siblings(sums_.back().shards, next.shards)) {
    next = add_pair(std::move(sums_.back()), std::move(next));
    sums_.pop_back();
  }
  sums_.push_back(std::move(next));
}

const ShardSum& ShardTree::total() const {
  if (sums_.size() != 1 || sums_[0].shards != Range{0, shards_}) throw ArgumentError("[ShardTree] some of the " + std::to_string(shards_) + " shards are missing. Add them all.");
  return sums_[0];
}

std::vector<Tensor> add_shards(ShardTree& tree, nn::Module& model, nn::Loss loss, const Tensor& input, const Tensor& target, const Range& mine, int64_t shards) {
  check_shards("add_shards", shards);
  const int64_t samples = batch_size(input, target);
  const autograd::PartsOfStep parts;
  SavedBuffers buffers(model);
  std::vector<Tensor> outputs;
  for (int64_t shard = mine.begin; shard < mine.end; ++shard) {
    ShardSum sum{.shards = {shard, shard + 1}, .value = {}, .gradients = {}, .buffers = {}};
    if (const Range rows = shard_rows(samples, shard, shards); rows.size() > 0) {
      const double share = static_cast<double>(rows.size()) / static_cast<double>(samples);
      const nn::BatchPart part(rows.begin, rows.size());
      ValueAndGradients result = differentiate(model, loss, input.rows(rows.begin, rows.end), target.rows(rows.begin, rows.end), share, outputs.emplace_back());
      sum.value = std::move(result.value);
      sum.gradients = std::move(result.gradients);
      sum.buffers = buffer_changes(buffers, share);
      buffers.restore();
    }
    tree.add(std::move(sum));
  }
  return outputs;
}

void apply_buffers(nn::Module& model, std::span<const Tensor> buffers) {
  const SavedBuffers before(model);
  if (buffers.size() != before.live().size()) {
    throw ArgumentError("[apply_buffers] " + std::to_string(buffers.size()) + " buffers for a model with " + std::to_string(before.live().size()) + ". Are they another model's?");
  }
  const NoGrad constant;
  for (size_t i = 0; i < buffers.size(); ++i) {
    Tensor live = before.live()[i];
    live.copy_from(is_averaged(live) ? before.saved()[i] + buffers[i] : buffers[i]);
  }
}

ShardedGradients sharded_value_and_grad(nn::Module& model, nn::Loss loss, const Tensor& input, const Tensor& target, int64_t shards) {
  check_shards("sharded_value_and_grad", shards);
  ShardedGradients result;
  // A batch without samples has the mean that the loss gives it.
  if (shards == 1 || batch_size(input, target) == 0) {
    auto [value, gradients] = differentiate(model, loss, input, target, 1, result.outputs.emplace_back());
    result.value = std::move(value);
    result.gradients = std::move(gradients);
    return result;
  }
  ShardTree tree(shards);
  result.outputs = add_shards(tree, model, loss, input, target, {0, shards}, shards);
  const ShardSum& total = tree.total();
  apply_buffers(model, total.buffers);
  result.value = total.value;
  result.gradients = total.gradients;
  if (autograd::steps_observed()) autograd::observe_step(result.value, model.parameters(), result.gradients);
  return result;
}

}  // namespace rectify::train
