// The report of a run that was watched, diagnosed and repaired: that it says what the run's files say.
#include <gmock/gmock.h>

#include "tests/cli/program.h"
#include "tests/report/xml_checker.h"

namespace rectify::cli_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Reports : public ProgramTest {
 protected:
  void train(const std::string& net, const std::string& run, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"train", "--data", "spirals(n=600, seed=1)", "--net", net, "--optimiser", "sgd(lr=0.1)", "--batch", "32", "--epochs", "8", "--out", run};
    all.insert(all.end(), more.begin(), more.end());
    const Outcome outcome = rectify(all);
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
  }
  std::string page_of(const std::string& run) const {
    const Outcome outcome = rectify({"report", run, "--out", "page.html"});
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    const std::string page = content_of(folder / "page.html");
    EXPECT_EQ(report::xml_problem(page), "");
    EXPECT_FALSE(report::has_bad_number(page));
    return page;
  }
};

constexpr const char* sigmoids = "linear(32), sigmoid, linear(32), sigmoid, linear(32), sigmoid, linear(32), sigmoid, linear(32), sigmoid, linear(2)";

TEST_F(Reports, show_the_units_and_the_gradient_of_a_watched_run) {
  train("linear(16), relu, linear(2)", "run");
  const std::string page = page_of("run");
  EXPECT_THAT(page, AllOf(HasSubstr("What the units did"), HasSubstr("Diagnosis"), HasSubstr("0: linear(16), relu\nbefore training: "), HasSubstr("weights × ")));
  EXPECT_EQ(page, content_of(folder / "run" / "report.html")) << "train writes the same report";
}

TEST_F(Reports, have_the_findings_of_diagnose) {
  train(sigmoids, "run");
  const nlohmann::json diagnosis = rectify_json({"diagnose", "run"});
  ASSERT_EQ(diagnosis["findings"][0]["level"], "fault");
  ASSERT_EQ(diagnosis["findings"][0]["symptom"], "vanishing_gradient");
  EXPECT_THAT(page_of("run"), HasSubstr("fault: vanishing gradient in " + diagnosis["findings"][0]["layer"].get<std::string>()));
  EXPECT_EQ(rectify({"plot", "run", "--out", "pictures"}).status, 0);
  for (const char* name : {"units.svg", "gradient_flow.svg", "finding_1.svg"}) EXPECT_EQ(report::xml_problem(content_of(folder / "pictures" / name)), "") << name;
}

TEST_F(Reports, have_before_and_after_of_a_repaired_run) {
  train(sigmoids, "run");
  const nlohmann::json repair = rectify_json({"repair", "run", "--out", "fixed"});
  const nlohmann::json adopted = repair["interruptions"][0]["adopted"];
  ASSERT_TRUE(adopted.is_string());
  const std::string page = content_of(folder / "fixed" / "report.html");
  EXPECT_THAT(page, AllOf(HasSubstr("Before and after the repair"), HasSubstr(adopted.get<std::string>()), HasSubstr("held-out loss of the proof")));
  EXPECT_THAT(page, Not(HasSubstr("before training: "))) << "a repaired run did not begin as its configuration does";
}

TEST_F(Reports, of_a_run_without_a_watch_or_without_its_data_say_less) {
  train("linear(8), relu, linear(2)", "unwatched", {"--no-watch"});
  EXPECT_THAT(page_of("unwatched"), AllOf(Not(HasSubstr("What the units did")), Not(HasSubstr("Diagnosis"))));
  write("points.csv", "x,kind\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n7,a\n8,b\n9,a\n10,b\n");
  ASSERT_EQ(rectify({"train", "--data", "points.csv", "--net", "linear(4), relu, linear(2)", "--epochs", "3", "--batch", "2", "--out", "run"}).status, 0);
  std::filesystem::remove(folder / "points.csv");
  const Outcome outcome = rectify({"report", "run", "--out", "page.html"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.errors, HasSubstr("the run is not diagnosed"));
  EXPECT_THAT(content_of(folder / "page.html"), AllOf(HasSubstr("What the units did"), Not(HasSubstr("Diagnosis"))));
}

TEST_F(Reports, a_record_of_a_repair_that_is_none_is_refused) {
  train("linear(8), relu, linear(2)", "run");
  for (const char* text : {"", "[]", "3", "{\"after\": {}}", "{\"interruptions\": 1, \"after\": {}}", "{\"interruptions\": [], \"after\": 2"}) {
    write("run/repair.json", text);
    const Outcome outcome = rectify({"report", "run", "--out", "page.html"});
    EXPECT_EQ(outcome.status, 2) << text;
    EXPECT_THAT(outcome.errors, HasSubstr("repair.json"));
  }
  write("run/repair.json", R"({"interruptions": [1, {"adopted": null}, {"adopted": "x", "attempts": {"x": 3}}], "before": 1, "after": {}})");
  EXPECT_EQ(rectify({"report", "run", "--out", "page.html"}).status, 0) << "fields that say nothing are shown as such";
}

}  // namespace
}  // namespace rectify::cli_test
