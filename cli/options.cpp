#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>

#include "cli/output.h"
#include "rectify/base/error.h"
#include "rectify/base/specification.h"

namespace rectify::cli {
namespace {

constexpr int wrong_input = 2;

class ParserOptions : public Options {
 public:
  explicit ParserOptions(CLI::App& app) : app_(app) {}

  void text(const std::string& name, std::optional<std::string>& into, const std::string& value, const std::string& help) override {
    app_.add_option(name, into, help)->option_text(value)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  void texts(const std::string& name, std::vector<std::string>& into, const std::string& value, const std::string& help) override {
    // One value per occurrence: otherwise the option would swallow the arguments that follow it.
    app_.add_option(name, into, help)->option_text(value)->expected(1)->take_all();
  }
  void flag(const std::string& name, bool& into, const std::string& help) override { app_.add_flag(name, into, help); }
  void positional(const std::string& name, std::optional<std::string>& into, const std::string& help, bool required) override {
    app_.add_option(name, into, help)->option_text(" ")->required(required);
  }
  void positionals(const std::string& name, std::vector<std::string>& into, const std::string& help) override {
    app_.add_option(name, into, help)->option_text(" ")->required()->expected(1, 1000);
  }

 private:
  CLI::App& app_;
};

/// What the parser found wrong, as one sentence.
std::string sentence(const CLI::ParseError& error, const CLI::App& app, const Commands& commands, const std::string& first) {
  if (app.get_name() == "rectify" && !first.empty() && first[0] != '-') {
    std::vector<std::string> names;
    for (const auto& command : commands) names.push_back(command->name());
    return "there is no command '" + first + "'." + did_you_mean(first, names) + " Run rectify --help for the list.";
  }
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text + ". Run " + app.get_name() + " --help for the options.";
}

std::string expected(std::string_view option, const std::string& value, const std::string& what) {
  return "[" + std::string(option) + "] the value is '" + value + "'; expected " + what + ".";
}

template <class Number>
bool reads_as(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Parsed parse(const Commands& commands, int argument_count, char** arguments) {
  CLI::App app("Neural networks in which the activation function is the centre: exact, the same bits everywhere, watched while they train.", "rectify");
  app.set_version_flag("--version", "rectify " RECTIFY_VERSION, "print the version");
  app.set_help_flag("-h,--help", "print this help");
  app.require_subcommand(1);
  app.footer("rectify COMMAND --help describes a command. Exit status: 0 success, 1 the command ran and the answer is bad,\n"
             "2 the input is wrong, 3 the environment failed, 130 interrupted.\n\nExample:\n"
             "  rectify train --data fashion-mnist --net \"linear(256), relu, linear(10)\" --epochs 5 --out runs/first");
  std::vector<std::pair<CLI::App*, Command*>> known;
  for (const auto& command : commands) {
    CLI::App* const sub = app.add_subcommand(command->name(), command->description());
    sub->footer("Examples:\n" + command->examples());
    ParserOptions options(*sub);
    command->declare(options);
    known.emplace_back(sub, command.get());
  }
  const std::string first = argument_count > 1 ? arguments[1] : "";
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return {.command = nullptr, .status = 0};
  } catch (const CLI::CallForHelp&) {
    const CLI::App* shown = &app;
    for (const auto& [sub, command] : known) {
      if (sub->parsed()) shown = sub;
    }
    print(shown == &app ? app.help() : shown->help("rectify"));
    return {.command = nullptr, .status = 0};
  } catch (const CLI::ParseError& error) {
    for (const auto& [sub, command] : known) {
      if (!sub->parsed()) continue;
      sub->name("rectify " + sub->get_name());
      complain(sentence(error, *sub, commands, ""));
      return {.command = nullptr, .status = wrong_input};
    }
    complain(first.empty() ? "a command is missing. Run rectify --help for the list." : sentence(error, app, commands, first));
    return {.command = nullptr, .status = wrong_input};
  }
  for (const auto& [sub, command] : known) {
    if (sub->parsed()) return {.command = command, .status = 0};
  }
  return {.command = nullptr, .status = wrong_input};
}

int64_t whole_number(std::string_view option, const std::string& value, int64_t minimum) {
  int64_t number = 0;
  if (!reads_as(value, number) || number < minimum) throw ArgumentError(expected(option, value, "a whole number of at least " + std::to_string(minimum)));
  return number;
}

uint64_t seed_number(std::string_view option, const std::string& value) {
  uint64_t number = 0;
  if (!reads_as(value, number)) throw ArgumentError(expected(option, value, "a whole number from 0 to 2^64 - 1"));
  return number;
}

double real_number(std::string_view option, const std::string& value) {
  double number = 0;
  if (!reads_as(value, number) || !std::isfinite(number)) throw ArgumentError(expected(option, value, "a number"));
  return number;
}

}  // namespace rectify::cli
