#include "rectify/base/specification.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>

namespace rectify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Specification parsed(std::string_view text) { return parse_specification(text).or_throw(); }

std::string failure(std::string_view text) {
  const auto result = parse_specification_list(text, "--net");
  return result ? "no failure" : result.error();
}

TEST(Specification, a_network_is_parsed_into_calls_with_positional_and_named_arguments) {
  const auto list = parse_specification_list("linear(64, init=normal(0.05)), leaky_relu(0.2) ,linear(3)").or_throw();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].name, "linear");
  ASSERT_EQ(list[0].arguments.size(), 2u);
  EXPECT_EQ(list[0].arguments[0].name, "");
  EXPECT_EQ(std::get<Number>(list[0].arguments[0].value).value, 64);
  EXPECT_EQ(list[0].arguments[1].name, "init");
  const auto& init = std::get<Specification>(list[0].arguments[1].value);
  EXPECT_EQ(init.name, "normal");
  EXPECT_EQ(std::get<Number>(init.arguments.at(0).value).value, 0.05);
  EXPECT_EQ(list[2].position, 48u);
}

TEST(Specification, printing_gives_the_text_that_was_written) {
  for (const std::string text : {"relu", "linear(64, init=normal(0.05)), leaky_relu(0.2), linear(3)", "a(-1, +2, .5, 1., 1e-3, 1E+5, 00012)", "csv(\"my \\\"file\\\" \\\\.csv\", label=b)",
                                 "/data/x.csv", "../x-1/y_2.npy", "./x", "\"\"", "f(a=true, b=false, c=\"1\")"}) {
    const auto list = parse_specification_list(text);
    ASSERT_TRUE(list) << list.error();
    EXPECT_EQ(to_string(*list), text);
  }
  EXPECT_EQ(to_string(parsed("  circles( n = 1000,noise=0.1 )\n")), "circles(n=1000, noise=0.1)");
  EXPECT_EQ(to_string(parsed("'it is'")), "\"it is\"");
  EXPECT_EQ(to_string(parsed("relu()")), "relu");
}

TEST(Specification, one_built_in_code_prints_quotes_where_a_name_needs_them) {
  Specification csv{.name = "csv", .arguments = {}};
  csv.arguments.push_back({.name = "path", .value = Specification{.name = "2020 flowers.csv", .arguments = {}}});
  csv.arguments.push_back({.name = "test", .value = number(0.1)});
  EXPECT_EQ(to_string(csv), "csv(path=\"2020 flowers.csv\", test=0.1)");
  const Specification again = parsed(to_string(csv));
  EXPECT_EQ(std::get<Specification>(again.arguments[0].value).name, "2020 flowers.csv");
  EXPECT_TRUE(std::get<Specification>(again.arguments[0].value).quoted);
}

TEST(Specification, a_number_made_in_code_reads_back_exactly) {
  for (const double value : {0.1, 1e300, -4.9e-324, 1.0 / 3, 64.0, -0.0, 123456789.0}) {
    const auto item = parsed("f(" + number(value).text + ")");
    const double read = std::get<Number>(item.arguments.at(0).value).value;
    EXPECT_EQ(read, value);
    EXPECT_EQ(std::signbit(read), std::signbit(value));
  }
  EXPECT_THROW(number(INFINITY), ArgumentError);
  EXPECT_THROW(number(NAN), ArgumentError);
}

TEST(Specification, an_error_shows_the_place_with_a_caret) {
  EXPECT_EQ(failure("relu, linear(64, init=normal(0.05)"),
            "--net: expected ')' after the arguments of linear, found end of text.\n"
            "  relu, linear(64, init=normal(0.05)\n"
            "                                    ^");
  EXPECT_EQ(failure("linear(64 relu"),
            "--net: expected ')' after the arguments of linear, found 'r'.\n"
            "  linear(64 relu\n"
            "            ^");
}

TEST(Specification, the_caret_counts_characters_and_not_bytes) {
  EXPECT_EQ(failure("f('\xc3\xa9\xc3\xa9', ]"),
            "--net: expected a value, found ']'.\n"
            "  f('\xc3\xa9\xc3\xa9', ]\n"
            "          ^");
}

