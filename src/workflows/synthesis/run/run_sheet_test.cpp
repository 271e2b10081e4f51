#include "workflows/synthesis/run/run_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusion {

namespace {

using testing::ElementsAre;

Item item_about(const std::vector<std::string>& kinds) {
  Item item;
  for (const std::string& kind : kinds) {
    Conversation& conversation = item.conversations.emplace_back();
    conversation.kind = kind;
    conversation.rounds.emplace_back().question = "What is it?";
  }
  return item;
}

std::vector<std::string> kinds_shown(const std::vector<Item>& items) {
  std::vector<std::string> kinds;
  for (const ShownItem& shown : take_turns(items)) kinds.push_back(shown.item.conversations[shown.conversation].kind);
  return kinds;
}

TEST(RunSheet, KindsTakeTurns) {
  EXPECT_THAT(kinds_shown({item_about({"Color", "Count"}), item_about({"Color", "Count"}), item_about({"Color"}),
                           item_about({"Color", "Count"})}),
              ElementsAre("Color", "Count", "Color", "Count"));
}

TEST(RunSheet, LeavesOutWhatHasNothingToShow) {
  Item without_rounds = item_about({"Text"});
  without_rounds.conversations[0].rounds.clear();
  EXPECT_THAT(kinds_shown({Item(), without_rounds, item_about({"Scene"})}), ElementsAre("Scene"));
}

}  // namespace

}  // namespace fusion
