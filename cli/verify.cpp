// rectify verify: an activation's results against the oracle, on every input or on many.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/accuracy_document.h"
#include "cli/activation_name.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/process.h"
#include "cli/progress.h"
#include "rectify/base/error.h"
#include "rectify/base/files.h"
#include "rectify/tensor/dtype.h"
#include "rectify/verify/sweep.h"

namespace rectify::cli {
namespace {

constexpr uint64_t usual_samples = uint64_t{1} << 22, usual_samples_float64 = 1000000;

Json as_json(const verify::SweepResult& r, std::string_view inputs) {
  Json hardest = Json::array();
  for (const verify::HardInput& h : r.hardest) hardest.push_back({{"input", h.x}, {"hex", fmt::format("{:a}", h.x)}, {"distance", h.distance}});
  return {{"activation", r.activation},
          {"derivative", r.derivative},
          {"dtype", r.dtype},
          {"inputs", inputs},
          {"count", r.inputs},
          {"misrounded", r.misrounded},
          {"failures", r.failures},
          {"allowed_ulp", r.allowed_error},
          {"largest_error_ulp", json_number(r.largest_error)},
          {"worst_input", json_number(r.worst_input)},
          {"worst_result", json_number(r.worst_result)},
          {"in_doubt", r.in_doubt},
          {"asked_mpfr", r.asked_mpfr},
          {"seconds", r.seconds},
          {"hardest", hardest}};
}

constexpr const char* row_format = "{:<34} {:>10} {:>9} {:>12} {:>10} {:>12} {:>24} {:>9}\n";

std::string heading() { return fmt::format(row_format, "activation", "derivative", "dtype", "inputs", "misrounded", "largest ulp", "worst input", "seconds"); }

std::string row(const Json& r) {
  const bool right = r["misrounded"] == 0 && r["failures"] == 0;
  const Json &error = r["largest_error_ulp"], &worst = r["worst_input"];
  return fmt::format(row_format, r["activation"].get<std::string>(), r["derivative"].get<int>(), r["dtype"].get<std::string>(), r["count"].get<uint64_t>(),
                     r["misrounded"].get<uint64_t>(), error.is_null() ? "inf" : fmt::format("{:.7g}", error.get<double>()),
                     right ? "" : worst.is_null() ? "nan or inf" : fmt::format("{:a}", worst.get<double>()), fmt::format("{:.1f}", r["seconds"].get<double>()));
}

/// Finished lines of an earlier run, and new ones as they come.
class Record {
 public:
  explicit Record(const std::optional<std::string>& path) {
    if (!path) return;
    path_ = *path;
    require_writable_file(path_);
    if (!std::filesystem::exists(path_)) return;
    lines_ = read_results("--out", path_);
    rewrite();
  }

  const Json* find(const Json& key) const {
    const auto same = [&](const Json& line) { return std::ranges::all_of(key.items(), [&](const auto& item) { return line.contains(item.key()) && line[item.key()] == item.value(); }); };
    const auto found = std::ranges::find_if(lines_, same);
    return found == lines_.end() ? nullptr : &*found;
  }

  void add(const Json& line) {
    if (path_.empty()) return;
    std::ofstream file(path_, std::ios::app);
    if (!(file << line.dump() << '\n' << std::flush)) throw FileError(fmt::format("[--out] cannot write {}. Is the disk full?", path_));
  }

 private:
  void rewrite() {
    if (lines_.empty()) return;
    std::string text;
    for (const Json& line : lines_) text += line.dump() + "\n";
    write_file(path_, text);
  }

  std::string path_;
  std::vector<Json> lines_;
};

class Verify : public Command {
 public:
  std::string name() const override { return "verify"; }
  std::string description() const override { return "compare an activation with its formula, evaluated to any precision: is every result the nearest number?"; }
  std::string examples() const override {
    return "  rectify verify mish\n  rectify verify mish --exhaustive --derivative 1\n  rectify verify \"elu(alpha=0.5)\" --dtype float64 --samples 100000\n"
           "  rectify verify all --exhaustive --out proof.jsonl --json     (goes on where it was interrupted)\n"
           "  rectify verify --from proof.jsonl --from proof64.jsonl --markdown accuracy.md --note \"commit 1a2b3c, 1 May 2026\"";
  }