TEST(Specification, a_long_text_is_cut_around_the_place) {
  const std::string text = std::string(5000, ' ') + "linear(64" + std::string(5000, ' ') + "]" + std::string(5000, 'x');
  const std::string message = failure(text);
  EXPECT_LT(message.size(), 500u);
  EXPECT_THAT(message, HasSubstr("...  "));
  const size_t caret = message.find_last_of('^') - message.rfind('\n');
  const size_t line = message.rfind('\n', message.rfind('\n') - 1);
  EXPECT_EQ(message[line + caret], ']');
}

TEST(Specification, every_kind_of_malformed_text_is_refused_with_its_reason) {
  EXPECT_THAT(failure(""), HasSubstr("expected a name, found end of text"));
  EXPECT_THAT(failure("  "), HasSubstr("expected a name, found end of text"));
  EXPECT_THAT(failure("relu,"), HasSubstr("expected a name, found end of text"));
  EXPECT_THAT(failure("relu relu"), HasSubstr("expected ',' or the end of the text after relu, found 'r'"));
  EXPECT_THAT(failure("64"), HasSubstr("expected a name, found '6'"));
  EXPECT_THAT(failure("f(,)"), HasSubstr("expected a value, found ','"));
  EXPECT_THAT(failure("f(a=)"), HasSubstr("expected a value for a, found ')'"));
  EXPECT_THAT(failure("f(a=1, 2)"), HasSubstr("a positional argument of f comes after the named ones"));
  EXPECT_THAT(failure("f(a=1, a=2)"), HasSubstr("argument a of f is given twice"));
  EXPECT_THAT(failure("f(1e999)"), HasSubstr("the number 1e999 is beyond the range of float64"));
  EXPECT_THAT(failure("f(2020.csv)"), HasSubstr("has to be quoted"));
  EXPECT_THAT(failure("f('abc"), HasSubstr("not closed"));
  EXPECT_THAT(failure("f('a\\n')"), HasSubstr("a backslash stands before"));
  EXPECT_THAT(failure("f(\x01)"), HasSubstr("an unprintable character"));
  EXPECT_THAT(failure("f(\xff)"), HasSubstr("belongs into quotes"));
  EXPECT_THAT(failure("f)"), HasSubstr("found ')'"));
  EXPECT_THAT(failure("f(--1)"), HasSubstr("expected a value, found '-'"));
  EXPECT_THAT(failure(std::string_view("f(\0)", 4)), HasSubstr("an unprintable character"));
  EXPECT_THAT(parse_specification("a, b").error(), HasSubstr("expected one item, found a list"));
}

TEST(Specification, nesting_is_bounded) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "f(";
    return text + "1" + std::string(static_cast<size_t>(depth), ')');
  };
  EXPECT_TRUE(parse_specification(nested(60)));
  const auto bomb = parse_specification(nested(1'000'000));
  ASSERT_FALSE(bomb);
  EXPECT_THAT(bomb.error(), HasSubstr("nested more than 64 deep"));
}

TEST(ArgumentReader, named_arguments_come_first_then_positional_ones_then_the_fallback) {
  const Specification item = parsed("circles(500, seed=9007199254740993, big=true, kind=\"a b\", init=normal(2))");
  ArgumentReader reader(item);
  EXPECT_TRUE(reader.has("seed"));
  EXPECT_FALSE(reader.has("n"));
  EXPECT_EQ(reader.remaining(), 5u);
  EXPECT_EQ(reader.integer("n", 100), 500);
  EXPECT_EQ(reader.number("noise", 0.25), 0.25);
  EXPECT_EQ(reader.integer("seed"), 9007199254740993);
  EXPECT_TRUE(reader.boolean("big"));
  EXPECT_EQ(reader.text("kind"), "a b");
  EXPECT_EQ(reader.specification("init")->name, "normal");
  EXPECT_FALSE(reader.specification("other").has_value());
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_NO_THROW(reader.finish());
}

