#include "rectify/data/load.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "rectify/base/warning.h"
#include "rectify/data/idx.h"
#include "rectify/data/npy.h"
#include "tests/data/support.h"

namespace rectify::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Load : public WithFolder {
 protected:
  // 20 rows: a = i, b = 2i, class by turns.
  static std::string flowers() {
    std::string text = "a,b,species\n";
    for (int i = 0; i < 20; ++i) text += std::to_string(i) + "," + std::to_string(2 * i) + (i % 2 == 0 ? ",rose\n" : ",lily\n");
    return text;
  }
  static std::string error(const std::string& text, const LoadOptions& options = {}) {
    return message_of<ArgumentError>([&] { load(text, options); });
  }
  std::string csv(const std::string& arguments, const std::string& content = flowers()) const { return "csv(\"" + file("f.csv", content) + "\"" + arguments + ")"; }
};

void expect_same(const Part& a, const Part& b) {
  ASSERT_EQ(a.input.shape(), b.input.shape());
  EXPECT_TRUE(std::ranges::equal(a.input.values<float>(), b.input.values<float>()));
  ASSERT_EQ(a.target.dtype(), b.target.dtype());
  for (int64_t i = 0; i < a.target.size(); ++i) EXPECT_EQ(a.target.at(i), b.target.at(i));
}

TEST_F(Load, a_csv_file_is_split_and_scaled_by_its_training_part) {
  const Dataset data = load(csv(", label=species, test=0.3, validation=0.1, scale=none, seed=5"));
  EXPECT_EQ(data.train.size(), 13);  // 20 - 6 - round(0.1 * 14)
  EXPECT_EQ(data.test.size(), 6);
  ASSERT_TRUE(data.validation);
  EXPECT_EQ(data.validation->size(), 1);
  EXPECT_THAT(data.class_names(), ElementsAre("lily", "rose"));
  EXPECT_THAT(data.feature_names(), ElementsAre("a", "b"));
  EXPECT_EQ(data.input_count(), 2);
  EXPECT_EQ(data.output_count(), 2);
  std::vector<double> rows;
  for (const Part* part : {&data.train, &data.test, &*data.validation}) {
    for (int64_t i = 0; i < part->size(); ++i) {
      rows.push_back(part->input.at(2 * i));
      EXPECT_EQ(part->target.at(i), std::fmod(part->input.at(2 * i), 2) == 0 ? 1 : 0);
    }
  }
  std::sort(rows.begin(), rows.end());
  for (size_t i = 0; i < 20; ++i) EXPECT_EQ(rows.at(i), static_cast<double>(i));

  const Dataset scaled = load(csv(", label=species, test=0.3, validation=0.1, seed=5"));
  double mean = 0;
  for (int64_t i = 0; i < 13; ++i) mean += data.train.input.at(2 * i) / 13;
  EXPECT_NEAR(scaled.preprocessing.offset[0], mean, 1e-12);
}

TEST_F(Load, the_full_specification_loads_the_same_data_again) {
  const std::string path = file("f.csv", flowers());
  const Dataset data = load(path);
  EXPECT_EQ(data.specification, "csv(path=" + path + ", label=species, header=true, test=0.25, validation=0, scale=standard, seed=0, task=classification)");
  write_npy(folder_ / "x.npy", Tensor::from(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8}, Shape{4, 2}));
  for (const std::string& text : {path, csv(", seed=3, validation=0.2"), (folder_ / "x.npy").string(), std::string("spirals(n=60, classes=3)"), std::string("xor(scale=unit)")}) {
    const Dataset first = load(text), second = load(first.specification);
    EXPECT_EQ(first.specification, second.specification);
    EXPECT_EQ(first.preprocessing, second.preprocessing);
    expect_same(first.train, second.train);
    expect_same(first.test, second.test);
  }
}

TEST_F(Load, a_bare_path_is_short_for_csv_or_npy) {
  EXPECT_THAT(load(file("plain.csv", flowers())).specification, StartsWith("csv(path="));
  EXPECT_THAT(load("\"" + file("with blanks, (x).CSV", flowers()) + "\"").specification, StartsWith("csv(path=\""));
  write_npy(folder_ / "x.npy", Tensor::from(std::vector<float>{1, 0, 2, 1}, Shape{2, 2}));
  EXPECT_THAT(load((folder_ / "x.npy").string()).specification, StartsWith("npy(path="));
  EXPECT_THAT(error("\"table.txt\""), HasSubstr("there is no data set 'table.txt'"));
  EXPECT_THAT(message_of<FileError>([] { load("nowhere.csv"); }), HasSubstr("cannot open nowhere.csv: No such file"));
}

