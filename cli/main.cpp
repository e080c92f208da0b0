// The program: finds the command, runs it, and turns what goes wrong into one line and an exit status.
#include <exception>
#include <new>
#include <string>

#include "cli/commands.h"
#include "cli/output.h"
#include "rectify/base/error.h"

namespace {

constexpr int wrong_input = 2, environment_failed = 3;

int fail(const std::string& message, int status) {
  rectify::cli::complain(message);
  return status;
}

}  // namespace

int main(int argument_count, char** arguments) {
  using namespace rectify;
  try {
    const cli::Commands commands = cli::all_commands();
    const cli::Parsed parsed = cli::parse(commands, argument_count, arguments);
    if (parsed.command == nullptr) return parsed.status;
    cli::show_warnings();
    return parsed.command->run();
  } catch (const FileError& error) {
    return fail(error.what(), environment_failed);
  } catch (const CommunicationError& error) {
    return fail(error.what(), environment_failed);
  } catch (const Error& error) {
    return fail(error.what(), wrong_input);
  } catch (const std::bad_alloc&) {
    return fail("there is not enough memory. Use a smaller network or batch, or a smaller part of the data.", environment_failed);
  } catch (const std::exception& error) {
    return fail(error.what(), environment_failed);
  }
}