std::string refusal(std::string_view text, const std::function<void(ArgumentReader&)>& read) {
  const Specification item = parsed(text);
  ArgumentReader reader(item);
  try {
    read(reader);
    reader.finish();
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "no refusal";
}

TEST(ArgumentReader, wrong_types_are_refused_with_the_value_and_what_was_expected) {
  EXPECT_EQ(refusal("f(n=abc)", [](auto& r) { r.integer("n"); }), "[f] n is abc; expected a whole number.");
  EXPECT_EQ(refusal("f(0.5)", [](auto& r) { r.integer("n"); }), "[f] n is 0.5; expected a whole number of at most 63 bits.");
  EXPECT_EQ(refusal("f(1e30)", [](auto& r) { r.integer("n"); }), "[f] n is 1e30; expected a whole number of at most 63 bits.");
  EXPECT_EQ(refusal("f(1e3)", [](auto& r) { EXPECT_EQ(r.integer("n"), 1000); }), "no refusal");
  EXPECT_EQ(refusal("f(+7)", [](auto& r) { EXPECT_EQ(r.integer("n"), 7); }), "no refusal");
  EXPECT_EQ(refusal("f(x=g(1))", [](auto& r) { r.number("x"); }), "[f] x is g(1); expected a number.");
  EXPECT_EQ(refusal("f(maybe)", [](auto& r) { r.boolean("b"); }), "[f] b is maybe; expected true or false.");
  EXPECT_EQ(refusal("f(\"true\")", [](auto& r) { r.boolean("b"); }), "[f] b is \"true\"; expected true or false.");
  EXPECT_EQ(refusal("f(3)", [](auto& r) { r.text("t"); }), "[f] t is 3; expected a name or a quoted text.");
  EXPECT_EQ(refusal("f(3)", [](auto& r) { r.specification("s"); }), "[f] s is 3; expected a name, with arguments in parentheses if it has any.");
  EXPECT_EQ(refusal("f", [](auto& r) { r.number("x"); }), "[f] x is missing. Write f(x=...).");
}

TEST(ArgumentReader, says_whether_the_next_argument_is_a_number) {
  const Specification item = parse_specification("f(3, size(1, 2), b=same, c=4)").or_throw();
  ArgumentReader reader(item);
  EXPECT_TRUE(reader.is_number("a"));
  EXPECT_EQ(reader.integer("a"), 3);
  EXPECT_FALSE(reader.is_number("b")) << "a named argument goes before a positional one";
  EXPECT_FALSE(reader.is_number("a")) << "the next positional one is size(1, 2)";
  EXPECT_TRUE(reader.is_number("c"));
  EXPECT_EQ(reader.text("b"), "same");
  EXPECT_EQ(reader.specification("a")->name, "size");
  EXPECT_FALSE(reader.is_number("a")) << "none is left";
}

TEST(ArgumentReader, leftover_arguments_are_refused_with_the_known_names) {
  const auto read = [](ArgumentReader& r) { r.integer("n", 1), r.number("noise", 0); };
  EXPECT_EQ(refusal("circles(nosie=1)", read), "[circles] there is no argument nosie. Did you mean noise? Known: n, noise.");
  EXPECT_EQ(refusal("circles(1, 2, 3)", read), "[circles] 3 is one value too many. Known: n, noise.");
  EXPECT_EQ(refusal("relu(1)", [](auto&) {}), "[relu] 1 is one value too many. It takes no arguments.");
}

TEST(NearestNames, slips_of_the_pen_are_recognised_and_strangers_are_not) {
  const std::vector<std::string> names{"relu", "prelu", "elu", "selu", "gelu", "softplus", "leaky_relu", "fashion-mnist"};
  EXPECT_THAT(nearest_names("sotfplus", names), ElementsAre("softplus"));
  EXPECT_THAT(nearest_names("LeakyReLU", names), ElementsAre("leaky_relu"));
  EXPECT_THAT(nearest_names("fashion_mnist", names), ElementsAre("fashion-mnist"));
  EXPECT_THAT(nearest_names("fashion", names), ElementsAre("fashion-mnist"));
  EXPECT_EQ(nearest_names("rleu", names).at(0), "relu");
  EXPECT_LE(nearest_names("rleu", names).size(), 3u);
  EXPECT_THAT(nearest_names("transformer", names), IsEmpty());
  EXPECT_THAT(nearest_names("", names), IsEmpty());
  EXPECT_THAT(nearest_names(std::string(1 << 20, 'x'), names), IsEmpty());
  EXPECT_EQ(did_you_mean("zelu", {"selu", "gelu", "elu"}), " Did you mean selu, gelu or elu?");
  EXPECT_EQ(did_you_mean("nothing", names), "");
}

}  // namespace
}  // namespace rectify
