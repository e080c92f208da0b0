#include <gmock/gmock.h>

#include "rectify/activation/catalogue.h"
#include "rectify/activation/units.h"
#include "tests/cli/program.h"

namespace rectify::cli_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Describing : public ProgramTest {};

TEST_F(Describing, shows_formula_parameters_and_what_is_computed) {
  const std::string text = rectify({"activations", "leaky_relu(dialect=keras)"}).output;
  EXPECT_THAT(text, HasSubstr("negative_slope = 0.2, default 0.01"));
  EXPECT_THAT(text, HasSubstr("leaky_relu(negative_slope=0.2): where(x > 0, x, 0.2*x)"));
  EXPECT_THAT(text, HasSubstr("the slope goes from 0.2 to 1, and is 0.2 there"));
  EXPECT_THAT(text, HasSubstr("1.386750 by second moment"));
  EXPECT_THAT(text, HasSubstr("layers.LeakyReLU is leaky_relu(negative_slope=0.3)"));
  EXPECT_THAT(rectify({"activations", "sigmoid"}).output, HasSubstr("x near 0 is 4*sigmoid(x) - 2\n"));
  EXPECT_THAT(rectify({"activations", "nn.LeakyReLU"}).output, HasSubstr("leaky_relu"));
  EXPECT_THAT(rectify({"activations", "jax.nn.hard_swish"}).output, HasSubstr("and is 0 there"));
}

TEST_F(Describing, every_activation_in_words_and_as_json) {
  for (const activation::Id id : activation::all()) {
    const std::string name(activation::spec(id).name);
    const std::string text = rectify({"activations", name}).output;
    EXPECT_THAT(text, HasSubstr("\nrange "));
    EXPECT_THAT(text, Not(HasSubstr("nan"))) << name;
    const nlohmann::json json = rectify_json({"activations", name});
    EXPECT_EQ(json["name"], name);
    EXPECT_EQ(json["resolved"], to_string(activation::make(id)));
    EXPECT_TRUE(json["properties"]["monotone"].is_string());
    EXPECT_TRUE(json["properties"]["gain"].is_number()) << name;
  }
}

TEST_F(Describing, every_row_wise_and_gated_unit_in_words_and_as_json) {
  const std::string list = rectify({"activations"}).output;
  const nlohmann::json all = rectify_json({"activations"});
  EXPECT_EQ(all["units"].size(), activation::all_units().size());
  for (const activation::UnitId id : activation::all_units()) {
    const activation::UnitSpec& spec = activation::spec(id);
    EXPECT_THAT(list, HasSubstr(std::string(spec.formula)));
    EXPECT_THAT(rectify({"activations", std::string(spec.name)}).output, HasSubstr(std::string(spec.source)));
    EXPECT_EQ(rectify_json({"activations", std::string(spec.name)})["formula"], std::string(spec.formula));
  }
  EXPECT_THAT(rectify({"activations", "SwiGLU"}).output, HasSubstr("layout = packed, one of packed, swapped, interleaved"));
}

TEST_F(Describing, json_keeps_infinities_and_numbers_exact) {
  const nlohmann::json p = rectify_json({"activations", "relu"})["properties"];
  EXPECT_EQ(p["supremum"]["value"], "inf");
  EXPECT_EQ(p["infimum"]["attained"], true);
  EXPECT_EQ(p["slope_lipschitz"], "inf");
  EXPECT_EQ(p["zeros"]["places"][0]["from"], "-inf");
  EXPECT_EQ(p["identity_rescaling"], nullptr);
  EXPECT_EQ(p["kinks"][0]["slope"]["right"], 1.0);
}