TEST_F(Load, unknown_names_arguments_and_values_are_refused_with_suggestions) {
  EXPECT_THAT(error("spiral(n=10)"), HasSubstr("there is no data set 'spiral'. Did you mean spirals?"));
  EXPECT_THAT(error("fashion_mnist"), HasSubstr("Did you mean fashion-mnist?"));
  EXPECT_THAT(error("moons(nosie=0.1)"), HasSubstr("[moons] there is no argument nosie. Did you mean noise?"));
  EXPECT_THAT(error("moons(classes=3)"), HasSubstr("there is no argument classes"));
  EXPECT_THAT(error("moons(scale=unti)"), HasSubstr("scale is unti; expected none, standard or unit. Did you mean unit?"));
  EXPECT_THAT(error("moons(test=1)"), HasSubstr("[moons] test is 1; expected a share of at least 0 and below 1"));
  EXPECT_THAT(error("moons(validation=-0.1)"), HasSubstr("validation is -0.1"));
  EXPECT_THAT(error("moons(seed=-1)"), HasSubstr("seed is -1"));
  EXPECT_THAT(error(csv(", task=ranking")), HasSubstr("task is ranking; expected classification or regression"));
  EXPECT_THAT(error("moons(n=10"), HasSubstr("--data: expected ')' after the arguments of moons, found end of text.\n  moons(n=10\n            ^"));
  EXPECT_THAT(error(csv(", label=specis")), HasSubstr("there is no label column specis. Did you mean species?"));
}

TEST_F(Load, bad_content_is_refused_with_its_place) {
  EXPECT_THAT(error(csv("", "a,b\n1,x\n2\n")), HasSubstr("line 3: a ragged row"));
  EXPECT_THAT(error(csv("", "a,b\n1,x\nred,y\n")), HasSubstr("line 3, column a: 'red' is not a number"));
  EXPECT_THAT(error(csv("", "a,b\n1,x\nnan,y\n")), HasSubstr("line 3, column a: 'nan' is not a finite number"));
  EXPECT_THAT(error(csv("", "a,b\n1,1.5\n1,nan\n")), HasSubstr("line 3, column b: the label nan is not a finite number"));
  EXPECT_THAT(error(csv("", "a,b\n1,x\n2,x\n")), HasSubstr("every label is 'x'"));
  EXPECT_THAT(error(csv("", "a,b\n1,x\n")), HasSubstr("none are left to train on"));
  EXPECT_THAT(error(csv(", scale=none", "a,b\n1,x\n2,y\n1e300,y\n")), HasSubstr("row 3, feature a: 1"));
  write_npy(folder_ / "x.npy", Tensor::from(std::vector<float>{1, 0, 2, 1, NAN, 1}, Shape{3, 2}));
  EXPECT_THAT(error((folder_ / "x.npy").string()), HasSubstr("x.npy, row 3, column 1: nan is not a finite number"));
  const std::string labels = file("l.idx", idx_head(8, {2}) + std::string("\0\1", 2));
  EXPECT_THAT(error("idx(" + file("i.idx", idx_head(8, {2, 2, 2}) + "abc") + ", " + labels + ")"), HasSubstr("i.idx: the file is truncated"));
  EXPECT_THAT(error("idx(" + file("i.idx", idx_head(8, {3, 1}) + "abc") + ", " + labels + ")"), HasSubstr("has 3 samples, but"));
  EXPECT_THAT(error("idx(" + file("i.idx", idx_head(13, {2, 1}) + std::string("\x7f\xc0\0\0\0\0\0\0", 8)) + ", " + labels + ")"), HasSubstr("row 1, column 1: nan is not a finite number"));
}

