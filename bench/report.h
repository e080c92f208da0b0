// The measurements of a question: as a table, held against the aims, and as a file.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/library.h"
#include "bench/spread.h"

namespace bench {

/// How slow ours may be: the median of ours / theirs has to be at most `required`; `wished` is what it is aimed at.
struct Aim {
  std::string against;
  double required = 0, wished = required;
};

/// What was measured of one contender, a number per round: seconds per run, where nothing else is said.
struct Timing {
  std::string name;
  std::vector<double> values;
  std::string note = {};  ///< where it does not do exactly what the others do
};

/// One case: ours first. The i-th of all numbers were measured together.
struct Row {
  std::string name;
  int threads = 1;
  double work = 0;  ///< what is done per run, in whatever the table counts: elements, operations
  std::vector<Timing> timings;
  std::vector<Aim> aims = {};
};

/// A ratio ours / theirs of a row.
struct Comparison {
  std::string against;
  Spread ratio;
  std::optional<Aim> aim;
  bool missed() const { return aim && ratio.median > aim->required; }
};
std::vector<Comparison> comparisons(const Row& row);

/// How a table shows a measured number.
struct Figure {
  std::string unit;
  std::function<double(double value, double work)> of;
  int digits = 1;
};
Figure microseconds();
Figure gigaflops();
Figure nanoseconds_per_element();

void print_to_standard_output(const std::string& text);

class Report {
 public:
  /// `columns`: the contenders that have columns, ours first; limits of the machine become the share of them that ours reaches. Others appear where a row has an aim
  /// against them.
  Report(std::string title, Figure figure, std::vector<std::string> columns) : title_(std::move(title)), figure_(std::move(figure)), columns_(std::move(columns)) {}

  std::vector<std::pair<std::string, Settings>> settings = {};  ///< by library
  std::vector<std::pair<std::string, double>> facts = {};       ///< of the machine, for the file
  std::vector<Row> rows = {};
  std::function<void(const std::string& text)> print = print_to_standard_output;  ///< where the table goes

  void print_settings() const;
  void print_heading(std::string_view what) const;
  /// Keeps the row and prints its line.
  void add(Row row);
  /// How to read the table, the notes, and how many of the aims were reached.
  void print_summary() const;
  /// Everything, every repetition included.
  nlohmann::ordered_json json() const;
  /// Whether every aim was reached.
  bool reached() const;

 private:
  std::vector<std::string> notes() const;
  std::string title_;
  Figure figure_;
  std::vector<std::string> columns_;
};

}  // namespace bench
