// Batches of a part of the data, shuffled anew each epoch.
#pragma once

#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/data/dataset.h"

namespace rectify::data {

/// The permutation of 0 ... n-1 that belongs to `key`: Fisher and Yates's shuffle from the last element down.
void shuffle(std::vector<int64_t>& rows, const RandomKey& key);

/// Some samples: input (b, features), target (b) or (b, 1), and where they stand in the part.
struct Batch {
  Tensor input;
  Tensor target;  ///< undefined if the part's is
  std::span<const int64_t> rows;

  int64_t size() const { return static_cast<int64_t>(rows.size()); }
};

struct LoaderOptions {
  int64_t batch = 32;      ///< samples per batch
  uint64_t seed = 0;       ///< of the shuffling
  bool shuffle = true;     ///< otherwise in the part's order, and batches share its storage
  bool drop_last = false;  ///< leave out the last batch if it is smaller than the others
};

/// `for (const Batch& batch : loader)` walks one epoch. The order is a function of (seed, epoch) alone; each begin() starts the next epoch, from 0 on.
/// A batch's tensors are valid as long as somebody holds them; its `rows` until the next batch.
class Loader {
 public:
  /// Throws ArgumentError for batch < 1 and ShapeError if inputs and targets differ in number.
  explicit Loader(Part part, LoaderOptions options = {});

  /// Batches per epoch.
  int64_t num_batches() const;
  const Part& part() const { return part_; }
  /// The epoch that the next begin() starts.
  uint64_t epoch() const { return next_epoch_; }
  void set_epoch(uint64_t epoch) { next_epoch_ = epoch; }

  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    const Batch& operator*() const { return loader_->batch_; }
    const Batch* operator->() const { return &loader_->batch_; }
    Iterator& operator++() {
      loader_->load(++index_);
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& it, std::default_sentinel_t) { return it.index_ >= it.loader_->num_batches(); }

   private:
    friend class Loader;
    Iterator(Loader* loader, int64_t index) : loader_(loader), index_(index) {}
    Loader* loader_;
    int64_t index_ = 0;
  };

  /// Starts an epoch, or the rest of one that goes on with batch number `first`; iterators of an earlier one are then invalid.
  Iterator begin() { return begin_at(0); }
  Iterator begin_at(int64_t first);
  std::default_sentinel_t end() const { return {}; }

 private:
  void load(int64_t index);

  Part part_;
  LoaderOptions options_;
  uint64_t next_epoch_ = 0;
  std::vector<int64_t> order_;
  Batch batch_;
};

}  // namespace rectify::data
