// Which part of a batch a forward pass sees. A batch that is cut into parts (train/shards.h) must not give the same random numbers to the samples of every part.
#pragma once

#include <cstdint>

namespace rectify::nn {

/// While it lives, forward passes on this thread are given `samples` samples of a batch, beginning at its sample `first`. Scopes nest; the innermost counts.
class BatchPart {
 public:
  BatchPart(int64_t first, int64_t samples);
  ~BatchPart();
  BatchPart(const BatchPart&) = delete;
  BatchPart& operator=(const BatchPart&) = delete;

 private:
  int64_t first_before_, samples_before_;
};

/// How many elements the whole batch's tensor has before those of a part's tensor with `size` elements; 0 outside of a BatchPart. A module that numbers its random
/// draws by element adds this to the index, and then draws for each sample what it would without parts.
int64_t elements_before(int64_t size);

}  // namespace rectify::nn
