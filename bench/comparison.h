// Google Benchmark's results, read as a comparison: ours against each peer, case by case.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// Collects every repetition of benchmarks named "<question>/<library>/<case>" and prints, when all have run, one table per question on standard output.
class Comparison : public benchmark::BenchmarkReporter {
 public:
  /// `ours` is the library that the others are compared with; `aim`, if given, the ratio ours / theirs that the table holds the medians against.
  Comparison(std::string title, std::string ours, std::optional<double> aim);

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

  /// Whether something was compared, every repetition ran, and no ratio's median was above the aim.
  bool reached() const { return compared_ && !missed_ && errors_.empty(); }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  struct Case {
    std::string question, name;
    std::map<std::string, std::vector<double>> microseconds;  ///< by library
  };
  Case& find(const std::string& question, const std::string& name);

  std::string title_, ours_;
  std::optional<double> aim_;
  std::vector<Case> cases_;
  std::vector<std::string> errors_;
  bool compared_ = false, missed_ = false;
};

}  // namespace bench
