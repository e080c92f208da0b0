// The question: how long does an activation take, forward and backward, in the cache and in memory?
//
// float32, one thread, inputs uniform in [-6, 6], upstream gradients uniform in [-1, 1]. The libraries take turns in shuffled order over the same memory; each
// round gives one ratio to each peer. Before anything is timed their results are held against ours.
#include "bench/kernel_cases.h"
#include "bench/peers/installed.h"
#include "bench/program.h"

int main(int argument_count, char** arguments) {
  bench::Program program("kernels", "How long an activation takes, forward and backward, in the cache and in memory.", 25);
  std::vector<std::string> names;
  int memory_rounds = 7;
  program.ask_for_setting();
  program.app.add_option("--activations", names, "which ones, separated by commas")->delimiter(',')->check(CLI::IsMember(bench::kernel_case_names()));
  program.app.add_option("--memory-rounds", memory_rounds, "repetitions at 2^25 elements; 0 leaves them out")->check(CLI::Range(0, 10000))->capture_default_str();
  return program.run(argument_count, arguments, [&] {
    const bench::Inquiry inquiry{.libraries = bench::installed_libraries(), .sampling = program.sampling, .setting = program.setting()};
    bench::Report report = bench::ask_kernels(inquiry, memory_rounds, names);
    report.print("Backward starts from x, but in the rows \"from y\" the others start from the kept output.\n");
    return report;
  });
}
