// What the commands need of a command line: options declared by name, filled by one parse. The only file that knows the parser is options.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::cli {

/// Declares the options of one command. Each is filled when the command line is parsed; one that was not given stays empty.
class Options {
 public:
  virtual ~Options() = default;
  /// `--name VALUE`; `value` is what the help calls it. Given twice, the last one counts.
  virtual void text(const std::string& name, std::optional<std::string>& into, const std::string& value, const std::string& help) = 0;
  /// The same, to be given any number of times.
  virtual void texts(const std::string& name, std::vector<std::string>& into, const std::string& value, const std::string& help) = 0;
  /// `--name`.
  virtual void flag(const std::string& name, bool& into, const std::string& help) = 0;
  /// An argument without a name; the order of declaration is the order on the command line.
  virtual void positional(const std::string& name, std::optional<std::string>& into, const std::string& help, bool required = true) = 0;
  /// All remaining arguments without a name, at least one.
  virtual void positionals(const std::string& name, std::vector<std::string>& into, const std::string& help) = 0;
};

/// One command of the program. run() returns the exit status; what it throws, main() turns into one line and a status.
class Command {
 public:
  virtual ~Command() = default;
  virtual std::string name() const = 0;
  virtual std::string description() const = 0;
  /// Lines to type, shown at the end of --help.
  virtual std::string examples() const = 0;
  virtual void declare(Options& options) = 0;
  virtual int run() = 0;
};

using Commands = std::vector<std::unique_ptr<Command>>;

/// What a command line asks for: a command to run or, without one, the status to exit with after --help, --version or a mistake.
struct Parsed {
  Command* command = nullptr;
  int status = 0;
};

/// Prints help and version on standard output and mistakes as one line on standard error.
Parsed parse(const Commands& commands, int argument_count, char** arguments);

/// The value of an option as a number. Throws ArgumentError naming the option, the value and what was expected.
int64_t whole_number(std::string_view option, const std::string& value, int64_t minimum);
uint64_t seed_number(std::string_view option, const std::string& value);
double real_number(std::string_view option, const std::string& value);

}  // namespace rectify::cli