TEST_F(Load, labels_are_classes_or_numbers_as_the_loss_wants) {
  const std::string whole = "a,y\n1,1\n2,2\n3,1\n4,2\n", fractions = "a,y\n1,1.5\n2,2\n3,1\n4,2\n";
  EXPECT_EQ(load(csv("", whole)).task(), Task::classification);
  EXPECT_EQ(load(csv("", fractions)).task(), Task::regression);
  const Dataset regression = load(csv(", test=0", whole), {.task = Task::regression});
  EXPECT_EQ(regression.train.target.shape(), (Shape{4, 1}));
  EXPECT_THAT(regression.train.target.values<float>(), ElementsAre(1, 2, 1, 2));
  EXPECT_THAT(regression.class_names(), IsEmpty());
  EXPECT_EQ(regression.output_count(), 1);
  EXPECT_EQ(regression.test.size(), 0);
  EXPECT_THAT(regression.specification, HasSubstr("task=regression"));
  EXPECT_EQ(load(csv(", task=classification", fractions), {.task = Task::regression}).task(), Task::classification);
  EXPECT_THAT(error(csv(""), {.task = Task::regression}), HasSubstr("regression needs numbers"));
  EXPECT_EQ(load("xor(n=40)", {.task = Task::regression}).train.target.dtype(), DType::float32);
}

TEST_F(Load, very_many_classes_bring_a_warning) {
  std::string prices = "a,price\n", warning;
  for (int i = 0; i < 300; ++i) prices += "1," + std::to_string(1000 + i) + "\n";
  const WarningSink before = set_warning_sink([&](std::string_view message) { warning = message; });
  load(csv("", prices));
  set_warning_sink(before);
  EXPECT_THAT(warning, HasSubstr("300 different classes in 300 samples"));
}

TEST_F(Load, toy_sets_are_tested_on_whole_rounds_over_their_groups) {
  const Dataset data = load("xor(n=1000, noise=0)");
  EXPECT_EQ(data.specification, "xor(n=1000, noise=0, seed=0, test=0.25, validation=0, scale=none)");
  EXPECT_EQ(data.train.size() + data.test.size(), 1000);
  EXPECT_EQ(data.test.size() % 4, 0);
  std::map<std::pair<double, double>, int> corners;
  for (int64_t i = 0; i < data.test.size(); ++i) ++corners[{data.test.input.at(2 * i), data.test.input.at(2 * i + 1)}];
  EXPECT_EQ(corners.size(), 4u);
  for (const auto& [corner, count] : corners) EXPECT_EQ(count, data.test.size() / 4);
  EXPECT_THAT(data.feature_names(), ElementsAre("x", "y"));
  EXPECT_EQ(load("moons(n=100, test=0)").test.size(), 0);
}

