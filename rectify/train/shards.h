// A batch's gradient as a sum of shards: how several machines, or one, add up the same batch to the same bits.
//
// A batch of n samples is cut into S shards, contiguous and of nearly equal size: shard s has the samples floor(n s / S) to floor(n (s + 1) / S). Each is a batch of its own: its loss is
// the mean over its samples, times its share (samples of the shard / n, rounded to the model's type), and its gradients are those of that product. What the shards give is added in a fixed
// tree: neighbours in pairs, (0 + 1), (2 + 3), ...; then the sums of neighbours in pairs; and so on until one is left. A last one without a neighbour goes up as it is, and so does the
// neighbour of one without samples: with fewer samples than shards some are empty, and they add nothing, not zeros. S alone decides the bits; S = 1 is the batch as it is.
//
// All shards begin with the model's buffers as they were before the step. Afterwards a buffer of float32 or float64 has changed by the sum of its changes in the shards, each times its
// share, in the same tree (a running mean moves as far in one step whatever S is); any other buffer (Dropout's number of calls) is as the first shard with samples left it.
// Dropout draws for each sample what it draws without shards. Batch normalisation takes the statistics of each shard by itself, as training on several machines does everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/nn/loss.h"
#include "rectify/nn/module.h"

namespace rectify::train {

/// The most shards that a batch is cut into.
constexpr int64_t most_shards = int64_t{1} << 20;

/// Throws ArgumentError naming `function` unless 1 <= shards <= most_shards.
void check_shards(const char* function, int64_t shards);

/// From `begin` to before `end`: shards of a batch, or rows of it.
struct Range {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
  bool operator==(const Range&) const = default;
};

/// The rows of a batch of `samples` that shard `shard` of `shards` has; none if there are fewer samples than shards and this one goes without.
Range shard_rows(int64_t samples, int64_t shard, int64_t shards);

/// What some neighbouring shards add to the batch's mean.
struct ShardSum {
  Range shards;
  Tensor value;                   ///< of the loss; undefined if none of the shards has samples, and then the lists are empty
  std::vector<Tensor> gradients;  ///< by the model's parameters in their order, undefined for those that are frozen
  std::vector<Tensor> buffers;    ///< in the order of visiting: the change of those of float32 and float64, the values of others
};

/// The tree over all shards of a batch while it is filled from left to right. It adds what can be added and keeps at most log2(shards) + 1 sums, however many shards there are.
///
/// A machine that owns the shards [a, b) adds them to a tree of its own and sends sums() to whoever adds the sums of all machines, in order, to another tree: the same additions, so the same
/// bits. It is one sum if b - a is a power of two and a is a multiple of it, and never more than 2 log2(shards).
class ShardTree {
 public:
  explicit ShardTree(int64_t shards);

  /// `next` begins where the last one ended; the first may begin anywhere. Throws ArgumentError if it does not, or is no sum in the tree.
  void add(ShardSum next);
  /// What has been added so far, as few sums as the tree allows.
  std::span<const ShardSum> sums() const { return sums_; }
  /// The sum of all shards. Throws ArgumentError if some are missing.
  const ShardSum& total() const;

 private:
  bool is_sum(const Range& range) const;
  bool are_siblings(const Range& left, const Range& right) const;
  int64_t shards_;
  std::vector<ShardSum> sums_;
};

/// Adds the shards `mine` of the batch to the tree, one after the other, so that the activations of one at a time are in memory. The model's buffers are left as they were. Observers are
/// told of no step (autograd/layer_observer.h): whoever has the sum calls autograd::observe_step().
/// Returns the model's outputs for these shards, without history, of those that have samples. Throws what the model and the loss throw, ShapeError if inputs and targets are not equally many.
std::vector<Tensor> add_shards(ShardTree& tree, nn::Module& model, nn::Loss loss, const Tensor& input, const Tensor& target, const Range& mine, int64_t shards);

/// Brings the model's buffers from before a step to after it.
void apply_buffers(nn::Module& model, std::span<const Tensor> buffers);

/// The mean loss of a batch and its gradient by the model's parameters, as a sum of shards.
struct ShardedGradients {
  Tensor value;
  std::vector<Tensor> gradients;
  std::vector<Tensor> outputs;  ///< of the model, without history: one per shard that has samples, in order
};

/// The whole of it on one machine. With one shard the same bits as value_and_grad of the loss, at no cost. Throws ArgumentError unless 1 <= shards <= most_shards, and as add_shards does.
ShardedGradients sharded_value_and_grad(nn::Module& model, nn::Loss loss, const Tensor& input, const Tensor& target, int64_t shards);

}  // namespace rectify::train
