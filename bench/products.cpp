// The question: how fast are the matrix products of a linear layer, forward and backward, beside the BLAS libraries?
#include "bench/peers/installed.h"
#include "bench/product_cases.h"
#include "bench/program.h"

int main(int argument_count, char** arguments) {
  bench::Program program("products", "The matrix products of linear layers, y = x W', dx = g W and dW = g' x, with one thread and with two.", 25);
  program.ask_for_setting();
  return program.run(argument_count, arguments, [&] {
    return bench::ask_products({.libraries = bench::installed_libraries(), .sampling = program.sampling, .setting = program.setting()});
  });
}
