#include "workflows/synthesis/report/run_statistics.h"

#include <gmock/gmock.h>

#include <set>

#include "workflows/synthesis/report/limited_stream.h"
#include "workflows/synthesis/report/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;

TEST(RunStatistics, CountsWhatWasWrittenKeptAndDropped) {
  MadeStream items(100);
  const RunStatistics statistics = collect_statistics(items);
  EXPECT_EQ(statistics.funnel.captions, 100);
  EXPECT_EQ(statistics.funnel.asked, 100);
  EXPECT_EQ(statistics.funnel.kept, 90);
  EXPECT_EQ(statistics.funnel.conversations_written, 200);
  EXPECT_EQ(statistics.funnel.conversations_kept, 180);
  EXPECT_EQ(statistics.kinds.at("Color").written, 100);
  EXPECT_EQ(statistics.kinds.at("Color").kept, 90);
  EXPECT_EQ(statistics.kinds.at("Count").answers.total(), 90);
  EXPECT_EQ(statistics.filters.at("blank").items, 10);
  EXPECT_EQ(statistics.filters.at("blank").conversations, 0);
  EXPECT_EQ(statistics.filters.at("blank").examples.size(), 5U);
  EXPECT_EQ(statistics.question_words.count(), 180);
}

TEST(RunStatistics, AnItemThatFellWithItsConversationsIsToldByThem) {
  Item item = example_item(1);
  item.conversations[0].dropped_by = item.dropped_by = "leak";
  item.conversations[0].drop_reason = "the answer stands in the question";
  item.conversations[1].dropped_by = "balance";
  RunStatistics statistics;
  statistics.add(item);
  EXPECT_EQ(statistics.filters.at("leak").items, 0);
  EXPECT_EQ(statistics.filters.at("leak").conversations, 1);
  EXPECT_EQ(statistics.filters.at("balance").conversations, 1);
  EXPECT_EQ(statistics.filters.at("leak").examples[0].text, item.conversations[0].rounds[0].question);
}

TEST(RunStatistics, AnItemThatFellByItselfIsCountedBesideItsConversations) {
  Item item = example_item(1);
  item.dropped_by = "blank";
  item.conversations[0].dropped_by = "leak";
  RunStatistics statistics;
  statistics.add(item);
  EXPECT_EQ(statistics.filters.at("blank").items, 1);
  EXPECT_EQ(statistics.filters.at("leak").conversations, 1);
  EXPECT_EQ(statistics.funnel.conversations_kept, 0);
}

TEST(RunStatistics, ACaptionThatFellNeverCameFurther) {
  Item item;
  item.id = 3;
  item.caption = "bad";
  item.dropped_by = "unsafe";
  RunStatistics statistics;
  statistics.add(item);
  EXPECT_EQ(statistics.funnel.captions, 1);
  EXPECT_EQ(statistics.funnel.described + statistics.funnel.drawn + statistics.funnel.asked + statistics.funnel.kept,
            0);
  EXPECT_EQ(statistics.filters.at("unsafe").examples[0].text, "bad");
}

TEST(ItemSample, HoldsEveryKindAndNoItemTwice) {
  ItemSample sample(12);
  for (int64_t id = 0; id < 500; ++id) {
    Item item = example_item(id);
    // A rare kind is shown as well.
    if (id % 100 == 7) item.conversations = {conversation_of("Rare", {round_of("?", "!")})};
    sample.add(item);
  }
  std::set<int64_t> ids;
  int rare = 0;
  for (const Item& item : sample.items()) {
    EXPECT_TRUE(ids.insert(item.id).second);
    EXPECT_NE(item.id % 10, 0) << "a dropped item is shown";
    rare += item.conversations[0].kind == "Rare";
  }
  EXPECT_EQ(ids.size(), 12U);
  EXPECT_GE(rare, 3);
}

TEST(TopCounts, TheFirstTextsAreCountedOneByOne) {
  TopCounts counts(2);
  for (const char* text : {"b", "a", "b", "c", "c", "c"}) counts.add(text);
  EXPECT_EQ(counts.total(), 6);
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_TRUE(counts.is_full());
  EXPECT_EQ(counts.top(5)[0].text, "b");
  EXPECT_EQ(counts.top(1).size(), 1U);
}

std::vector<int64_t> kept_ids(std::optional<int64_t> limit) {
  MadeStream items(20);
  LimitedStream limited(items, limit);
  std::vector<int64_t> ids;
  while (const auto item = limited.next()) {
    for (const Conversation& conversation : item->conversations) {
      if (item->dropped_by.empty() && conversation.dropped_by.empty()) ids.push_back(item->id);
    }
  }
  return ids;
}

TEST(LimitedStream, EndsWithExactlyTheLimit) {
  EXPECT_THAT(kept_ids(5), ElementsAre(1, 1, 2, 2, 3));
  EXPECT_THAT(kept_ids(0), ElementsAre());
  EXPECT_EQ(kept_ids(std::nullopt).size(), 36U);
  EXPECT_EQ(kept_ids(1000).size(), 36U);
}

}  // namespace
}  // namespace fusion