  void declare(Options& options) override {
    options.positional("activation", activation_, "its name, a specification such as \"elu(alpha=0.5)\", or all", false);
    options.flag("--exhaustive", exhaustive_, "every one of the 2^32 inputs of float32; of 16-bit types always");
    options.text("--derivative", derivative_, "0|1|2", "0: the value, 1: the slope, 2: the curvature; all three without");
    options.text("--dtype", dtype_, "TYPE", "float32 (default), float64, float16 or bfloat16");
    options.text("--samples", samples_, "N", "inputs to try: a power of two for float32 (default 4194304), any number for float64 (default 1000000)");
    options.text("--hardest", hardest_, "K", "report the K inputs whose results are closest to ties (with --json or --out)");
    options.text("--out", out_, "FILE", "append each result as a line of JSON; what the file has already is not done again");
    options.texts("--from", from_, "FILE", "verify nothing: take the results that --out wrote (may be given several times)");
    options.text("--markdown", markdown_, "FILE", "write the results as a page in Markdown");
    options.text("--note", note_, "TEXT", "of --markdown: a line below the heading, such as the commit and the date");
    process_.declare(options);
    options.flag("--json", json_, "one JSON document on standard output");
  }

  int run() override {
    if (note_ && !markdown_) throw ArgumentError("[--note] goes into the page that --markdown writes. Add --markdown FILE.");
    if (!from_.empty()) return report_recorded();
    if (!activation_) throw ArgumentError("[verify] neither an activation nor --from is given. Name an activation, or all.");
    const std::vector<activation::Function> functions = chosen_functions();
    const std::vector<int> derivatives = chosen_derivatives();
    const DType type = chosen_type();
    verify::SweepOptions options{.inputs = chosen_inputs(type), .hardest = hardest_ ? static_cast<size_t>(whole_number("--hardest", *hardest_, 1)) : 0};
    process_.apply();
    if (markdown_) require_writable_file(*markdown_);
    Record record(out_);
    const Interrupt interrupt;
    options.interrupt = &Interrupt::flag();

    using Kind = verify::Inputs::Kind;
    const std::string inputs =
        options.inputs.kind == Kind::exhaustive ? "exhaustive" : fmt::format("{}({})", options.inputs.kind == Kind::sampled ? "sampled" : "stratified", options.inputs.count);
    std::vector<Json> lines;
    bool wrong = false;
    if (!json_) print(heading());
    for (const activation::Function& function : functions) {
      for (const int derivative : derivatives) {
        const Json key{{"activation", to_string(function)}, {"derivative", derivative}, {"dtype", rectify::name(type)}, {"inputs", inputs}};
        if (const Json* earlier = record.find(key)) {
          lines.push_back(*earlier);
        } else {
          for (const bool positive : {false, true}) {
            const std::string limit = verify::check_limit(function, derivative, positive);
            if (limit.empty()) continue;
            say("rectify: " + limit);
            wrong = true;
          }
          const verify::SweepResult result = swept(type, function, derivative, options);
          if (!result.complete) return interrupted(json_, lines);
          lines.push_back(as_json(result, inputs));
          record.add(lines.back());
        }
        wrong = wrong || lines.back()["failures"] != 0;
        if (!json_) print(row(lines.back()));
      }
    }
    if (markdown_) write_file(*markdown_, accuracy_document(lines, note_.value_or("")));
    if (json_) print_json({{"results", lines}});
    return wrong ? 1 : 0;
  }

 private:
  /// The results of earlier runs: shown, written and judged like new ones.
  int report_recorded() const {
    if (activation_ || exhaustive_ || derivative_ || dtype_ || samples_ || hardest_ || out_) {
      throw ArgumentError("[--from] shows recorded results and verifies nothing. Leave out the activation and the options that choose what to verify.");
    }
    std::vector<Json> lines;
    for (const std::string& file : from_) {
      for (Json& line : read_results("--from", file)) lines.push_back(std::move(line));
    }
    if (markdown_) write_file(*markdown_, accuracy_document(lines, note_.value_or("")));
    if (json_) {
      print_json({{"results", lines}});
    } else if (!markdown_) {
      print(heading());
      for (const Json& line : lines) print(row(line));
    }
    return std::ranges::any_of(lines, [](const Json& line) { return line["failures"] != 0; }) ? 1 : 0;
  }

