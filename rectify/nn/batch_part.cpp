#include "rectify/nn/batch_part.h"

#include <utility>

namespace rectify::nn {
namespace {

thread_local int64_t first_sample = 0;
thread_local int64_t sample_count = 0;

}  // namespace

BatchPart::BatchPart(int64_t first, int64_t samples) : first_before_(std::exchange(first_sample, first)), samples_before_(std::exchange(sample_count, samples)) {}

BatchPart::~BatchPart() {
  first_sample = first_before_;
  sample_count = samples_before_;
}

int64_t elements_before(int64_t size) { return sample_count > 0 ? size / sample_count * first_sample : 0; }

}  // namespace rectify::nn
