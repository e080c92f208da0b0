#include "rectify/report/run_report.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "tests/report/watch_logs.h"
#include "tests/report/xml_checker.h"

namespace rectify::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

observe::Histogram bell(double scale) {
  observe::Histogram histogram{.low = -scale, .high = scale, .counts = {}, .non_finite = 0, .mean = 0.01 * scale, .standard_deviation = scale / 3};
  for (int i = 0; i < 40; ++i) histogram.counts.push_back(1 + 100 * i * (39 - i));
  return histogram;
}

/// The size of the demo: three layers, six snapshots.
RunSummary example(const std::string& name) {
  RunSummary run{.name = name, .network = "linear(256), relu, linear(128), relu, linear(10)", .data = "fashion-mnist", .optimiser = "adam(lr=0.001)",
                 .loss = "cross_entropy", .settings = {{"batch", "128"}, {"seed", "1"}}, .log = {}, .train = {0.3, 0.9}, .test = {0.35, 0.88}, .validation = {},
                 .weights_sha256 = "e3b0c442", .seconds = 12.5, .stopped = "", .activations = {activation::make(activation::Id::relu)}, .decision_regions = {}};
  const int64_t units[] = {256, 128, 10};
  for (int i = 0; i < 3; ++i) run.log.layers.push_back({std::to_string(2 * i), "linear", i < 2 ? "relu" : "", units[i]});
  for (int epoch = 0; epoch <= 5; ++epoch) {
    if (epoch > 0) {
      run.log.epochs.push_back({.epoch = epoch, .step = 469 * epoch, .learning_rate = 0.001, .seconds = 2, .train = {1.0 / epoch, 0.9}, .validation = {},
                                .test = {1.1 / epoch, 0.8 + 0.016 * epoch}});
    }
    observe::Snapshot snapshot{.epoch = epoch, .step = 469 * epoch, .layers = {}};
    for (const int64_t count : units) {
      observe::LayerSnapshot& layer = snapshot.layers.emplace_back(observe::LayerSnapshot{bell(1 + epoch), bell(1e-3 / (1 + epoch)), {}});
      for (int64_t unit = 0; unit < count; ++unit) layer.firing_rate.push_back(static_cast<float>(unit * 37 % count) / static_cast<float>(count));
    }
    run.log.snapshots.push_back(std::move(snapshot));
  }
  return run;
}

DecisionRegions small_regions() {
  return {.x = {0, 1}, .y = {0, 1}, .columns = 2, .rows = 2, .predicted = {0, 1, 1, 0}, .probability = {1, 1, 1, 1}, .points = {{0, 0, 0, false}},
          .class_names = {"0", "1"}, .x_name = "x1", .y_name = "x2"};
}

TEST(RunReport, one_run_is_a_page_that_is_complete_by_itself) {
  RunSummary run = example("first");
  run.decision_regions = small_regions();
  const std::string page = html({run});
  EXPECT_EQ(xml_problem(page), "");
  EXPECT_FALSE(has_bad_number(page));
  EXPECT_THAT(page, AllOf(HasSubstr("<title>Rectify: first</title>"), HasSubstr("88.0 %"), HasSubstr("e3b0c442"), HasSubstr("adam(lr=0.001)")));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("side by side")), Not(HasSubstr("url("))));
  for (size_t i = page.find("http"); i != std::string::npos; i = page.find("http", i + 1)) {
    EXPECT_TRUE(page.substr(i).starts_with("http://www.w3.org/")) << "only the names of the languages look like addresses: " << page.substr(i, 60);
  }
}

TEST(RunReport, several_runs_are_compared_and_linked) {
  RunSummary second = example("second");
  second.optimiser = "sgd(lr=0.1)";
  second.log.epochs.back().test.accuracy = 0.95;
  const std::string page = html({example("first"), second});
  EXPECT_EQ(xml_problem(page), "");
  EXPECT_THAT(page, AllOf(HasSubstr("href=\"#run-2\""), HasSubstr("id=\"run-2\""), HasSubstr("second classifies the test data best")));
  EXPECT_THAT(page, AllOf(HasSubstr("<td class=\"differs\"><code>sgd(lr=0.1)</code>"), HasSubstr("<td><code>fashion-mnist</code>")));
  std::set<std::string> ids;
  for (size_t i = page.find(" id=\""); i != std::string::npos; i = page.find(" id=\"", i + 1)) {
    EXPECT_TRUE(ids.insert(page.substr(i, page.find('"', i + 5) - i)).second) << "an id occurs twice";
  }
}

TEST(RunReport, three_runs_of_three_layers_stay_below_a_megabyte) {
  EXPECT_LT(html({example("relu"), example("sigmoid"), example("mish")}).size(), 1'000'000u);
}