  std::vector<activation::Function> chosen_functions() const {
    std::vector<activation::Function> functions;
    if (*activation_ != "all") return {activation_named(*activation_)};
    for (const activation::Id id : activation::all()) functions.push_back(activation::make(id));
    return functions;
  }

  std::vector<int> chosen_derivatives() const {
    if (!derivative_) return {0, 1, 2};
    const int64_t derivative = whole_number("--derivative", *derivative_, 0);
    if (derivative > 2) throw ArgumentError(fmt::format("[--derivative] the value is '{}'; expected 0 (value), 1 (slope) or 2 (curvature).", *derivative_));
    return {static_cast<int>(derivative)};
  }

  DType chosen_type() const {
    if (!dtype_) return DType::float32;
    for (const DType type : {DType::float32, DType::float64, DType::float16, DType::bfloat16}) {
      if (rectify::name(type) == *dtype_) return type;
    }
    throw ArgumentError(fmt::format("[--dtype] the value is '{}'; expected float32, float64, float16 or bfloat16.", *dtype_));
  }

  verify::Inputs chosen_inputs(DType type) const {
    using Kind = verify::Inputs::Kind;
    const bool is_double = type == DType::float64;
    if (exhaustive_ && is_double) throw ArgumentError("[--exhaustive] float64 has 2^64 inputs. Use --samples N.");
    if (exhaustive_ && samples_) throw ArgumentError("[--samples] --exhaustive tries every input already. Leave one of them out.");
    if (size_of(type) == 2 && samples_) throw ArgumentError(fmt::format("[--samples] {} has 65536 inputs, and all are tried. Leave --samples out.", rectify::name(type)));
    if (exhaustive_ || size_of(type) == 2) return {.kind = Kind::exhaustive};
    const uint64_t count = samples_ ? static_cast<uint64_t>(whole_number("--samples", *samples_, 2)) : is_double ? usual_samples_float64 : usual_samples;
    const bool is_power = (count & (count - 1)) == 0 && count <= uint64_t{1} << 32;
    if (!is_double && !is_power) throw ArgumentError(fmt::format("[--samples] the value is '{}'; expected a power of two up to 2^32 = 4294967296 for float32.", *samples_));
    return {.kind = is_double ? Kind::sampled : Kind::stratified, .count = count};
  }

  static verify::SweepResult swept(DType type, const activation::Function& function, int derivative, const verify::SweepOptions& options) {
    switch (type) {
      case DType::float64: return swept<double>(function, derivative, options);
      case DType::float16: return swept<Float16>(function, derivative, options);
      case DType::bfloat16: return swept<BFloat16>(function, derivative, options);
      default: return swept<float>(function, derivative, options);
    }
  }

  /// With a line that is rewritten while it runs, on a terminal.
  template <class T>
  static verify::SweepResult swept(const activation::Function& function, int derivative, verify::SweepOptions options) {
    const bool terminal = on_terminal();
    if (terminal) {
      options.progress = [&](double part) {
        const std::string line = fmt::format("\r{} derivative {}: {:.0f} %\x1b[K", to_string(function), derivative, 100 * part);
        std::fwrite(line.data(), 1, line.size(), stderr);
      };
    }
    verify::SweepResult result = verify::sweep<T>(function, derivative, verify::library_kernel<T>(function, derivative), options);
    if (terminal) std::fputs("\r\x1b[K", stderr);
    return result;
  }

  static int interrupted(bool json, const std::vector<Json>& lines) {
    if (json) print_json({{"results", lines}, {"interrupted", true}});
    say("rectify: interrupted. With --out FILE the same command goes on where it stopped.");
    return interrupted_status;
  }

  std::optional<std::string> activation_, derivative_, dtype_, samples_, hardest_, out_, markdown_, note_;
  std::vector<std::string> from_;
  ProcessOptions process_;
  bool exhaustive_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> verify_command() { return std::make_unique<Verify>(); }

}  // namespace rectify::cli
