// The question: how much memory does a training step need beyond the weights, their moments and the batch?
//
// Each library trains in a process of its own, which is this program once more. Measured is the peak of the process's memory during the steps (the kernel's high-water mark, set back
// before them), minus what it had before the network was made, minus the bytes of weights, moments and batch. A small network has then trained already, so that code, threads and
// generated kernels are there. What an allocator keeps counts as needed, since nobody else can use it.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/peers/installed.h"
#include "bench/program.h"
#include "rectify/base/error.h"

namespace {

constexpr int warm_up_steps = 10, measured_steps = 20;
constexpr double aim = 0.5;

/// A field of /proc/self/status, in bytes.
double own_memory(const std::string& field) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) * 1024;
  }
  throw rectify::FileError(fmt::format("/proc/self/status has no {}. Memory can be measured on Linux alone.", field));
}

void forget_peak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5";
  if (!file.flush()) throw rectify::FileError("/proc/self/clear_refs cannot be written. Memory can be measured on Linux alone.");
}

bench::Problem network(int64_t batch, std::vector<int64_t> widths) {
  bench::Problem problem{.layers = {}, .input = {.channels = widths[0]}, .batch = batch};
  for (size_t i = 1; i < widths.size(); ++i) {
    problem.layers.push_back(bench::linear(widths[i]));
    if (i + 1 < widths.size()) problem.layers.push_back(bench::activation("relu"));
  }
  bench::fill(problem);
  problem.inputs.resize(1);
  problem.classes.resize(1);
  return problem;
}

/// What the library's process does. Returns bytes.
double measure(const bench::Library& library) {
  library.set_threads(1);
  const bench::Problem problem = network(128, {784, 512, 256, 10}), small = network(8, {16, 16, 16, 10});
  {
    const auto training = library.network(small);
    for (int i = 0; i < warm_up_steps; ++i) training->step();
  }
  const double before = own_memory("VmRSS");
  const auto training = library.network(problem);
  forget_peak();
  for (int i = 0; i < measured_steps; ++i) training->step();
  const double weights_and_moments = 2 * sizeof(float) * static_cast<double>(bench::parameter_count(problem));
  const double batch = static_cast<double>(problem.inputs[0].size() * sizeof(float) + problem.classes[0].size() * sizeof(int64_t));
  return own_memory("VmHWM") - before - weights_and_moments - batch;
}

/// The same in a process of its own.
double measure_apart(const bench::Library& library) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> child(popen(fmt::format("'{}' --alone={}", program, library.name).c_str(), "r"), pclose);
  double bytes = 0;
  if (!child || std::fscanf(child.get(), "%lf", &bytes) != 1) throw rectify::FileError(fmt::format("the process that was to measure {} gave no answer.", library.name));
  return bytes;
}

}  // namespace

int main(int argument_count, char** arguments) {
  bench::Program program("memory", "The memory that a training step of a network of 784-512-256-10 at batch 128 needs beyond weights, moments and batch.", 9);
  std::string alone;
  program.app.add_option("--alone", alone, "measure this library in this process and print bytes");
  return program.run(argument_count, arguments, [&] {
    bench::Inquiry inquiry{.libraries = bench::installed_libraries(), .sampling = program.sampling};
    std::erase_if(inquiry.libraries, [](const bench::Library& library) { return !library.network; });
    const bench::Figure megabytes{"MB", [](double bytes, double) { return bytes * 1e-6; }, 2};
    std::vector<std::string> columns;
    for (const bench::Library& library : inquiry.libraries) columns.push_back(library.name);
    if (!alone.empty()) {
      for (const bench::Library& library : inquiry.libraries) {
        if (library.name == alone) fmt::print("{}\n", measure(library));
      }
      return bench::Report("", megabytes, columns);
    }
    bench::Report report = bench::begin_report(inquiry, "Memory of a training step", megabytes, columns);
    report.print_heading("Peak beyond weights, moments and batch");
    bench::Row row{.name = "784-512-256-10 relu, batch 128", .timings = {}, .aims = {{"libtorch", aim}}};
    for (const std::string& name : columns) row.timings.push_back({.name = name, .values = {}});
    for (int round = 0; round < inquiry.sampling.rounds; ++round) {
      for (size_t i = 0; i < columns.size(); ++i) row.timings[i].values.push_back(measure_apart(inquiry.libraries[i]));
    }
    report.add(std::move(row));
    report.print_summary();
    return report;
  });
}
