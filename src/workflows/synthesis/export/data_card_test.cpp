#include "workflows/synthesis/export/data_card.h"

#include <gmock/gmock.h>

#include "foundation/config/yaml_file.h"
#include "workflows/synthesis/export/markdown.h"
#include "workflows/synthesis/report/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

RunStatistics example_statistics(int64_t count) {
  MadeStream items(count);
  return collect_statistics(items);
}

CardFacts example_card_facts() {
  CardFacts facts{.name = "Balloons: a test", .program = "fusion 0.1.0"};
  facts.command = "fusion synth world.yaml --out DIR --limit 100 --seed 7";
  facts.recipe = "kinds:\n  - Color\n";
  facts.made_with = {{"text", "embedded grammar"}, {"pictures", "embedded renderer"}};
  facts.kind_help = {{"Color", "colours of things"}};
  facts.filter_help = {{"blank", "pictures that show nothing"}};
  facts.drawings = {{.name = "openclipart", .drawings = 90, .licence = "public domain", .origin = "openclipart-svg"}};
  return facts;
}

nlohmann::json head_of(const std::string& card) {
  const size_t end = card.find("\n---\n", 4);
  return parse_yaml(card.substr(4, end - 4), "README.md");
}

TEST(DataCard, StatesTheRunsNumbers) {
  const SplitCounts splits = {
      PartCounts{.records = 160, .pictures = 80}, PartCounts{.records = 20, .pictures = 10}, {}};
  const std::string card = data_card(example_card_facts(), splits, 3, example_statistics(100));
  EXPECT_THAT(card, AllOf(HasSubstr("180 conversations with 180 questions about 90 pictures, in 2 kinds"),
                          HasSubstr("| Color | colours of things | 90 |"), HasSubstr("| train | 160 | 80 |"),
                          HasSubstr("pictures that show nothing"), HasSubstr("| 10 | 0 |"), HasSubstr("--seed 7"),
                          HasSubstr("| openclipart | openclipart-svg | public domain | 90 |")));
  EXPECT_THAT(card,
              AllOf(HasSubstr("3 files in `webdataset/`"), HasSubstr("\"id\": \"0000"), HasSubstr("mixture.yaml")));
}

TEST(DataCard, TheHeadIsYaml) {
  const SplitCounts splits = {
      PartCounts{.records = 160, .pictures = 80}, PartCounts{.records = 20, .pictures = 10}, {}};
  const nlohmann::json head = head_of(data_card(example_card_facts(), splits, 0, example_statistics(100)));
  EXPECT_EQ(head["pretty_name"], "Balloons: a test");
  EXPECT_EQ(head["size_categories"][0], "n<1K");
  EXPECT_EQ(head["configs"][0]["data_files"].size(), 2U);
}

TEST(DataCard, HostileTextStaysText) {
  const std::string evil = "---\n# x | <script>alert(1)</script> ![](http://x) ``` \" \xFF";
  CardFacts facts = example_card_facts();
  facts.name = facts.program = facts.recipe = evil;
  facts.made_with = {{evil, evil}};
  facts.drawings = {{.name = evil, .drawings = 1, .licence = evil, .origin = evil}};
  RunStatistics statistics;
  for (int64_t id = 0; id < 50; ++id) {
    Item item = example_item(id);
    item.conversations[0].kind = evil;
    item.conversations[0].rounds[0] = round_of(evil, evil, evil, evil, evil);
    item.dropped_by = id % 2 == 0 ? evil : "";
    item.drop_reason = evil;
    statistics.add(item);
  }
  const std::string card = data_card(facts, {}, 0, statistics);
  EXPECT_EQ(head_of(card)["pretty_name"], "---\n# x | <script>alert(1)</script> ![](http://x) ``` \" \xEF\xBF\xBD");
  // Only fences hold it as it is.
  bool fence = false;
  std::istringstream lines(card.substr(card.find("\n---\n") + 5));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("````")) fence = !fence;
    if (fence) continue;
    EXPECT_THAT(line, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("![]("))));
  }
}

TEST(DataCard, ARunThatKeptNothingHasACardToo) {
  const std::string card = data_card({.name = "empty"}, {}, 0, RunStatistics());
  EXPECT_THAT(card, AllOf(HasSubstr("0 conversations"), HasSubstr("Nothing was dropped"), Not(HasSubstr("nan")),
                          Not(HasSubstr("configs"))));
  EXPECT_EQ(head_of(card)["pretty_name"], "empty");
}

TEST(Markdown, NothingActs) {
  EXPECT_EQ(escape_markdown("a|b\n*c* <d> [e](f) `g`"), "a\\|b \\*c\\* &lt;d&gt; \\[e\\]\\(f\\) \\`g\\`");
  EXPECT_EQ(escape_markdown("it's #1"), "it&#39;s \\#1");
  EXPECT_EQ(fenced("sh", "a ``` b"), "````sh\na ``` b\n````\n");
  EXPECT_EQ(markdown_table({"a", "n"}, {{"x", "1"}}, 1), "| a | n |\n| --- | ---: |\n| x | 1 |\n");
}

}  // namespace
}  // namespace fusion
