#include "tests/cli/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace rectify::cli_test {

namespace fs = std::filesystem;

namespace {

/// Standard output and standard error of the child become files; nothing can be read from standard input.
[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments, const fs::path& folder, const Environment& environment, const fs::path& output,
                         const fs::path& errors) {
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  const int in = ::open("/dev/null", O_RDONLY), out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600),
            error = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (in < 0 || out < 0 || error < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(error, 2) < 0 || ::chdir(folder.c_str()) != 0) ::_exit(127);
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  ::_exit(127);
}

}  // namespace

nlohmann::json Outcome::json() const {
  const nlohmann::json document = nlohmann::json::parse(output, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << "not one JSON document: " << output << "\nstandard error: " << errors;
  return document;
}

Outcome run_program(const std::string& program, const std::vector<std::string>& arguments, const fs::path& folder, const Environment& environment,
                    const std::function<void(int, const fs::path&)>& while_running) {
  const fs::path said = fs::path(folder.string() + ".said");
  fs::create_directories(said);
  const fs::path output = said / "output", errors = said / "errors";
  const pid_t child = ::fork();
  if (child == 0) become(program, arguments, folder, environment, output, errors);
  EXPECT_GT(child, 0);
  if (while_running) while_running(child, errors);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  Outcome outcome{.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), .output = content_of(output), .errors = content_of(errors)};
  fs::remove_all(said);
  return outcome;
}

void ProgramTest::SetUp() {
  std::string pattern = (fs::temp_directory_path() / "rectify-cli-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  folder = pattern;
}

void ProgramTest::TearDown() { fs::remove_all(folder); }

Outcome ProgramTest::rectify(const std::vector<std::string>& arguments, const Environment& environment) const {
  return run_program(program_path(), arguments, folder, environment);
}

nlohmann::json ProgramTest::rectify_json(std::vector<std::string> arguments, const Environment& environment) const {
  arguments.push_back("--json");
  const Outcome outcome = rectify(arguments, environment);
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  return outcome.json();
}

void ProgramTest::write(const std::string& name, const std::string& content) const {
  std::ofstream(folder / name, std::ios::binary) << content;
}

std::vector<std::string> ProgramTest::files() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) names.push_back(fs::relative(entry.path(), folder).string());
  std::ranges::sort(names);
  return names;
}

std::string program_path() { return RECTIFY_BINARY_DIR "/bin/rectify"; }

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

Environment masked_glibc() { return {{"GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"}}; }

}  // namespace rectify::cli_test
