#include "workflows/synthesis/report/report_page.h"

#include <gmock/gmock.h>

#include "workflows/synthesis/report/charts.h"
#include "workflows/synthesis/report/html.h"
#include "workflows/synthesis/report/report_sections.h"
#include "workflows/synthesis/report/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ReportFacts example_facts() {
  ReportFacts facts{.title = "demo", .made = {{"recipe", "world.yaml"}, {"seed", "7"}}};
  facts.filter_help["blank"] = "pictures that show nothing";
  Usage usage;
  usage.calls = 1200;
  usage.input_tokens = 340'000;
  usage.cost = 1.5;
  usage.seconds = 62;
  facts.run.status.usage_by_provider[{.stage = Stage::kAsk, .provider = "text"}] = facts.run.status.usage = usage;
  facts.run.currency = "USD";
  return facts;
}

std::string example_page(int64_t count) {
  MadeStream items(count);
  return report_page(collect_statistics(items), example_facts());
}

TEST(ReportPage, ShowsWhatTheRunMade) {
  const std::string page = example_page(300);
  EXPECT_THAT(page, AllOf(HasSubstr("<title>demo</title>"), HasSubstr("seed <b>7</b>"), HasSubstr("id=\"bias\""),
                          HasSubstr("pictures that show nothing"), HasSubstr("1.50 USD"), HasSubstr("340,000"),
                          HasSubstr("src=\"images/000/picture.png\""), HasSubstr("How many birds are there?")));
  EXPECT_EQ(page, example_page(300));
}

TEST(ReportPage, SaysWhichCaptionsWerePassedOver) {
  ReportFacts facts{.title = "demo"};
  EXPECT_THAT(report_page(RunStatistics(), facts), Not(HasSubstr("passed over")));
  facts.run.status.broken_captions = {.count = 2, .first = {"a.txt:1: <b>", "a.txt:9: y"}};
  EXPECT_THAT(report_page(RunStatistics(), facts),
              HasSubstr("2 captions could not be used and were passed over: a.txt:1: &lt;b&gt;; a.txt:9: y"));
}

TEST(ReportPage, ARunWithNothingInItHasAPageToo) {
  const std::string page = report_page(RunStatistics(), {.title = "empty"});
  EXPECT_THAT(page, AllOf(HasSubstr("Nothing was kept."), HasSubstr("Nothing was dropped."), HasSubstr("id=\"cost\""),
                          Not(HasSubstr("nan"))));
}

TEST(ReportPage, AsksNoOtherMachineAndRunsNoScript) {
  const std::string page = example_page(50);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("http://")), Not(HasSubstr("https://")),
                          HasSubstr("Content-Security-Policy")));
}

TEST(ReportPage, HostileTextStaysText) {
  const std::string evil = "</style></p><script>alert(1)</script>\"' onload=x & \xFF\x01";
  Item item = example_item(1);
  item.caption = item.picture = evil;
  for (Conversation& conversation : item.conversations) {
    conversation.kind = evil;
    for (Round& round : conversation.rounds) round = round_of(evil, evil, evil, evil, evil);
  }
  RunStatistics statistics;
  for (int64_t id = 0; id < 80; ++id) {
    item.id = id;
    item.dropped_by = id % 2 == 0 ? evil : "";
    item.drop_reason = evil;
    statistics.add(item);
  }
  ReportFacts facts{.title = evil, .made = {{evil, evil}}, .filter_help = {{evil, evil}}};
  facts.run.status.usage_by_provider[{.stage = Stage::kAsk, .provider = evil}] = {};
  facts.run.status.stages[0].failed = 1;
  facts.run.failures = {{.stage = Stage::kAsk, .reason = evil, .items = 1}};
  facts.run.run = facts.run.currency = evil;
  facts.run.status.broken_captions = {.count = 1, .first = {evil}};
  const std::string page = report_page(statistics, facts);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("\" onload")), Not(HasSubstr("' onload")),
                          Not(HasSubstr("\xFF")), Not(HasSubstr("\x01")), HasSubstr("&lt;script&gt;")));
  // Only the page's own two style elements end.
  size_t ends = 0;
  for (size_t at = page.find("</style>"); at != std::string::npos; at = page.find("</style>", at + 1)) ++ends;
  EXPECT_EQ(ends, 2U);
}

TEST(ReportPage, AGuessAboveItsCapIsMarked) {
  RunStatistics statistics;
  for (int64_t id = 0; id < 200; ++id) {
    Item item = example_item(1);
    item.id = id;
    statistics.add(item);
  }
  EXPECT_THAT(bias_section(statistics.bias.figures()), AllOf(HasSubstr("bar over"), HasSubstr("above their caps")));
}

TEST(Html, EscapesAndKeepsLetters) {
  EXPECT_EQ(escape_html("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
  EXPECT_EQ(escape_html("naïve 🎈\n"), "naïve 🎈\n");
  EXPECT_EQ(escape_html("\xE2\x80\xAE"
                        "abc\r\x7F"),
            "abc");
  EXPECT_EQ(escape_html("\xC3"), "\xEF\xBF\xBD");
}

TEST(Html, LinksNameNoSchemeAndNoHost) {
  EXPECT_EQ(link_path("images/000/1.jpg"), "images/000/1.jpg");
  EXPECT_EQ(link_path("javascript:alert(1)"), "javascript%3Aalert%281%29");
  EXPECT_EQ(link_path("//host/a b"), "host/a%20b");
  EXPECT_EQ(link_path("/"), "");
}

TEST(Html, ShortenedTextEndsBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc…");
  EXPECT_EQ(shortened("aéé", 2), "a…");
}

TEST(Charts, EveryColumnHasItsValue) {
  const std::vector<int64_t> values = {0, 4, 8, 0, 1};
  const std::string chart = column_chart({.values = values, .title = "Words", .unit = "words"});
  EXPECT_THAT(chart, AllOf(HasSubstr("1 words: 4"), HasSubstr("height=\"120.0\""), HasSubstr("4 or more words: 1")));
  EXPECT_THAT(column_chart({.title = "none"}), HasSubstr("<svg"));
}

}  // namespace
}  // namespace fusion
