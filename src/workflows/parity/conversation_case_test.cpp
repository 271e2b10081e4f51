#include "workflows/parity/conversation_case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

const std::string kCase = FUSION_SOURCE_DIR "/parity/goldens/n_conversation";

/// The golden conversation with something changed.
class ChangedConversation {
 public:
  explicit ChangedConversation(const std::function<void(nlohmann::json&)>& change) {
    std::filesystem::copy(kCase, folder_.path());
    nlohmann::json json;
    std::ifstream(kCase + "/conversation.json") >> json;
    change(json);
    folder_.put("conversation.json", json.dump());
  }

  const std::string& folder() const { return folder_.path(); }

  std::vector<std::string> failed() const {
    std::vector<std::string> names;
    Trace stages;
    for (const StageCheck& check : check_conversation(folder(), {}, {}, stages)) {
      if (!check.holds) names.push_back(check.name);
    }
    return names;
  }

  std::string error() const {
    return error_of([&] { failed(); });
  }

 private:
  ScratchFolder folder_;
};

TEST(ConversationCase, NamesWhatIsNotEqual) {
  const ChangedConversation changed([](nlohmann::json& json) {
    json["rounds"][0]["answer"] = "a bird";
    json["rounds"][1]["labels"][0] = -400;
    json["rounds"][2]["output_ids"][0] = 7;
    json["cli_rounds"][1]["vision_pos"][0][0] = 7;
  });
  const std::vector<std::string> expected{"round.0.answer", "round.1.labels", "round.2.output_ids", "cli.1.vision_pos"};
  EXPECT_EQ(changed.failed(), expected);
}

TEST(ConversationCase, AnotherQuestionChangesItsRoundAndTheNext) {
  const ChangedConversation changed([](nlohmann::json& json) { json["questions"][1] = "And what is under it?"; });
  const auto failed = changed.failed();
  EXPECT_TRUE(std::ranges::find(failed, "round.1.instruct_ids") != failed.end());
  EXPECT_TRUE(std::ranges::find(failed, "round.2.prompt") != failed.end());
  EXPECT_TRUE(std::ranges::find(failed, "round.0.logits") == failed.end());
}

TEST(ConversationCase, AnotherPictureChangesThePixels) {
  const ChangedConversation changed([](nlohmann::json&) {});
  std::filesystem::copy(FUSION_SOURCE_DIR "/parity/goldens/o_conversation_llama/picture.png",
                        changed.folder() + "/picture.png", std::filesystem::copy_options::overwrite_existing);
  const auto failed = changed.failed();
  ASSERT_FALSE(failed.empty());
  EXPECT_EQ(failed[0], "in.images");
}

TEST(ConversationCase, RefusesAMissingRound) {
  const ChangedConversation changed([](nlohmann::json& json) { json["rounds"].erase(2); });
  EXPECT_NE(changed.error().find("'rounds': expected 3 of them, got 2"), std::string::npos) << changed.error();
}

TEST(ConversationCase, RefusesRoundsThatAreNoList) {
  const ChangedConversation changed([](nlohmann::json& json) { json["rounds"] = "none"; });
  EXPECT_NE(changed.error().find("rounds: expected a list, got string"), std::string::npos) << changed.error();
}

TEST(ConversationCase, RefusesARoundWithoutItsLabels) {
  const ChangedConversation changed([](nlohmann::json& json) { json["rounds"][1].erase("labels"); });
  EXPECT_NE(changed.error().find("rounds[1].labels"), std::string::npos) << changed.error();
}

TEST(ConversationCase, RefusesALatentCountThatIsNoSquare) {
  const ChangedConversation changed([](nlohmann::json& json) { json["query_len_used"] = 5; });
  EXPECT_NE(changed.error().find("query_len_used"), std::string::npos) << changed.error();
}

TEST(ConversationCase, RefusesAMissingPicture) {
  const ChangedConversation changed([](nlohmann::json&) {});
  std::filesystem::remove(changed.folder() + "/picture.png");
  EXPECT_NE(changed.error().find("picture.png"), std::string::npos) << changed.error();
}

}  // namespace
}  // namespace fusion
