#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/output.h"

namespace rectify::cli {
namespace {

constexpr int bar_width = 30;
constexpr auto redraw_after = std::chrono::milliseconds(80);

/// Four decimals, or four digits of a loss that is out of all proportion.
std::string loss_text(double loss) { return loss < 1e4 ? fmt::format("{:.4f}", loss) : fmt::format("{:.3e}", loss); }

std::string evaluation(const char* part, const train::Evaluation& result, bool classification) {
  std::string text = fmt::format("  {} loss {}", part, loss_text(result.loss));
  return classification ? text + fmt::format(" accuracy {:.4f}", result.accuracy) : text;
}

}  // namespace

Progress::Progress(bool classification, bool terminal) : classification_(classification), terminal_(terminal) {}

void Progress::on_step(nn::Module&, const train::StepInfo& info, std::span<const Tensor>) {
  if (!terminal_) return;
  const auto now = Clock::now();
  if (now - last_drawn_ < redraw_after && info.step != info.steps) return;
  last_drawn_ = now;
  const double done = info.steps > 0 ? static_cast<double>(info.step) / static_cast<double>(info.steps) : 1.0;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const int full = static_cast<int>(done * bar_width);
  const std::string bar = std::string(static_cast<size_t>(full), '#') + std::string(static_cast<size_t>(bar_width - full), '.');
  const std::string line = fmt::format("\r[{}] epoch {}  step {}/{}  loss {}  {:.0f} s left\x1b[K", bar, info.epoch, info.step, info.steps, loss_text(info.loss),
                                       done > 0 ? elapsed * (1 - done) / done : 0.0);
  std::fwrite(line.data(), 1, line.size(), stderr);
  bar_shown_ = true;
}

void Progress::on_epoch(nn::Module&, const train::EpochInfo& info) {
  finish();
  std::string line = fmt::format("epoch {}/{}", info.epoch, info.epochs) + evaluation("train", info.train, classification_);
  if (info.validation) line += evaluation("validation", *info.validation, classification_);
  if (info.test.loss == info.test.loss) line += evaluation("test", info.test, classification_);
  say(line + fmt::format("  {:.2f} s", info.seconds));
}

void Progress::finish() {
  if (bar_shown_) std::fputs("\r\x1b[K", stderr);
  bar_shown_ = false;
}

bool on_terminal() { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace rectify::cli
