#include "workflows/synthesis/run/run_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "foundation/core/error.h"

namespace fusion {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

TEST(RunSheet, RefusesOtherFormatsAndFoldersWithoutARun) {
  const ScratchFolder folder;
  const auto message = [&](const std::string& path) {
    try {
      write_sheet(folder.path(), path);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(message("sheet.pdf"), HasSubstr(".jpg or .png"));
  EXPECT_THAT(message("sheet.jpg"), HasSubstr(folder.path()));
}

TEST(RunSheet, LeavesOutWhatHasNothingToShow) {
  Item without_rounds = item_about({"Text"});
  without_rounds.conversations[0].rounds.clear();
  EXPECT_THAT(kinds_shown({Item(), without_rounds, item_about({"Scene"})}), ElementsAre("Scene"));
}

}  // namespace

}  // namespace fusion