TEST(RunReport, text_of_any_kind_is_escaped) {
  RunSummary run = example("<script>alert(1)</script>");
  run.network = "a & b < c";
  run.data = "\xff\x01\"'";
  run.stopped = "loss > 1e38 at step 7 & layer <2>";
  run.settings.push_back({"<b>", "</td>"});
  run.log.layers[0] = {"<0>", "lin<ear", "re&lu", 256};
  const std::string page = html({run, run});
  EXPECT_EQ(xml_problem(page), "");
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), HasSubstr("a &amp; b &lt; c"), HasSubstr("ended early: loss &gt; 1e38")));
}

TEST(RunReport, a_run_that_diverged_or_recorded_nothing_is_a_page_too) {
  RunSummary diverged = example("diverged");
  for (auto& record : diverged.log.epochs) record.test = {NAN, NAN}, record.train = {INFINITY, NAN};
  for (auto& snapshot : diverged.log.snapshots) {
    for (auto& layer : snapshot.layers) layer.output = {.low = 0, .high = 0, .counts = std::vector<int64_t>(40), .non_finite = 99, .mean = NAN, .standard_deviation = NAN};
  }
  diverged.test = {NAN, NAN};
  RunSummary empty;
  empty.name = "empty";
  RunSummary torn = example("torn");
  torn.log.snapshots[1].layers.pop_back();
  torn.log.snapshots[2].layers[0].firing_rate.pop_back();
  for (const std::string& page : {html({diverged}), html({empty}), html({torn}), html({diverged, empty, torn}), html({})}) {
    EXPECT_EQ(xml_problem(page), "");
    EXPECT_FALSE(has_bad_number(page));
  }
}

TEST(RunReport, regression_has_a_loss_and_no_accuracy) {
  RunSummary run = example("regression");
  for (auto& record : run.log.epochs) record.train.accuracy = record.test.accuracy = std::nullopt;
  run.train.accuracy = run.test.accuracy = std::nullopt;
  EXPECT_THAT(html({run}), AllOf(HasSubstr("Test loss ends at 0.220"), Not(HasSubstr("ccuracy"))));
}

TEST(RunReport, outputs_without_an_activation_are_not_called_dead) {
  RunSummary run = example("first");
  run.log.snapshots.back().layers[0].firing_rate[3] = 0;
  run.log.snapshots.back().layers[2].firing_rate.assign(10, 0.5f);
  const std::string page = html({run});
  EXPECT_THAT(page, AllOf(HasSubstr(">2 of 256 units (0.8 %) never fire<"), HasSubstr(">0 of 10 outputs are never above 0<")));
}

TEST(RunReport, a_watched_run_shows_its_units_its_findings_and_its_repair) {
  RunSummary run = example("watched");
  run.log.watch = watch_log(3, 60);
  EXPECT_THAT(html({run}), AllOf(HasSubstr("What the units did"), HasSubstr("No unit is dead"), Not(HasSubstr("Diagnosis")))) << "nobody has looked for findings";
  run.findings.emplace();
  EXPECT_THAT(html({run}), HasSubstr("Nothing is wrong with the network"));
  run.findings->push_back({.level = diagnose::Level::fault, .symptom = diagnose::Symptom::not_learning, .since_step = 7});
  run.repair = RepairSummary{.changes = {"clip the gradient at 1"}, .rows = {{"test loss", "2.303", "0.412"}}};
  const std::string page = html({run});
  EXPECT_EQ(xml_problem(page), "");
  EXPECT_THAT(page, AllOf(HasSubstr("fault: not learning, since step 7"), HasSubstr("clip the gradient at 1")));
  std::set<std::string> names;
  for (const NamedPicture& picture : pictures(run)) names.insert(picture.name);
  EXPECT_TRUE(names.contains("units") && names.contains("gradient_flow") && names.contains("finding_1"));
}

TEST(RunReport, its_pictures_have_names_for_files) {
  RunSummary run = example("first");
  run.decision_regions = small_regions();
  std::set<std::string> names;
  for (const NamedPicture& picture : pictures(run)) {
    EXPECT_EQ(xml_problem(picture.svg), "") << picture.name;
    EXPECT_TRUE(names.insert(picture.name).second);
  }
  EXPECT_EQ(names, (std::set<std::string>{"accuracy", "loss", "layer_0_output", "layer_0_gradient", "layer_0_firing", "layer_2_output", "layer_2_gradient",
                                          "layer_2_firing", "layer_4_output", "layer_4_gradient", "layer_4_firing", "activation_relu", "decision_regions"}));
}

TEST(RunReport, names_of_pictures_are_different_and_hold_no_paths) {
  RunSummary run = example("first");
  run.log.layers[0].name = "../../outer.inner";
  run.activations = {activation::make(activation::Id::leaky_relu, std::vector<double>{0.1}), activation::make(activation::Id::leaky_relu, std::vector<double>{0.2})};
  std::set<std::string> names;
  for (const NamedPicture& picture : pictures(run)) {
    EXPECT_EQ(picture.name.find_first_of("./\\"), std::string::npos) << picture.name;
    EXPECT_TRUE(names.insert(picture.name).second) << picture.name;
  }
  EXPECT_TRUE(names.contains("activation_leaky_relu_2"));
}

}  // namespace
}  // namespace rectify::report
