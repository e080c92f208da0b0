#include "rectify/train/run.h"

#include "rectify/nn/layers.h"
#include "rectify/nn/network.h"
#include "support.h"

namespace rectify::train {
namespace {

using testing::HasSubstr;

const RunConfiguration small{.network = "linear(8), mish, dropout(0.1), linear(2)", .data = "moons(n=200, noise=0.1)", .epochs = 2, .batch = 25, .seed = 7};

std::string digest_of(Prepared run) { return weights_sha256(run.model); }

TEST(Prepare, fills_in_all_defaults_and_what_it_prints_prepares_the_same_run) {
  Prepared run = prepare(small);
  EXPECT_THAT(run.configuration.network, HasSubstr("linear(8"));
  EXPECT_THAT(run.configuration.optimiser, testing::StartsWith("adam(lr=0.001, "));
  EXPECT_EQ(run.configuration.schedule, "constant(warmup=0)");
  EXPECT_THAT(run.configuration.data, HasSubstr("seed=0"));
  Prepared again = prepare(run.configuration);
  EXPECT_EQ(to_json(again.configuration), to_json(run.configuration));
  EXPECT_EQ(weights_sha256(again.model), weights_sha256(run.model));
  fit(run.model, *run.optimiser, run.data, run.options);
  fit(again.model, *again.optimiser, again.data, again.options);
  EXPECT_EQ(weights_sha256(again.model), weights_sha256(run.model));
  EXPECT_NE(weights_sha256(again.model), digest_of(prepare(small)));
}

TEST(Prepare, takes_the_number_of_an_initialisation) {
  RunConfiguration configuration = small;
  configuration.network = "linear(4, init=constant(2)), relu, linear(2)";
  configuration.init = "constant(0.25)";
  Prepared run = prepare(configuration);
  EXPECT_EQ(dynamic_cast<nn::Linear&>(run.model[0]).weight.at(0), 2);
  EXPECT_EQ(dynamic_cast<nn::Linear&>(run.model[2]).weight.at(0), 0.25);
  EXPECT_EQ(digest_of(prepare(run.configuration)), weights_sha256(run.model));
}

std::string refusal(RunConfiguration configuration) {
  return message_of<ArgumentError>([&] { prepare(configuration); });
}

TEST(Prepare, says_both_numbers_when_the_last_layer_does_not_fit_the_data) {
  RunConfiguration c = small;
  c.network = "linear(8), relu, linear(3)";
  EXPECT_EQ(refusal(c), "[prepare] the network has 3 outputs, but the data have 2 classes, for which cross_entropy needs 2. End the network with linear(2), or give other data or another loss.");
  c.loss = "bce_with_logits";
  EXPECT_THAT(refusal(c), HasSubstr("bce_with_logits needs 1. End the network with linear(1),"));
  c.network = "linear(8), relu, linear(1)";
  EXPECT_NO_THROW(prepare(c));
}

TEST(Prepare, refuses_bad_configurations_with_the_reason) {
  const auto changed = [](auto change) {
    RunConfiguration c = small;
    change(c);
    return refusal(c);
  };
  EXPECT_THAT(changed([](auto& c) { c.network = "linear(8), rleu, linear(2)"; }), HasSubstr("Did you mean relu"));
  EXPECT_THAT(changed([](auto& c) { c.network = "linear(8"; }), HasSubstr("--net"));
  EXPECT_THAT(changed([](auto& c) { c.data = "mons"; }), HasSubstr("mons"));
  EXPECT_THAT(changed([](auto& c) { c.optimiser = "sgd(lr=-0.1)"; }), HasSubstr("[sgd] the learning rate must be a finite number >= 0, not -0.1."));
  EXPECT_THAT(changed([](auto& c) { c.schedule = "cosin"; }), HasSubstr("Did you mean cosine"));
  EXPECT_THAT(changed([](auto& c) { c.loss = "crossentropy"; }), HasSubstr("Did you mean cross_entropy"));
  EXPECT_THAT(changed([](auto& c) { c.init = "hee_normal"; }), HasSubstr("Did you mean he_normal"));
  EXPECT_THAT(changed([](auto& c) { c.epochs = -3; }), HasSubstr("-3"));
  EXPECT_THAT(changed([](auto& c) { c.batch = 0; }), HasSubstr("batch is 0"));
  EXPECT_THAT(changed([](auto& c) { c.shards = 0; }), HasSubstr("[prepare] the number of shards is 0"));
}

TEST(Prepare, asks_for_a_loss_that_fits_the_labels) {
  const auto path = std::filesystem::temp_directory_path() / ("rectify_numbers_" + std::to_string(::getpid()) + ".csv");
  write_file(path, "a,label\n1,0.5\n2,1.5\n3,2.5\n4,0.25\n");
  RunConfiguration c{.network = "linear(1)", .data = "csv(" + path.string() + ")"};
  EXPECT_THAT(refusal(c), HasSubstr("Use mse or mae"));
  c.loss = "mse";
  EXPECT_EQ(prepare(c).data.task(), data::Task::regression);
  c.network = "linear(3)";
  EXPECT_THAT(refusal(c), HasSubstr("one number per sample, for which mse needs 1"));
  std::filesystem::remove(path);
}

TEST(RunConfiguration, goes_through_json_and_back) {
  RunConfiguration c = small;
  c.data = "csv(\"a \\\"b\\\" \\u00fc.csv\")";
  c.seed = ~uint64_t{0};
  c.shards = 12;
  const RunConfiguration back = configuration_from_json(to_json(c)).or_throw();
  EXPECT_EQ(to_json(back), to_json(c));
  EXPECT_EQ(back.seed, c.seed);
  EXPECT_EQ(back.data, c.data);
  EXPECT_EQ(back.shards, 12);
}

TEST(RunConfiguration, of_a_run_that_knew_no_shards_has_one) {
  std::string text = to_json(small);
  text.replace(text.find("\"shards\":1,"), 11, "");
  EXPECT_EQ(configuration_from_json(text).or_throw().shards, 1);
}

TEST(RunConfiguration, names_the_field_that_is_missing_wrong_or_unknown) {
  const std::string good = to_json(small);
  const auto replaced = [&](const std::string& what, const std::string& with) {
    std::string text = good;
    text.replace(text.find(what), what.size(), with);
    const auto result = configuration_from_json(text);
    return result ? std::string("accepted") : result.error();
  };
  EXPECT_THAT(replaced("\"epochs\":2,", ""), HasSubstr("the field epochs is missing"));
  EXPECT_THAT(replaced("\"epochs\":2", "\"epochs\":\"2\""), HasSubstr("the field epochs must be a whole number >= 0, not \"2\""));
  EXPECT_THAT(replaced("\"epochs\":2", "\"epochs\":2.5"), HasSubstr("epochs"));
  EXPECT_THAT(replaced("\"seed\":7", "\"seed\":-7"), HasSubstr("the field seed"));
  EXPECT_THAT(replaced("\"loss\":\"cross_entropy\"", "\"loss\":3"), HasSubstr("the field loss must be a text, not number"));
  EXPECT_THAT(replaced("\"optimiser\"", "\"optimizer\""), HasSubstr("Did you mean optimiser"));
  EXPECT_THAT(configuration_from_json("[]").error(), HasSubstr("must be an object"));
  EXPECT_THAT(configuration_from_json("{\"net").error(), HasSubstr("not JSON"));
}

using RunFolder = WithRunFolder;

TEST_F(RunFolder, configuration_is_read_bare_or_out_of_a_whole_run) {
  write_file(folder_ / "bare.json", to_json(small));
  write_file(folder_ / "run.json", "{\"version\": \"1\", \"configuration\": " + to_json(small) + "}");
  write_file(folder_ / "bad.json", "{\"configuration\": {}}");
  EXPECT_EQ(to_json(read_configuration(folder_ / "bare.json")), to_json(small));
  EXPECT_EQ(to_json(read_configuration(folder_ / "run.json")), to_json(small));
  EXPECT_THAT(message_of<ArgumentError>([&] { read_configuration(folder_ / "bad.json"); }), testing::AllOf(HasSubstr("bad.json"), HasSubstr("the field network is missing")));
  EXPECT_THAT(message_of<FileError>([&] { read_configuration(folder_ / "none.json"); }), HasSubstr("none.json"));
}

TEST_F(RunFolder, model_comes_back_with_the_same_bits) {
  Prepared run = prepare(small);
  fit(run.model, *run.optimiser, run.data, run.options);
  save_model(folder_ / "model.safetensors", run.model, Shape{run.data.input_count()});
  nn::Sequential back = load_model(folder_ / "model.safetensors");
  EXPECT_EQ(back.specification(), run.model.specification());
  EXPECT_EQ(weights_sha256(back), weights_sha256(run.model));
}

TEST_F(RunFolder, saved_run_predicts_what_the_trained_one_did) {
  Prepared run = prepare(small);
  save_model(folder_ / "model.safetensors", run.model, Shape{2});
  write_file(folder_ / "run.json", "{\"configuration\": " + to_json(run.configuration) + ", \"preprocessing\": " + data::to_json(run.data.preprocessing) + "}");
  SavedRun saved = load_run(folder_);
  EXPECT_EQ(saved.preprocessing, run.data.preprocessing);
  EXPECT_EQ(to_json(saved.configuration), to_json(run.configuration));
  const Tensor expected = predict(run.model, run.data.test.input), found = predict(saved.model, run.data.test.input);
  for (int64_t i = 0; i < expected.size(); ++i) ASSERT_EQ(found.at(i), expected.at(i));
}

TEST_F(RunFolder, bad_files_are_errors_that_name_them) {
  Prepared run = prepare(small);
  const auto refusal_of_folder = [&] { return message_of<Error>([&] { load_run(folder_); }); };
  EXPECT_THAT(refusal_of_folder(), HasSubstr("run.json"));
  const std::string preprocessing = ", \"preprocessing\": " + data::to_json(run.data.preprocessing) + "}";
  const std::string description = "{\"configuration\": " + to_json(run.configuration) + preprocessing;
  write_file(folder_ / "run.json", description);
  EXPECT_THAT(refusal_of_folder(), HasSubstr("model.safetensors"));
  save_model(folder_ / "model.safetensors", run.model, Shape{2});
  EXPECT_NO_THROW(load_run(folder_));

  write_file(folder_ / "run.json", description.substr(0, 100));
  EXPECT_THAT(refusal_of_folder(), testing::AllOf(HasSubstr("run.json"), HasSubstr("not JSON")));
  write_file(folder_ / "run.json", "{\"configuration\": " + to_json(run.configuration) + "}");
  EXPECT_THAT(refusal_of_folder(), testing::AllOf(HasSubstr("run.json"), HasSubstr("preprocessing is missing")));
  write_file(folder_ / "run.json", "{\"configuration\": " + to_json(small) + preprocessing);
  EXPECT_THAT(refusal_of_folder(), HasSubstr("these are weights of"));
  write_file(folder_ / "run.json", description);

  const std::string weights = read_file(folder_ / "model.safetensors");
  write_file(folder_ / "model.safetensors", weights.substr(0, weights.size() - 4));
  EXPECT_THAT(refusal_of_folder(), HasSubstr("model.safetensors"));
  std::string other = weights;
  other.replace(other.find("linear(2"), 8, "linear(9");
  write_file(folder_ / "model.safetensors", other);
  EXPECT_THAT(refusal_of_folder(), HasSubstr("model.safetensors"));
}

}  // namespace
}  // namespace rectify::train