TEST_F(Load, idx_files_come_with_their_own_test_files_or_are_split) {
  const std::string images = file("i.gz", compressed(idx_head(8, {4, 1, 2}) + std::string("\x00\xff\x33\x00\x00\x00\xff\xff", 8)));
  const std::string labels = file("l", idx_head(8, {4}) + std::string("\x03\x01\x03\x01", 4));
  const std::string more = file("m", idx_head(8, {1}) + "\x07"), one = file("o", idx_head(8, {1, 1, 2}) + "ab");
  const Dataset data = load("idx(" + images + ", " + labels + ", test_images=" + one + ", test_labels=" + more + ")");
  EXPECT_EQ(data.sample_shape(), (Shape{1, 2}));
  EXPECT_THAT(data.train.input.values<float>(), ElementsAre(0, 1, 0.2f, 0, 0, 0, 1, 1));
  EXPECT_THAT(data.class_names(), ElementsAre("1", "3", "7"));
  EXPECT_THAT(data.train.target.values<int64_t>(), ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(data.test.target.values<int64_t>(), ElementsAre(2));
  EXPECT_EQ(load("idx(" + images + ", " + labels + ", test=0.5)").test.size(), 2);
  EXPECT_THAT(error("idx(" + images + ", " + labels + ", test_images=" + one + ")"), HasSubstr("belong together"));
  EXPECT_THAT(error("idx(" + images + ", " + labels + ", test=0.5, test_images=" + one + ", test_labels=" + more + ")"), HasSubstr("exclude each other"));
}

TEST_F(Load, npy_arrays_have_labels_in_the_last_column_or_in_their_own_file) {
  write_npy(folder_ / "xy.npy", Tensor::from(std::vector<double>{1, 2, 0, 3, 4, 1, 5, 6, 0}, Shape{3, 3}));
  write_npy(folder_ / "x.npy", Tensor::from(std::vector<double>{1, 2, 3, 4, 5, 6}, Shape{3, 2}));
  write_npy(folder_ / "y.npy", Tensor::from(std::vector<int64_t>{0, 1, 0}, Shape{3}));
  const std::string x = (folder_ / "x.npy").string(), y = (folder_ / "y.npy").string();
  const Dataset one = load("npy(" + (folder_ / "xy.npy").string() + ", test=0, scale=none)"), two = load("npy(" + x + ", labels=" + y + ", test=0, scale=none)");
  expect_same(one.train, two.train);
  EXPECT_THAT(one.train.input.values<float>(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(error("npy(" + y + ")"), HasSubstr("expected samples (n, features...)"));
  EXPECT_THAT(error("npy(" + x + ", labels=" + x + ")"), HasSubstr("labels have shape (n) or (n, 1)"));

  expect_same(load_new(two.preprocessing, "npy(" + x + ", labels=" + y + ")", true), two.train);
  EXPECT_FALSE(load_new(two.preprocessing, x).target.defined());
  EXPECT_THAT(message_of<ArgumentError>([&] { load_new(two.preprocessing, x, true); }), HasSubstr("has no labels"));
}

TEST_F(Load, stored_preprocessing_treats_new_data_as_it_did_the_old) {
  const Dataset data = load(csv(", test=0"));
  const Preprocessing stored = preprocessing_from_json(to_json(data.preprocessing)).or_throw();
  expect_same(load_new(stored, (folder_ / "f.csv").string(), true), data.train);

  const Part shuffled = load_new(stored, file("new.csv", "species,b,a\nrose,4,2\n"));
  EXPECT_EQ(shuffled.input.at(0), data.train.input.at(4));
  EXPECT_EQ(shuffled.input.at(1), data.train.input.at(5));
  EXPECT_EQ(shuffled.target.at(0), 1);

  const std::string bare = file("bare.csv", "b,a\n4,2\n");
  EXPECT_FALSE(load_new(stored, bare).target.defined());
  EXPECT_THAT(message_of<ArgumentError>([&] { load_new(stored, bare, true); }), HasSubstr("the column species is missing"));
  EXPECT_THAT(message_of<ArgumentError>([&] { load_new(stored, file("e.csv", "a,species\n4,rose\n")); }), HasSubstr("the column b is missing"));
  EXPECT_THAT(message_of<ArgumentError>([&] { load_new(stored, file("e.csv", "a,b,c,species\n4,4,4,rose\n")); }), HasSubstr("the column c is not one the network was trained on"));
  EXPECT_THAT(message_of<ArgumentError>([&] { load_new(stored, file("e.csv", "a,b,species\n4,4,tulip\n")); }), HasSubstr("e.csv, line 2: the label 'tulip' is none of the classes lily, rose."));
  EXPECT_THAT(message_of<ArgumentError>([&] { load_new(stored, "csv(" + bare + ", test=0.5)"); }), HasSubstr("there is no argument test"));
  EXPECT_EQ(load_new(stored, "csv(" + file("other.csv", "a,b,kind\n0,0,lily\n") + ", label=kind)").target.at(0), 0);
  EXPECT_EQ(load_new(stored, "moons(n=30)").size(), 30);
  EXPECT_THAT(message_of<ArgumentError>([&] { load_new(stored, "nothing"); }), HasSubstr("there is no data set 'nothing'"));
}

TEST_F(Load, samples_of_another_size_are_refused) {
  const Dataset data = load("moons(n=20)");
  write_npy(folder_ / "x.npy", Tensor::zeros(Shape{2, 5}));
  EXPECT_THAT(message_of<ArgumentError>([&] { load_new(data.preprocessing, (folder_ / "x.npy").string()); }), HasSubstr("has samples of shape (4"));
}

class FashionMnist : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::exists("/usr/share/datasets/fashion-mnist")) data_ = new Dataset(fashion_mnist());
  }
  static void TearDownTestSuite() { delete data_; }
  void SetUp() override {
    if (data_ == nullptr) GTEST_SKIP() << "the Debian package dataset-fashion-mnist is not installed";
  }
  static inline Dataset* data_ = nullptr;
};

