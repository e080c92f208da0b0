// Walks the matrix: every SIMD target that can run here x threads x alignments x shards, for an MLP and a CNN. Prints a table with a hash per cell, then one line
// `same NETWORK SHARDS HASH` for each, so that a script can compare builds and machines. Status 1 if cells with the same shards have different hashes.
//
//   same_bits_program [--steps 200] [--threads 1,2,3] [--offsets 0,1,3,7] [--shards 1,2,4] [--targets all] [--networks mlp,cnn]
#include <fmt/format.h>

#include <charconv>
#include <map>
#include <set>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/kernel/target.h"
#include "same_bits_matrix.h"

namespace rectify::train {
namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts{""};
  for (const char c : list) c == ',' ? parts.push_back("") : parts.back().push_back(c);
  return parts;
}

std::vector<int> numbers(const std::string& option, const std::string& list) {
  std::vector<int> result;
  for (const std::string& text : split(list)) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) throw ArgumentError("[same_bits] " + option + " takes whole numbers, not \"" + text + "\".");
    result.push_back(number);
  }
  return result;
}

struct Options {
  std::map<std::string, std::string> values{{"--steps", "200"}, {"--threads", "1,2,3"}, {"--offsets", "0,1,3,7"},
                                            {"--shards", "1,2,4"}, {"--targets", "all"}, {"--networks", "mlp,cnn"}};
  Options(int count, char** arguments) {
    for (int i = 1; i < count; i += 2) {
      const std::string name = arguments[i];
      if (!values.contains(name)) throw ArgumentError("[same_bits] unknown option \"" + name + "\"; known: --steps, --threads, --offsets, --shards, --targets, --networks.");
      if (i + 1 == count) throw ArgumentError("[same_bits] " + name + " needs a value.");
      values[name] = arguments[i + 1];
    }
  }
};

int walk(const Options& options) {
  const auto list = [&](const std::string& name) { return numbers(name, options.values.at(name)); };
  const std::vector<int> threads = list("--threads"), offsets = list("--offsets"), shards = list("--shards");
  const std::string wanted = options.values.at("--targets");
  const std::vector<std::string> targets = wanted == "all" ? kernel::available_targets() : split(wanted);
  std::map<std::string, std::set<std::string>> found;  // the hashes of each network and number of shards
  for (const std::string& network : split(options.values.at("--networks"))) {
    if (network != "mlp" && network != "cnn") throw ArgumentError("[same_bits] there is no network \"" + network + "\"; known: mlp, cnn.");
    fmt::print("{:<8}{:<12}{:>8}{:>8}{:>10}", "network", "target", "threads", "offset", "divides");
    for (const int count : shards) fmt::print("  {:<16}", fmt::format("{} shard{}", count, count == 1 ? "" : "s"));
    fmt::print("\n");
    for (const std::string& target : targets) {
      for (const int thread_number : threads) {
        for (size_t i = 0; i < offsets.size(); ++i) {
          MatrixCell cell{.network = network == "mlp" ? MatrixNetwork::mlp : MatrixNetwork::cnn, .target = target, .threads = thread_number, .offset = offsets[i],
                          .divides_quickly = (static_cast<size_t>(thread_number) + i) % 2 == 0, .shards = 1, .steps = list("--steps")[0]};
          fmt::print("{:<8}{:<12}{:>8}{:>8}{:>10}", network, target, cell.threads, cell.offset, cell.divides_quickly ? "quickly" : "slowly");
          for (const int count : shards) {
            cell.shards = count;
            const std::string hash = matrix_digest(cell).substr(0, 16);
            found[fmt::format("{} {}", network, count)].insert(hash);
            fmt::print("  {:<16}", hash);
            std::fflush(stdout);
          }
          fmt::print("\n");
        }
      }
    }
  }
  bool same = true;
  for (const auto& [name, hashes] : found) {
    same = same && hashes.size() == 1;
    if (hashes.size() == 1) {
      fmt::print("same {} {}\n", name, *hashes.begin());
    } else {
      fmt::print("DIFFERENT {}: {} hashes\n", name, hashes.size());
    }
  }
  return same ? 0 : 1;
}

}  // namespace
}  // namespace rectify::train

int main(int count, char** arguments) {
  try {
    return rectify::train::walk(rectify::train::Options(count, arguments));
  } catch (const rectify::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
