#include "rectify/data/csv.h"

#include <cmath>

#include "tests/data/support.h"

namespace rectify::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Table parsed(std::string_view text, const TableOptions& options = {}) { return parse_table(text, "f.csv", options).or_throw(); }

std::string failure(std::string_view text, const TableOptions& options = {}) {
  const auto result = parse_table(text, "f.csv", options);
  return result ? "no failure" : result.error();
}

std::string failure_as(std::string_view text, const TableLayout& layout) {
  const auto result = parse_table_as(text, "f.csv", layout);
  return result ? "no failure" : result.error();
}

std::vector<std::string> labels(const Table& table) {
  std::vector<std::string> out;
  for (int64_t row = 0; row < table.labels.size(); ++row) out.push_back(table.labels.text(row));
  return out;
}

TEST(Csv, a_header_is_recognised_by_having_no_number) {
  const Table with = parsed("a,b,species\n1,2.5,x\n-3e2,+.5,y\n");
  EXPECT_TRUE(with.has_header);
  EXPECT_THAT(with.feature_names, ElementsAre("a", "b"));
  EXPECT_EQ(with.label_name, "species");
  EXPECT_THAT(with.values.values<double>(), ElementsAre(1, 2.5, -300, 0.5));
  EXPECT_THAT(labels(with), ElementsAre("x", "y"));
  EXPECT_THAT(with.lines, ElementsAre(2, 3));

  const Table without = parsed("1,2,x\n3,4,y");
  EXPECT_FALSE(without.has_header);
  EXPECT_THAT(without.feature_names, ElementsAre("x1", "x2"));
  EXPECT_EQ(without.label_name, "x3");
  EXPECT_THAT(without.lines, ElementsAre(1, 2));
}

TEST(Csv, the_header_can_be_told) {
  EXPECT_THAT(parsed("1,2,y\n3,4,z\n", {.header = true}).feature_names, ElementsAre("1", "2"));
  EXPECT_THAT(failure("a,b,c\n1,2,3\n", {.header = false}), HasSubstr("f.csv, line 1, column x1: 'a' is not a number."));
  EXPECT_THAT(failure("a,7,c\n1,2,3\n"), HasSubstr("say header=true"));
}

TEST(Csv, the_label_is_the_named_column_or_the_one_called_label_or_the_last) {
  EXPECT_EQ(parsed("label,a,kind\n1,1,p\n", {.label = "kind"}).label_index, 2);
  EXPECT_EQ(parsed("label,a,b\np,1,2\n").label_index, 0);
  EXPECT_EQ(parsed("a,b,c\n1,2,p\n").label_index, 2);
  const Table first = parsed("kind,a,b\np,1,2\n", {.label = "kind"});
  EXPECT_EQ(first.label_index, 0);
  EXPECT_THAT(first.feature_names, ElementsAre("a", "b"));
}

TEST(Csv, a_label_column_that_is_not_there_lists_the_columns_and_suggests) {
  EXPECT_EQ(failure("sepal,petal,species\n1,2,x\n", {.label = "specis"}),
            "[csv] f.csv: there is no label column specis. Did you mean species? The columns are sepal, petal, species.");
}

TEST(Csv, quoted_fields_hold_commas_quotes_and_line_breaks) {
  const Table table = parsed("a,\"the \"\"label\"\"\"\r\n\"1\",\"x, \"\"y\"\"\nz\"\r\n2,\" b \"\r\n");
  EXPECT_EQ(table.label_name, "the \"label\"");
  EXPECT_THAT(labels(table), ElementsAre("x, \"y\"\nz", " b "));
  EXPECT_THAT(table.values.values<double>(), ElementsAre(1, 2));
  EXPECT_THAT(table.lines, ElementsAre(2, 4));
}

TEST(Csv, many_fields_with_doubled_quotes_in_one_record_keep_their_texts) {
  CsvReader reader("\"\"\"a\"\"\",\"\"\"b\"\"\",\"c\",\"\"\"a longer text than fits inside\"\"\",\"\"\"e\"\"\"\n", "f", false);
  std::vector<std::string_view> fields;
  ASSERT_TRUE(reader.next(fields));
  EXPECT_THAT(fields, ElementsAre("\"a\"", "\"b\"", "c", "\"a longer text than fits inside\"", "\"e\""));
  EXPECT_FALSE(reader.next(fields));
}

TEST(Csv, blanks_blank_lines_and_a_byte_order_mark_are_skipped) {
  const Table table = parsed("\xEF\xBB\xBF\n a , b \n\n 1 , x \n   \n2,y\n\n");
  EXPECT_THAT(table.feature_names, ElementsAre("a"));
  EXPECT_THAT(labels(table), ElementsAre("x", "y"));
  EXPECT_THAT(table.lines, ElementsAre(4, 6));
}

TEST(Csv, a_ragged_row_is_refused_with_its_line) {
  EXPECT_EQ(failure("a,b,c\n1,2,x\n1,2\n"), "[csv] f.csv, line 3: a ragged row: 2 fields where the first line has 3. Is there a comma missing or too many?");
  EXPECT_THAT(failure("1,2,x\n1,2,x,\n"), HasSubstr("line 2: a ragged row: 4 fields where the first line has 3."));
}

TEST(Csv, a_feature_that_is_no_finite_number_is_refused_with_line_column_and_value) {
  EXPECT_EQ(failure("a,b,c\n1,2,x\n1,blue,x\n"), "[csv] f.csv, line 3, column b: 'blue' is not a number. Remove the column or write it as numbers.");
  EXPECT_THAT(failure("a,b,c\n1,,x\n"), HasSubstr("line 2, column b: the value is missing"));
  for (const char* value : {"nan", "NaN", "inf", "-Infinity", "1e999"}) {
    EXPECT_THAT(failure(std::string("a,b,c\n1,2,x\n") + value + ",2,x\n"), HasSubstr(std::string("line 3, column a: '") + value + "' is not a finite number")) << value;
  }
  EXPECT_THAT(failure("a,b,c\n1,2,\n"), HasSubstr("line 2, column c: the label is missing"));
}