TEST_F(FashionMnist, the_set_has_its_published_sizes_and_balance) {
  EXPECT_EQ(data_->train.input.shape(), (Shape{60000, 784}));
  EXPECT_EQ(data_->test.input.shape(), (Shape{10000, 784}));
  EXPECT_EQ(data_->sample_shape(), (Shape{28, 28}));
  EXPECT_EQ(data_->output_count(), 10);
  std::vector<int> train(10), test(10);
  for (const int64_t k : data_->train.target.values<int64_t>()) ++train.at(static_cast<size_t>(k));
  for (const int64_t k : data_->test.target.values<int64_t>()) ++test.at(static_cast<size_t>(k));
  EXPECT_EQ(train, std::vector<int>(10, 6000));
  EXPECT_EQ(test, std::vector<int>(10, 1000));
}

TEST_F(FashionMnist, the_first_labels_and_names_are_the_known_ones) {
  const auto train = data_->train.target.values<int64_t>().first(10), test = data_->test.target.values<int64_t>().first(10);
  EXPECT_THAT(train, ElementsAre(9, 0, 0, 3, 0, 2, 7, 2, 5, 5));
  EXPECT_THAT(test, ElementsAre(9, 2, 1, 1, 6, 1, 4, 6, 5, 7));
  EXPECT_EQ(data_->class_names().at(9), "Ankle boot");
}

// The MD5 sums of the decompressed files, as the set's authors' tools see them.
TEST_F(FashionMnist, the_decoded_arrays_are_the_published_bytes) {
  const auto md5 = [](const char* name, std::initializer_list<uint32_t> sizes) {
    const Tensor array = read_idx(std::string("/usr/share/datasets/fashion-mnist/") + name + "-ubyte.gz");
    const std::string content = idx_head(8, sizes) + std::string(static_cast<const char*>(array.raw()), static_cast<size_t>(array.size()));
    unsigned char digest[16];
    EXPECT_EQ(EVP_Digest(content.data(), content.size(), digest, nullptr, EVP_md5(), nullptr), 1);
    std::string text;
    for (const unsigned char byte : digest) text += "0123456789abcdef"[byte >> 4], text += "0123456789abcdef"[byte & 15];
    return text;
  };
  EXPECT_EQ(md5("train-images-idx3", {60000, 28, 28}), "f4a8712d7a061bf5bd6d2ca38dc4d50a");
  EXPECT_EQ(md5("train-labels-idx1", {60000}), "9018921c3c673c538a1fc5bad174d6f9");
  EXPECT_EQ(md5("t10k-images-idx3", {10000, 28, 28}), "8181f5470baa50b63fa0f6fddb340f0a");
  EXPECT_EQ(md5("t10k-labels-idx1", {10000}), "15d484375f8d13e6eb1aabb0c3f46965");
}

TEST_F(FashionMnist, pixels_are_255ths_with_the_known_mean) {
  const Tensor raw = read_idx("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz");
  const auto bytes = raw.values<uint8_t>();
  const auto scaled = data_->train.input.values<float>();
  uint64_t sum = 0;
  size_t wrong = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    sum += bytes[i];
    wrong += scaled[i] != static_cast<float>(bytes[i] / 255.0);
  }
  EXPECT_EQ(wrong, 0u);
  EXPECT_NEAR(static_cast<double>(sum) / 255 / static_cast<double>(bytes.size()), 0.2860, 0.00005);  // the mean that is published for this set
}

TEST_F(FashionMnist, its_test_part_can_be_applied_and_labels_in_arrays_name_the_classes_by_number) {
  expect_same(load_new(data_->preprocessing, "fashion-mnist", true), data_->test);
  const std::string folder = "/usr/share/datasets/fashion-mnist/";
  expect_same(load_new(data_->preprocessing, "idx(" + folder + "t10k-images-idx3-ubyte.gz, " + folder + "t10k-labels-idx1-ubyte.gz)", true), data_->test);
  EXPECT_EQ(data_->specification, "fashion-mnist(path=/usr/share/datasets/fashion-mnist, validation=0, scale=unit, seed=0)");
}

TEST(FashionMnistMissing, a_folder_without_the_files_names_the_package) {
  EXPECT_THAT(message_of<FileError>([] { fashion_mnist("/nowhere"); }), HasSubstr("/nowhere/train-images-idx3-ubyte.gz is missing. Install the Debian package dataset-fashion-mnist"));
}

}  // namespace
}  // namespace rectify::data
