// Whatever is wrong with what a user gives: one line that says what, the right exit status, and no file left behind.
#include <gmock/gmock.h>

#include <algorithm>
#include <ostream>

#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int wrong_input = 2, environment_failed = 3;

/// An IDX header and too few bytes after it.
std::string truncated_idx() { return std::string("\0\0\x08\x03\0\0\0\x0a\0\0\0\x02\0\0\0\x02", 16) + "abc"; }
std::string idx_labels() { return std::string("\0\0\x08\x01\0\0\0\x0a", 8) + std::string(10, '\1'); }

struct Mistake {
  const char* name;
  std::vector<std::string> arguments;
  int status;
  std::vector<std::string> says;
  bool shows_where = false;  ///< a malformed specification comes with its text and a caret
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class BadInput : public ProgramTest, public ::testing::WithParamInterface<Mistake> {};

std::vector<std::string> train(const std::string& data, const std::string& network = "linear(4), relu, linear(2)", std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"train", "--data", data, "--net", network, "--epochs", "1", "--out", "run"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_P(BadInput, is_one_line_an_exit_status_and_no_output) {
  write("good.csv", "x,y,label\n1,2,a\n2,1,b\n3,4,a\n4,3,b\n5,6,a\n6,5,b\n7,8,a\n8,7,b\n");
  write("ragged.csv", "x,y,label\n1,2,a\n3,b\n");
  write("text.csv", "x,y,label\n1,2,a\n3,four,b\n");
  write("nan.csv", "x,y,label\n1,2,a\n3,nan,b\n");
  write("empty.csv", "");
  write("truncated-idx3-ubyte", truncated_idx());
  write("labels-idx1-ubyte", idx_labels());
  write("not.json", "{\"configuration\": {");
  write("bad.npy", "\x93NUMPY\x01");
  write("file", "");
  const std::vector<std::string> before = files();
  const Mistake& mistake = GetParam();
  const Outcome outcome = rectify(mistake.arguments);
  EXPECT_EQ(outcome.status, mistake.status) << outcome.errors;
  EXPECT_EQ(outcome.output, "");
  EXPECT_THAT(outcome.errors, StartsWith("rectify: "));
  EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), mistake.shows_where ? 3 : 1) << outcome.errors;
  for (const std::string& text : mistake.says) EXPECT_THAT(outcome.errors, HasSubstr(text));
  EXPECT_EQ(files(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Cli, BadInput,
    ::testing::Values(
        Mistake{"a_truncated_idx_file", train("idx(truncated-idx3-ubyte, labels-idx1-ubyte)"), wrong_input, {"truncated-idx3-ubyte", "10 x 2 x 2", "3 bytes"}},
        Mistake{"a_ragged_row", train("ragged.csv"), wrong_input, {"ragged.csv", "3", "2"}},
        Mistake{"a_word_in_a_feature_column", train("text.csv"), wrong_input, {"text.csv", "line 3", "four"}},
        Mistake{"nan_in_the_data", train("nan.csv"), wrong_input, {"nan.csv", "line 3", "nan"}},
        Mistake{"an_empty_file", train("empty.csv"), wrong_input, {"empty.csv"}},
        Mistake{"no_such_label_column", train("csv(good.csv, label=lable)"), wrong_input, {"lable", "Did you mean label?"}},
        Mistake{"no_such_file", train("nowhere.csv"), environment_failed, {"nowhere.csv"}},
        Mistake{"no_such_data_set", train("moon"), wrong_input, {"moon", "Did you mean moons"}},
        Mistake{"an_unknown_activation", train("xor", "linear(4), rleu, linear(2)"), wrong_input, {"rleu", "Did you mean relu"}},
        Mistake{"an_unknown_layer_argument", train("xor", "linear(4, inti=he), relu, linear(2)"), wrong_input, {"inti", "init"}},
        Mistake{"a_malformed_network", train("xor", "linear(4), relu, linear(2"), wrong_input, {"--net", "^"}, true},
        Mistake{"malformed_data", train("moons(n=)"), wrong_input, {"--data", "^"}, true},
        Mistake{"outputs_that_do_not_fit", train("xor", "linear(4), relu, linear(3)"), wrong_input, {"3 outputs", "2 classes"}},
        Mistake{"a_negative_learning_rate", train("xor", "linear(2)", {"--optimiser", "sgd(lr=-0.1)"}), wrong_input, {"learning rate", "-0.1"}},
        Mistake{"an_unknown_optimiser", train("xor", "linear(2)", {"--optimiser", "adan"}), wrong_input, {"adan", "Did you mean adam"}},
        Mistake{"an_unknown_schedule", train("xor", "linear(2)", {"--schedule", "cosin"}), wrong_input, {"cosin", "Did you mean cosine"}},
        Mistake{"an_unknown_loss", train("xor", "linear(2)", {"--loss", "mes"}), wrong_input, {"mes", "Did you mean mse"}},
        Mistake{"an_unknown_initialisation", train("xor", "linear(2)", {"--init", "xavier_unifrom"}), wrong_input, {"xavier_unifrom", "xavier_uniform"}},
        Mistake{"zero_epochs", train("xor", "linear(2)", {"--epochs=0"}), wrong_input, {"--epochs"}},
        Mistake{"a_batch_that_is_no_number", train("xor", "linear(2)", {"--batch", "many"}), wrong_input, {"--batch", "many"}},
        Mistake{"a_negative_seed", train("xor", "linear(2)", {"--seed", "-1"}), wrong_input, {"--seed", "-1"}},
        Mistake{"no_threads", train("xor", "linear(2)", {"--threads", "0"}), wrong_input, {"--threads", "0"}},
        Mistake{"an_unknown_target", train("xor", "linear(2)", {"--target", "avx1024"}), wrong_input, {"avx1024", "scalar"}},
        Mistake{"an_output_folder_inside_a_file", {"train", "--data", "xor", "--net", "linear(2)", "--out", "file/run"}, environment_failed, {"file/run", "Not a directory"}},
        Mistake{"an_output_folder_that_is_a_file", {"train", "--data", "xor", "--net", "linear(2)", "--out", "file"}, environment_failed, {"file"}},
        Mistake{"an_output_folder_that_cannot_be_made", {"train", "--data", "xor", "--net", "linear(2)", "--out", "/proc/rectify/run"}, environment_failed, {"/proc/rectify/run"}},
        Mistake{"a_configuration_that_is_not_json", {"train", "--config", "not.json"}, wrong_input, {"not.json"}},
        Mistake{"no_data", {"train", "--net", "linear(2)"}, wrong_input, {"--data"}},
        Mistake{"no_network", {"train", "--data", "xor"}, wrong_input, {"--net"}},
        Mistake{"no_command", {}, wrong_input, {"a command is missing"}},
        Mistake{"an_unknown_command", {"tran"}, wrong_input, {"Did you mean train?"}},
        Mistake{"an_unknown_option", {"train", "--epoch", "3"}, wrong_input, {"--epoch"}},
        Mistake{"testing_without_a_run", {"test", "nowhere", "--data", "xor"}, environment_failed, {"nowhere"}},
        Mistake{"predicting_into_an_unknown_format", {"predict", "nowhere", "--data", "xor", "--output", "y.txt"}, wrong_input, {"y.txt", ".npy"}},
        Mistake{"evaluating_an_unknown_activation", {"evaluate", "geluu", "--input", "x.npy", "--output", "y.npy"}, wrong_input, {"geluu", "Did you mean gelu"}},
        Mistake{"evaluating_a_malformed_array", {"evaluate", "gelu", "--input", "bad.npy", "--output", "y.npy"}, wrong_input, {"bad.npy"}},
        Mistake{"evaluating_a_missing_array", {"evaluate", "gelu", "--input", "x.npy", "--output", "y.npy"}, environment_failed, {"x.npy"}},
        Mistake{"an_unknown_parameter", {"evaluate", "gelu", "--param", "alpha=1", "--input", "x.npy", "--output", "y.npy"}, wrong_input, {"alpha"}},
        Mistake{"a_parameter_without_a_value", {"evaluate", "elu", "--param", "alpha", "--input", "x.npy", "--output", "y.npy"}, wrong_input, {"alpha", "NAME=VALUE"}},
        Mistake{"a_third_derivative", {"evaluate", "elu", "--derivative", "3", "--input", "x.npy", "--output", "y.npy"}, wrong_input, {"--derivative", "3"}},
        Mistake{"describing_an_unknown_activation", {"activations", "jax.nn.gelo"}, wrong_input, {"jax.nn.gelo", "no activation"}},
        Mistake{"an_unknown_dialect", {"activations", "relu(dialect=pytorhc)"}, wrong_input, {"pytorhc", "Did you mean pytorch?"}},
        Mistake{"a_prefix_and_another_dialect", {"activations", "jax.nn.gelu(dialect=keras)"}, wrong_input, {"jax", "keras", "Leave one of them out"}},
        Mistake{"an_unknown_convention_at_kinks", {"activations", "relu(at_kinks=middle)"}, wrong_input, {"middle", "mean"}},
        Mistake{"a_card_without_an_activation", {"activations", "--card", "relu.md"}, wrong_input, {"--card", "--cards"}},
        Mistake{"a_card_that_is_not_markdown", {"activations", "relu", "--card", "relu.html"}, wrong_input, {"relu.html", ".md"}},
        Mistake{"cards_of_one_activation", {"activations", "relu", "--cards", "cards"}, wrong_input, {"--cards", "relu"}},
        Mistake{"cards_with_accuracy_that_is_not_json", {"activations", "relu", "--card", "relu.md", "--accuracy", "not.json"}, wrong_input, {"not.json", "results"}},
        Mistake{"cards_with_speed_that_is_missing", {"activations", "relu", "--card", "relu.md", "--speed", "nowhere.json"}, environment_failed, {"nowhere.json"}},
        Mistake{"cards_inside_a_file", {"activations", "--cards", "file"}, environment_failed, {"file"}},
        Mistake{"accuracy_without_a_card", {"activations", "relu", "--accuracy", "not.json"}, wrong_input, {"--accuracy", "--card"}},
        Mistake{"defaults_of_one_activation", {"activations", "relu", "--defaults"}, wrong_input, {"--defaults"}},
        Mistake{"plotting_an_unknown_activation", {"plot", "sigmod", "--out", "s.svg"}, wrong_input, {"sigmod", "Did you mean sigmoid"}},
        Mistake{"plotting_into_a_file_that_cannot_be_made", {"plot", "relu", "--out", "file/relu.svg"}, environment_failed, {"file"}}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_F(ProgramTest, a_full_disk_is_an_environment_failure) {
  const Outcome outcome = run_program("/bin/sh", {"-c", "'" + program_path() + "' activations > /dev/full"}, folder);
  EXPECT_EQ(outcome.status, environment_failed) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("rectify: [print]"));
}

}  // namespace
}  // namespace rectify::cli_test