TEST_F(Describing, a_network_may_name_activations_as_other_libraries_do) {
  const Outcome outcome = rectify({"train", "--data", "xor", "--net", "linear(4), nn.LeakyReLU, linear(4), relu(dialect=fann), linear(4), jax.nn.gelu, linear(2)", "--epochs", "1", "--out", "run"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  const std::string run = content_of(folder / "run" / "run.json");
  EXPECT_THAT(run, HasSubstr("leaky_relu(negative_slope=0.01)"));
  EXPECT_THAT(run, HasSubstr("relu(at_kinks=right)"));
  EXPECT_THAT(run, HasSubstr("gelu_tanh"));
}

class Cards : public ProgramTest {};

TEST_F(Cards, have_a_picture_the_properties_and_what_was_measured) {
  const Outcome outcome = rectify({"activations", "swish(beta=1.5)", "--card", "pages/swish.md"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(files(), (std::vector<std::string>{"pages", "pages/swish.md", "pages/swish.svg"}));
  const std::string card = content_of(folder / "pages/swish.md");
  EXPECT_THAT(card, HasSubstr("# swish(beta=1.5)\n\n![swish(beta=1.5): value, slope and curvature](swish.svg)"));
  EXPECT_THAT(card, HasSubstr("| smoothness | C-infinity |"));
  EXPECT_THAT(card, HasSubstr("measured when this card was made"));
  EXPECT_THAT(content_of(folder / "pages/swish.svg"), HasSubstr("<svg"));
}

TEST_F(Cards, take_measurements_from_files) {
  write("accuracy.json", R"json({"results": [{"activation": "mish", "derivative": 1, "dtype": "float32", "inputs": "exhaustive", "count": 4294967296, "misrounded": 3, "largest_error_ulp": 0.500001},
                                         {"activation": "silu", "derivative": 1, "dtype": "float32", "inputs": "stratified(17)", "count": 17, "misrounded": 16, "largest_error_ulp": 15}]})json");
  write("speed.json", R"({"cases": [{"activation": "mish", "direction": "forward", "elements": 4096, "libraries": {"rectify": {"nanoseconds_per_element": {"median": 0.125}}}},
                                    {"activation": "mish", "direction": "backward", "elements": 4096, "libraries": {"rectify": {"nanoseconds_per_element": {"median": 0.375}}}}]})");
  EXPECT_EQ(rectify({"activations", "mish", "--card", "mish.md", "--accuracy", "accuracy.json", "--speed", "speed.json"}).status, 0);
  const std::string card = content_of(folder / "mish.md");
  EXPECT_THAT(card, HasSubstr("| slope | float32 | 4294967296, exhaustive | 3 | 0.500001 |"));
  EXPECT_THAT(card, Not(HasSubstr("| 17,")));
  EXPECT_THAT(card, HasSubstr("0.125 ns forward and 0.375 backward"));
}

TEST_F(Cards, of_all_activations_with_an_index) {
  EXPECT_EQ(rectify({"activations", "--cards", "cards"}).status, 0);
  EXPECT_EQ(files().size(), 2 * activation::all().size() + 2) << "the folder, the index, and two files each";
  const std::string index = content_of(folder / "cards/README.md");
  for (const activation::Id id : activation::all()) EXPECT_THAT(index, HasSubstr("(" + std::string(activation::spec(id).name) + ".md)"));
}

TEST_F(Cards, leave_out_entries_of_a_file_that_make_no_sense) {
  write("accuracy.json", R"({"results": [7, {"activation": 5}, {"activation": "mish", "derivative": "first"}, {"activation": "mish", "derivative": 9}]})");
  write("speed.json", R"({"cases": [null, {"activation": "mish", "direction": "forward", "elements": 4096, "libraries": 3}]})");
  const Outcome outcome = rectify({"activations", "mish", "--card", "mish.md", "--accuracy", "accuracy.json", "--speed", "speed.json"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(content_of(folder / "mish.md"), Not(HasSubstr("misrounded")));
  EXPECT_THAT(content_of(folder / "mish.md"), HasSubstr("measured when this card was made"));
}

class Defaults : public ProgramTest {};

TEST_F(Defaults, the_committed_table_is_what_the_program_prints) {
  EXPECT_EQ(content_of(std::filesystem::path(RECTIFY_SOURCE_DIR) / "docs/defaults.md"), rectify({"activations", "--defaults"}).output)
      << "run: rectify activations --defaults > docs/defaults.md";
}

TEST_F(Defaults, name_the_libraries_that_differ) {
  const std::string table = rectify({"activations", "--defaults"}).output;
  EXPECT_THAT(table, HasSubstr("`negative_slope=0.2`: Keras 3 `leaky_relu`, TensorFlow `leaky_relu`"));
  EXPECT_THAT(table, HasSubstr("| `gelu` | JAX | `gelu` | `gelu_tanh` |"));
}

}  // namespace
}  // namespace rectify::cli_test
