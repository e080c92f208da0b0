#include "rectify/report/drawing.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/report/xml_checker.h"

namespace rectify::report {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(XmlChecker, it_finds_what_is_wrong) {
  EXPECT_EQ(xml_problem("<a b=\"1\"><c/>x &amp; y</a>"), "");
  for (const char* bad : {"<a>", "<a></b>", "<a b=1/>", "<a>&nbsp;</a>", "<a b=\"<\"/>", "<a b=\"1\" b=\"2\"/>", "<a/><b/>", "x", "<a>1 < 2</a>", ""}) {
    EXPECT_NE(xml_problem(bad), "") << bad;
  }
}

TEST(Escape, markup_becomes_text) { EXPECT_EQ(escape("<a href=\"x\">&'é"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;é"); }

TEST(Escape, bytes_that_XML_forbids_are_replaced) {
  const std::string replaced = "\xEF\xBF\xBD";
  EXPECT_EQ(escape(std::string("\0\x1b\t\n", 4)), replaced + replaced + "\t\n");
  EXPECT_EQ(escape("\xff\xc3"), replaced + replaced);
  EXPECT_EQ(escape("\xc0\x80"), replaced + replaced) << "an overlong zero";
  EXPECT_EQ(escape("\xed\xa0\x80"), replaced + replaced + replaced) << "half a surrogate pair";
  EXPECT_EQ(escape("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
}

TEST(Decimal, numbers_are_short_and_zero_has_no_sign) {
  EXPECT_EQ(decimal(1.5), "1.5");
  EXPECT_EQ(decimal(2.0), "2");
  EXPECT_EQ(decimal(100), "100");
  EXPECT_EQ(decimal(-0.001), "0");
  EXPECT_EQ(decimal(0.126, 2), "0.13");
  EXPECT_EQ(fixed(0.5, 2), "0.50");
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(decimal(NAN), "nan");
}

TEST(Drawing, the_document_is_well_formed_whatever_the_text) {
  Drawing drawing(100, 50, "\"<x>&");
  drawing.heading("a < b & c", "\"quoted\"", 80);
  drawing.begin_clip({0, 0, 10, 10});
  drawing.line({0, 0}, {1, 1}, {palette::blue, 1, true});
  drawing.rectangle({0, 0, 5, 5}, palette::green, 0.5);
  drawing.frame({0, 0, 5, 5}, {});
  drawing.circle({1, 1}, 2, palette::paper, {palette::ink, 1});
  drawing.image({0, 0, 5, 5}, "data:,\"<", false);
  drawing.end_clip();
  drawing.text({1, 1}, "</text>", {.size = 10, .anchor = Anchor::middle, .bold = true, .halo = true, .monospaced = true});
  EXPECT_EQ(xml_problem(drawing.finish()), "") << drawing.finish();
}

TEST(Drawing, a_line_is_interrupted_where_a_point_is_not_finite) {
  Drawing drawing(10, 10, "");
  const std::vector<Point> points{{0, 0}, {1, 1}, {2, NAN}, {INFINITY, 3}, {4, 4}, {5, 5}};
  drawing.polyline(points, {});
  drawing.polygon(points, palette::blue);
  drawing.circle({NAN, 0}, 1, palette::blue);
  drawing.line({0, 0}, {0, NAN}, {});
  drawing.rectangle({0, 0, NAN, 1}, palette::blue);
  const std::string svg = drawing.finish();
  EXPECT_THAT(svg, HasSubstr("d=\"M0 0L1 1M4 4L5 5\""));
  EXPECT_FALSE(has_bad_number(svg)) << svg;
  EXPECT_THAT(svg, AllOf(Not(HasSubstr("<circle")), Not(HasSubstr("<line")), Not(HasSubstr("<rect"))));
}

TEST(Drawing, coordinates_stay_in_a_range_that_viewers_can_draw) {
  Drawing drawing(10, 10, "");
  drawing.line({-1e300, 0}, {1e300, 0}, {});
  EXPECT_THAT(drawing.finish(), HasSubstr("x1=\"-100000\""));
}

TEST(Text, it_is_broken_at_spaces_and_cut_between_characters) {
  EXPECT_THAT(wrap("one two three", 10, text_width("one two", 10)), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("unbreakable", 10, 1), ElementsAre("unbreakable"));
  EXPECT_THAT(wrap("", 10, 100), ElementsAre());
  EXPECT_EQ(shorten("short", 10, 100), "short");
  const std::string cut = shorten("éééééééééé", 10, 40);
  EXPECT_EQ(escape(cut), cut) << "no half character is left";
  EXPECT_LE(text_width(cut, 10), 40);
  EXPECT_TRUE(cut.ends_with("…"));
}

}  // namespace
}  // namespace rectify::report
