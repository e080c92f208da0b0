#include "rectify/report/findings_section.h"

#include <gmock/gmock.h>

#include <cmath>

#include "rectify/report/page.h"
#include "rectify/report/watch_figures.h"
#include "tests/report/watch_logs.h"
#include "tests/report/xml_checker.h"

namespace rectify::report {
namespace {

using diagnose::Cause;
using diagnose::Finding;
using diagnose::Level;
using diagnose::Symptom;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Finding dead_units() {
  return {.level = Level::fault, .symptom = Symptom::dead_units, .cause = Cause::learning_rate_too_high, .layer = 1, .layer_name = "layer 2, linear(64)", .units = {3, 5}, .since_step = 412,
          .evidence = {{"share of dead units", 0.75, 0.5}, {"gradient of the first layer", 2e-5, 1e-2}}, .confidence = 0.93, .remedy = "Set the learning rate to 0.003 & go on.",
          .expected_effect = "The units stay where samples reach them.",
          .consequences = {{.level = Level::warning, .symptom = Symptom::vanishing_gradient, .layer = 0, .layer_name = "layer 0, linear(64)", .since_step = 420}}};
}

Finding with(Level level, Symptom symptom) {
  Finding finding = dead_units();
  finding.level = level, finding.symptom = symptom;
  return finding;
}

TEST(FindingsSection, a_finding_says_what_where_why_how_sure_and_what_to_do) {
  const std::string page = element("main", findings_section(watch_log(3, 60), {dead_units()}));
  EXPECT_EQ(xml_problem(page), "");
  EXPECT_FALSE(has_bad_number(page));
  EXPECT_THAT(page, AllOf(HasSubstr("Diagnosis: 1 finding<"), HasSubstr("fault: dead units in layer 2, linear(64), since step 412<"), HasSubstr("learning rate too high (confidence 93 %)"),
                          HasSubstr("Set the learning rate to 0.003 &amp; go on."), HasSubstr("The units stay where samples reach them.")));
  EXPECT_THAT(page, AllOf(HasSubstr("2 units: 3, 5<"), HasSubstr("<li>vanishing gradient in layer 0, linear(64), since step 420"), HasSubstr("<svg")));
}

TEST(FindingsSection, evidence_stands_beside_its_border) {
  const std::string page = findings_section(watch_log(3, 60), {dead_units()});
  EXPECT_THAT(page, HasSubstr("share of dead units</th><td class=\"number\">0.750</td><td class=\"number\">0.500</td><td class=\"number\">1.5</td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"number\">2.00×10⁻⁵</td><td class=\"number\">0.0100</td><td class=\"number\">1/500</td>"));
}

TEST(FindingsSection, a_healthy_network_is_one_line) {
  const std::string page = findings_section(watch_log(3, 60), {});
  EXPECT_THAT(page, AllOf(HasSubstr("Nothing is wrong with the network (3 layers, 600 steps)."), Not(HasSubstr("<article")), Not(HasSubstr("<details"))));
}

TEST(FindingsSection, what_does_no_harm_is_folded_away) {
  const std::string page = findings_section(watch_log(3, 60), {with(Level::info, Symptom::zigzag)});
  EXPECT_THAT(page, AllOf(HasSubstr("Nothing is wrong"), HasSubstr("<summary>1 observation that does no harm</summary>")));
  EXPECT_LT(page.find("<details>"), page.find("<article"));
}

TEST(FindingsSection, every_symptom_has_a_picture) {
  const observe::WatchLog log = watch_log(3, 10);
  for (const Symptom symptom : diagnose::all_symptoms()) {
    const std::optional<Figure> picture = finding_figure(log, with(Level::fault, symptom), 4);
    ASSERT_TRUE(picture) << name(symptom);
    EXPECT_EQ(picture->name, "finding_4");
    EXPECT_EQ(xml_problem(picture->svg), "") << name(symptom);
    EXPECT_FALSE(has_bad_number(picture->svg)) << name(symptom);
  }
}

TEST(FindingsSection, a_picture_of_the_loss_says_where_it_is_no_longer_finite) {
  observe::WatchLog log = watch_log(3, 10);
  log.windows[9].loss = NAN, log.windows[10].loss = INFINITY;
  EXPECT_THAT(finding_figure(log, with(Level::fault, Symptom::non_finite), 1)->svg, HasSubstr(", not finite in steps 81 to 90<"));
}

TEST(FindingsSection, a_finding_about_a_layer_that_is_not_in_the_log_or_about_nothing_is_shown) {
  for (const Symptom symptom : diagnose::all_symptoms()) {
    for (const std::optional<size_t> layer : {std::optional<size_t>{}, std::optional<size_t>{77}}) {
      Finding finding = with(Level::warning, symptom);
      finding.layer = layer;
      finding.evidence = {{"<b>", NAN, 0}, {"x", INFINITY, -1}};
      for (const observe::WatchLog& log : {watch_log(3, 10), watch_log(1, 0), observe::WatchLog{}}) {
        const std::string page = element("main", findings_section(log, {finding}));
        EXPECT_EQ(xml_problem(page), "") << name(symptom);
        EXPECT_FALSE(has_bad_number(page)) << name(symptom);
      }
    }
  }
}

TEST(WatchFigures, layers_carry_the_numbers_of_their_findings) {
  const observe::WatchLog log = watch_log(3, 60);
  for (const Figure& figure : watch_figures(log, {with(Level::info, Symptom::zigzag), dead_units()})) {
    EXPECT_THAT(figure.svg, HasSubstr("font-weight=\"600\">2</text>")) << figure.name;
    EXPECT_THAT(figure.svg, Not(HasSubstr("font-weight=\"600\">1</text>"))) << "an info is not marked";
  }
}

TEST(WatchFigures, the_title_counts_the_units_at_the_end) {
  observe::WatchLog log = watch_log(3, 4);
  EXPECT_THAT(watch_figures(log, {}).front().svg, HasSubstr(">No unit is dead or stuck in the last 10 steps<"));
  log.windows.back().layers[1].dead_units = 29, log.windows.back().layers[1].stuck_units = 30;
  EXPECT_THAT(watch_figures(log, {}).front().svg, HasSubstr(">29 of 128 units are dead in the last 10 steps, 1 is stuck<"));
}

TEST(RepairSection, before_stands_beside_after) {
  const std::string page = repair_section({.changes = {"set the learning rate to 0.003"}, .rows = {{"test accuracy", "10.0 %", "88.2 %"}, {"<loss>", "2.3", "0.4"}}});
  EXPECT_EQ(xml_problem(element("main", page)), "");
  EXPECT_THAT(page, AllOf(HasSubstr("set the learning rate to 0.003"), HasSubstr("&lt;loss&gt;"),
                          HasSubstr("test accuracy</th><td class=\"number\">10.0 %</td><td class=\"number\">88.2 %</td>")));
}

}  // namespace
}  // namespace rectify::report
