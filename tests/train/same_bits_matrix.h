// One cell of the matrix that shows that the same program gives the same bits: a network trained under given circumstances, none of which may matter.
#pragma once

#include <cstdint>
#include <string>

namespace rectify::train {

enum class MatrixNetwork {
  mlp,  ///< 97 inputs, linear(203), mish, dropout(0.1), linear(71), relu, linear(10); AdamW; batches of 50
  cnn,  ///< 12 x 12 images of 3 channels, conv2d(32, 3), relu, max_pool2d(2), conv2d(64, 3), relu, max_pool2d(2), linear(128), relu, linear(10); SGD with momentum; batches of 9
};

std::string to_string(MatrixNetwork network);

struct MatrixCell {
  MatrixNetwork network = MatrixNetwork::mlp;
  std::string target = "auto";  ///< see kernel/target.h
  int threads = 1;
  int offset = 0;               ///< elements between a 64-byte boundary and the begin of the samples and of every parameter
  bool divides_quickly = true;  ///< as if the processor did, see kernel/target.h
  int64_t shards = 1;           ///< the only one, beside the network and the steps, that may change the bits
  int64_t steps = 200;
};

/// Trains and returns the SHA-256 of the losses of all steps and of the parameters at the end. Leaves threads and target as the cell wants them.
std::string matrix_digest(const MatrixCell& cell);

}  // namespace rectify::train
