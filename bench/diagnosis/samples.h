// The data of the benchmark, as files that the specification grammar can name: what is wrong with the inputs is then part of a configuration's text.
#pragma once

#include <filesystem>
#include <string>

namespace bench::diagnosis {

/// 640 samples, of which 512 are trained on.
enum class Set {
  moons, circles, spirals, three_spirals, xor_problem, five_blobs,  ///< data/toy.h
  table, other_table,            ///< 16 normal features; the largest of 4 outputs of a random tanh network
  curve, other_curve,            ///< 4 normal features; a number: sin(2 a) + b c + |d|, less its mean
  images, other_images,          ///< 10 x 10, of bars at four angles, anywhere, with noise
};

/// A set as it is stored: x becomes (x + offset) factor, and the first feature (of an image: the left half) is multiplied by `first` once more.
struct Samples {
  Set set = Set::moons;
  double factor = 1, offset = 0, first = 1;
  bool rare = false;  ///< of class 0 only every tenth sample is kept (classification)
};

/// The specification of the data, `npy(...)`, scaled to mean 0 and deviation 1, or as they are. Writes the files into `folder` unless they exist; they are a function of `samples` alone.
std::string data_text(const Samples& samples, const std::filesystem::path& folder, bool scaled);

}  // namespace bench::diagnosis
