#include "workflows/synthesis/filters/make_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <set>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/core/random_source.h"
#include "workflows/synthesis/filters/test_items.h"

namespace fusion {
namespace {

KindRegistry test_kinds() {
  KindRegistry kinds;
  for (const char* name : {"Test", "Other"}) {
    Kind kind = lenient_kind(name);
    kind.family = "alignment";
    kind.focus = "any";
    kind.help = "for the test";
    kind.expand_prompt = "Describe {caption}";
    kind.ask_prompt = "Ask about {description}";
    kinds.add(kind);
  }
  return kinds;
}

/// Items of which every filter that comes without files drops some.
std::vector<Item> mixed_items(int64_t count) {
  RandomSource random(7);
  constexpr std::array kInks = {"red", "green", "blue", "white", "black", "pink"};
  constexpr std::array kNouns = {"ball", "car", "kite", "boat", "cup", "naked bird", "picture", "house", "dog"};
  std::vector<Item> items;
  for (int64_t id = 0; id < count; ++id) {
    const std::string color = random.pick(kInks);
    const std::string thing = random.pick(kNouns);
    Item item = captioned(cat("A ", color, " ", thing, " with number", random.below(3000), " on a wide road."));
    if (random.chance(0.02)) item.caption = "Un chat noir dans la rue";
    item.id = id;
    item.width = random.chance(0.02) ? 20 : 384;
    item.height = 384;
    item.picture_contrast = random.uniform(1, 90);
    item.picture_hash = random.below(20'000);
    item.conversations = {
        talk({asked(cat("What color is the ", thing, "?"), color, color),
              asked(cat("Is the ", thing, " large?"), random.chance(0.8) ? "Yes" : "No")}),
        talk({asked(cat("Is the ", thing, " large?"), random.chance(0.5) ? "Yes" : "I cannot tell")}, "Other")};
    items.push_back(item);
  }
  return items;
}

void judge_all(Judge& judge, std::span<Item> items) {
  for (Item& item : items) judge.judge_caption(item);
  for (Item& item : items) judge.judge(item);
}

std::vector<std::string> marks_of(const std::vector<Item>& items) {
  std::vector<std::string> marks;
  for (const Item& item : items) {
    marks.push_back(cat(item.dropped_by, ":", item.drop_reason));
    for (const Conversation& each : item.conversations) marks.push_back(cat(each.dropped_by, ":", each.drop_reason));
  }
  return marks;
}

TEST(Judge, GivesEveryDroppedThingItsFilterAndReason) {
  const KindRegistry kinds = test_kinds();
  std::vector<Item> items = mixed_items(3000);
  judge_all(*make_judge({}, kinds), items);
  std::set<std::string> seen;
  for (const Item& item : items) {
    EXPECT_EQ(item.dropped_by.empty(), item.drop_reason.empty());
    bool any_kept = false;
    for (const Conversation& each : item.conversations) {
      EXPECT_EQ(each.dropped_by.empty(), each.drop_reason.empty());
      any_kept = any_kept || each.dropped_by.empty();
      seen.insert(each.dropped_by);
    }
    EXPECT_EQ(any_kept, item.dropped_by.empty()) << item.id;
    seen.insert(item.dropped_by);
  }
  for (const char* name :
       {"", "language", "unsafe_caption", "duplicate_caption", "picture_size", "blank_picture", "duplicate_picture",
        "refusal", "contradiction", "duplicate_question", "balance", "nothing_left"}) {
    EXPECT_TRUE(seen.contains(name)) << name;
  }
  for (const std::string& name : seen) {
    EXPECT_TRUE(name.empty() || std::ranges::count(filter_infos(), name, &FilterInfo::name) == 1) << name;
  }
}

TEST(Judge, GoesOnAfterRememberingAsIfItHadJudgedAll) {
  const KindRegistry kinds = test_kinds();
  std::vector<Item> whole = mixed_items(2000);
  judge_all(*make_judge({}, kinds), whole);
  for (const size_t half : {size_t{1}, size_t{700}, size_t{1999}}) {
    std::vector<Item> again = mixed_items(2000);
    std::copy_n(whole.begin(), half, again.begin());
    const auto judge = make_judge({}, kinds);
    for (size_t i = 0; i < again.size(); ++i) {
      i < half ? judge->remember_caption(again[i]) : judge->judge_caption(again[i]);
    }
    for (size_t i = 0; i < again.size(); ++i) i < half ? judge->remember(again[i]) : judge->judge(again[i]);
    EXPECT_EQ(marks_of(again), marks_of(whole)) << half;
  }
}

TEST(Judge, LeavesEarlierVerdictsAlone) {
  const KindRegistry kinds = test_kinds();
  std::vector<Item> items = mixed_items(300);
  judge_all(*make_judge({}, kinds), items);
  const std::vector<std::string> before = marks_of(items);
  judge_all(*make_judge({}, kinds), items);
  EXPECT_EQ(marks_of(items), before);
}

TEST(Judge, KeepsAllWhereEveryFilterIsOff) {
  auto off = nlohmann::json::object();
  for (const FilterInfo& info : filter_infos()) {
    if (!info.section.empty()) off[std::string(info.section)] = false;
  }
  const KindRegistry kinds = test_kinds();
  std::vector<Item> items = mixed_items(300);
  judge_all(*make_judge(read_filter_options(off, "test", ""), kinds), items);
  for (const Item& item : items) EXPECT_EQ(item.dropped_by, "");
}

TEST(Judge, DropsAnItemWithoutConversations) {
  const KindRegistry kinds = test_kinds();
  Item item = captioned("A red ball lies on the grass.");
  const auto judge = make_judge({}, kinds);
  judge->judge_caption(item);
  EXPECT_EQ(item.dropped_by, "");
  judge->judge(item);
  EXPECT_EQ(item.dropped_by, "nothing_left");
}

TEST(Judge, SurvivesAnythingInAnItem) {
  const KindRegistry kinds = test_kinds();
  const auto judge = make_judge({}, kinds);
  RandomSource random(9);
  for (int i = 0; i < 500; ++i) {
    const auto text = [&random] {
      std::string bytes(random.below(60), ' ');
      for (char& c : bytes) c = static_cast<char>(random.below(256));
      return bytes;
    };
    Item item = captioned(text());
    item.conversations = {talk({asked(text(), text(), text(), {text(), text()}), {}}, text()), talk({})};
    judge->judge_caption(item);
    item.dropped_by = item.drop_reason = "";
    for (Conversation& each : item.conversations) each.dropped_by = each.drop_reason = "";
    judge->judge(item);
    EXPECT_NE(item.dropped_by, "");
  }
}

TEST(Judge, TakesTenThousandCaptionsInLessThanTwoSeconds) {
  const KindRegistry kinds = test_kinds();
  std::vector<Item> items = mixed_items(10'000);
  const auto judge = make_judge({}, kinds);
  // The processor's time: other programs have no say in it.
  const std::clock_t start = std::clock();
  for (Item& item : items) judge->judge_caption(item);
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 2);
}

}  // namespace
}  // namespace fusion
