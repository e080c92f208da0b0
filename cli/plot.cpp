// rectify plot: pictures as SVG files.
#include <algorithm>
#include <filesystem>

#include "cli/activation_name.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/run_report.h"
#include "cli/xor_lesson.h"
#include "rectify/base/error.h"
#include "rectify/base/files.h"
#include "rectify/base/specification.h"
#include "rectify/report/activation_chart.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

class Plot : public Command {
 public:
  std::string name() const override { return "plot"; }
  std::string description() const override { return "draw an activation, all of them, a saved run or the XOR lesson as SVG"; }
  std::string examples() const override {
    return "  rectify plot mish --out mish.svg\n"
           "  rectify plot \"leaky_relu(0.2)\" --low -2 --high 2 --out leaky.svg\n"
           "  rectify plot \"x*exp(-x^2)\" --out wave.svg\n"
           "  rectify plot poster --out poster.svg                    every activation with its slope\n"
           "  rectify plot xor --out xor.svg                          three networks on XOR, trained on the spot\n"
           "  rectify plot runs/first --out pictures                  every picture of the run's report, into a folder\n"
           "  rectify plot runs/first --picture decision_regions --out regions.svg";
  }

  void declare(Options& options) override {
    options.positional("what", what_, "an activation by name or as a formula in x, the folder of a run, poster, or xor");
    options.text("--out", out_, "FILE.svg", "the picture; or a folder for all pictures of a run");
    options.text("--picture", picture_, "NAME", "of a run: which picture; an unknown name lists them");
    options.text("--low", low_, "X", "of an activation: where the picture begins; default -5");
    options.text("--high", high_, "X", "of an activation: where it ends; default 5");
  }

  int run() override {
    if (!out_) throw ArgumentError("[plot] --out is missing. Name the file to write, for example --out picture.svg.");
    std::error_code ignored;
    const bool of_run = fs::is_directory(*what_, ignored);
    if (picture_ && !of_run) throw ArgumentError("[plot] --picture is for runs, but '" + *what_ + "' is not the folder of one. Leave it out.");
    if (of_run) return plot_run();
    require_writable_file(*out_);
    if (*what_ == "poster") {
      write(report::poster_of_catalogue());
    } else if (*what_ == "xor") {
      write(xor_picture(xor_lesson()));
    } else {
      write(report::svg(report::curves_of(activation_named(*what_), range())));
    }
    return 0;
  }

 private:
  void write(const std::string& svg) const {
    write_file(*out_, svg);
    say("wrote " + *out_);
  }

  report::Range range() const {
    const report::Range range{low_ ? real_number("--low", *low_) : -5, high_ ? real_number("--high", *high_) : 5};
    if (!(range.low < range.high) || range.high - range.low > 1e6) {
      throw ArgumentError("[plot] the range from " + number(range.low).text + " to " + number(range.high).text + " cannot be drawn. --low must be below --high, at most 10^6 apart.");
    }
    return range;
  }

  int plot_run() const {
    const bool one_file = out_->ends_with(".svg");
    one_file ? require_writable_file(*out_) : require_writable_folder(*out_);
    const std::vector<report::NamedPicture> pictures = report::pictures(summarise_run(*what_));
    std::vector<std::string> names;
    for (const auto& picture : pictures) names.push_back(picture.name);
    if (picture_) {
      const auto found = std::ranges::find(pictures, *picture_, &report::NamedPicture::name);
      if (found == pictures.end()) throw ArgumentError("[plot] the run has no picture '" + *picture_ + "'." + did_you_mean(*picture_, names) + " It has: " + listed(names) + ".");
      if (!one_file) throw ArgumentError("[--out] one picture is one file; '" + *out_ + "' does not end in .svg.");
      write(found->svg);
      return 0;
    }
    if (one_file) throw ArgumentError("[plot] the run has " + std::to_string(names.size()) + " pictures: " + listed(names) + ". Choose one with --picture, or let --out name a folder.");
    for (const auto& picture : pictures) write_file(fs::path(*out_) / (picture.name + ".svg"), picture.svg);
    say("wrote " + std::to_string(pictures.size()) + " pictures into " + *out_);
    return 0;
  }

  static std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& one : names) text += (text.empty() ? "" : ", ") + one;
    return text;
  }

  std::optional<std::string> what_, out_, picture_, low_, high_;
};

}  // namespace

std::unique_ptr<Command> plot_command() { return std::make_unique<Plot>(); }

}  // namespace rectify::cli