TEST(Csv, an_empty_file_a_lone_header_and_a_single_column_are_refused) {
  EXPECT_THAT(failure(""), HasSubstr("f.csv is empty"));
  EXPECT_THAT(failure("\n \n"), HasSubstr("f.csv is empty"));
  EXPECT_THAT(failure("a,b\n"), HasSubstr("has the names of columns but no rows"));
  EXPECT_THAT(failure("a;b;c\n1;2;3\n"), HasSubstr("Are its fields separated by commas?"));
}

TEST(Csv, malformed_text_is_refused_with_its_line) {
  EXPECT_THAT(failure("a,b\n1,\"x\n"), HasSubstr("line 2: the quoted field that begins here is not closed"));
  EXPECT_THAT(failure("a,b\n1,\"x\"y\n"), HasSubstr("line 2: text follows a closing quote"));
  EXPECT_THAT(failure("a,b\n1,x\"y\n"), HasSubstr("line 2: a quote inside an unquoted field"));
  EXPECT_THAT(failure(std::string_view("a,b\n1,\0\n", 8)), HasSubstr("line 2: a zero byte"));
  EXPECT_THAT(failure("a,a,b\n1,2,3\n"), HasSubstr("two columns are called a"));
  EXPECT_THAT(failure("a,b\n1,caf\xe9\n"), HasSubstr("the label is not UTF-8"));
  EXPECT_THAT(failure("caf\xe9,b\n1,2\n"), HasSubstr("the name of column 1 is not UTF-8"));
  EXPECT_EQ(failure("caf\xc3\xa9,b\n1,\xf0\x9f\x90\xa2\n"), "no failure");
}

TEST(Csv, numbers_are_decimal_and_their_extremes_have_a_meaning) {
  EXPECT_EQ(parse_number(" 1.5e3 "), 1500);
  EXPECT_EQ(parse_number("+.5"), 0.5);
  EXPECT_EQ(parse_number("-1e-999"), 0.0);
  EXPECT_TRUE(std::signbit(*parse_number("-1e-999")));
  EXPECT_EQ(parse_number("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(parse_number("1" + std::string(400, '0')), INFINITY);
  EXPECT_EQ(parse_number("-1e999"), -INFINITY);
  for (const char* text : {"", " ", "+", "-", "+-1", "++1", "0x10", "1,5", "1 2", "1e", "abc", "1a"}) EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

const TableLayout layout{.feature_names = {"a", "b"}, .label_name = "c", .label_index = 1};

TEST(Csv, new_data_are_matched_by_name_whatever_the_order) {
  const Table table = parse_table_as("c,b,a\nx,2,1\n", "f.csv", layout).or_throw();
  EXPECT_THAT(table.values.values<double>(), ElementsAre(1, 2));
  EXPECT_THAT(labels(table), ElementsAre("x"));
  const Table unlabelled = parse_table_as("b,a\n2,1\n", "f.csv", layout).or_throw();
  EXPECT_THAT(unlabelled.values.values<double>(), ElementsAre(1, 2));
  EXPECT_EQ(unlabelled.labels.size(), 0);
}

TEST(Csv, new_data_without_header_are_matched_by_place) {
  const Table table = parse_table_as("1,7,2\n", "f.csv", layout).or_throw();
  EXPECT_THAT(table.values.values<double>(), ElementsAre(1, 2));
  EXPECT_THAT(labels(table), ElementsAre("7"));
  EXPECT_THAT(parse_table_as("1,2\n", "f.csv", layout).or_throw().values.values<double>(), ElementsAre(1, 2));
  EXPECT_THAT(failure_as("1,2,3,4\n", layout), HasSubstr("has 4 columns without names; expected the 2 features a, b, with or without the label c"));
}

TEST(Csv, missing_and_unknown_columns_of_new_data_are_refused) {
  const TableLayout longer{.feature_names = {"width", "height"}, .label_name = "c"};
  EXPECT_EQ(failure_as("width,hieght\n1,2\n", longer), "[csv] f.csv: the column height is missing. Did you mean hieght? The file has width, hieght.");
  EXPECT_THAT(failure_as("a,b,d\n1,2,3\n", layout), StartsWith("[csv] f.csv: the column d is not one the network was trained on: a, b, label c."));
}

TEST(Labels, classes_are_sorted_by_value_if_all_are_numbers_and_by_bytes_otherwise) {
  EXPECT_THAT(parsed("1,10\n1,9\n1,9.0\n1,-1\n").labels.class_names(), ElementsAre("-1", "9", "10"));
  EXPECT_THAT(parsed("1,b\n1,10\n1,a\n1,9\n").labels.class_names(), ElementsAre("10", "9", "a", "b"));
  const Labels labels = parsed("1,10\n1,9\n1,9.0\n1,4\n").labels;
  EXPECT_THAT(labels.classes({"9", "10"}, false), ElementsAre(1, 0, 0, -1));
}

TEST(Labels, numbers_name_the_places_of_classes_only_where_they_may) {
  Labels labels;
  for (const double value : {1.0, 0.0, 2.0, 0.5, -1.0}) labels.add_number(value);
  EXPECT_THAT(labels.classes({"cat", "dog"}, true), ElementsAre(1, 0, -1, -1, -1));
  EXPECT_THAT(labels.classes({"cat", "dog"}, false), ElementsAre(-1, -1, -1, -1, -1));
}

}  // namespace
}  // namespace rectify::data
