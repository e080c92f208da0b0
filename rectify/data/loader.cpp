#include "rectify/data/loader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "rectify/base/thread_pool.h"

namespace rectify::data {
namespace {

// The given rows of the first axis, copied. Memory comes from the tensors' pool, so a warm loop allocates nothing if nobody keeps old batches.
Tensor gather(const Tensor& source, std::span<const int64_t> rows) {
  const auto sizes = source.shape().sizes();
  std::array<int64_t, Shape::max_rank> gathered{};
  std::copy(sizes.begin(), sizes.end(), gathered.begin());
  gathered[0] = static_cast<int64_t>(rows.size());
  Tensor out = Tensor::empty(Shape(std::span<const int64_t>(gathered.data(), sizes.size())), source.dtype());
  const int64_t row_bytes = source.size() / source.size(0) * static_cast<int64_t>(size_of(source.dtype()));
  const char* from = static_cast<const char*>(source.raw());
  char* to = static_cast<char*>(out.raw());
  parallel_for(static_cast<int64_t>(rows.size()), 1 + 32768 / std::max<int64_t>(row_bytes, 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) std::memcpy(to + i * row_bytes, from + rows[static_cast<size_t>(i)] * row_bytes, static_cast<size_t>(row_bytes));
  });
  return out;
}

}  // namespace

void shuffle(std::vector<int64_t>& rows, const RandomKey& key) {
  for (size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random_below(key, i - 1, i)]);
}

Loader::Loader(Part part, LoaderOptions options) : part_(std::move(part)), options_(options) {
  if (options_.batch < 1) throw ArgumentError("[Loader] batch is " + std::to_string(options_.batch) + "; a batch has at least 1 sample.");
  if (part_.target.defined() && part_.target.size(0) != part_.size()) {
    throw ShapeError("[Loader] " + std::to_string(part_.size()) + " inputs and " + std::to_string(part_.target.size(0)) + " targets. Each sample needs both.");
  }
  order_.resize(static_cast<size_t>(part_.size()));
}

int64_t Loader::num_batches() const { return (part_.size() + (options_.drop_last ? 0 : options_.batch - 1)) / options_.batch; }

Loader::Iterator Loader::begin_at(int64_t first) {
  const uint64_t epoch = next_epoch_++;
  std::iota(order_.begin(), order_.end(), int64_t{0});
  if (options_.shuffle) shuffle(order_, {options_.seed, Purpose::shuffle, epoch});
  load(first);
  return Iterator(this, first);
}

void Loader::load(int64_t index) {
  batch_ = {};  // gives the memory back before the next batch asks for the same amount
  if (index >= num_batches()) return;
  const int64_t begin = index * options_.batch, end = std::min(begin + options_.batch, part_.size());
  batch_.rows = std::span<const int64_t>(order_).subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  if (options_.shuffle) {
    batch_.input = gather(part_.input, batch_.rows);
    if (part_.target.defined()) batch_.target = gather(part_.target, batch_.rows);
  } else {
    batch_.input = part_.input.rows(begin, end);
    if (part_.target.defined()) batch_.target = part_.target.rows(begin, end);
  }
}

}  // namespace rectify::data
