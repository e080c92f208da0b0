// The question: how long does one step of a network take?
//
// A step is forward, loss, backward, update and reading the loss, as a user's loop does it; in inference, forward and reading an output. Every library starts from the same
// weights and sees the same batches; before anything is timed their losses are held against each other.
#include "bench/peers/installed.h"
#include "bench/program.h"
#include "bench/step_cases.h"

int main(int argument_count, char** arguments) {
  bench::Program program("steps", "One step of training, or of inference, with one thread and with two.");
  program.ask_for_setting();
  std::vector<std::string> names;
  program.app.add_option("--cases", names, "which ones, separated by commas")->delimiter(',')->check(CLI::IsMember(bench::step_case_names()));
  return program.run(argument_count, arguments, [&] {
    return bench::ask_steps({.libraries = bench::installed_libraries(), .sampling = program.sampling, .setting = program.setting()}, names);
  });
}
