// fusion chat: lines in, answers out, with and without a terminal; Ctrl-C there and in fusion ask.

#include <csignal>
#include <filesystem>
#include <sstream>

#include "foundation/config/input_file.h"
#include "tests/cli_support.h"
#include "tests/terminal.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Chat : public ModelTest {
 protected:
  static Words chat(const Words& more = {}) {
    Words words{"chat", "--model", model(), "--device", "cpu", "--threads", "1", "--detail", "4", "--max-tokens", "4"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// What the program says to `lines`, typed by nobody.
  static ProgramResult talk(const std::string& lines, const Words& more = {}) {
    ProgramResult result = run_fusion(chat(more), {.input = lines});
    EXPECT_EQ(result.signal, 0);
    EXPECT_FALSE(result.killed);
    return result;
  }
  /// The answers, one JSON object a line.
  static std::vector<nlohmann::json> answers(const std::string& lines, const Words& more = {}) {
    Words words{"--json"};
    words.insert(words.end(), more.begin(), more.end());
    const ProgramResult result = talk(lines, words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::vector<nlohmann::json> values;
    std::istringstream out(result.out);
    for (std::string line; std::getline(out, line);) values.push_back(nlohmann::json::parse(line));
    return values;
  }
  /// A model that could talk for a minute, so that a Ctrl-C always meets an answer.
  static void make_talkative(const ModelCopy& copy) {
    copy.edit_json("config.json", [](nlohmann::json& config) {
      config["max_position_embeddings"] = 1 << 16;
      config["tokenizer_model_max_length"] = 1 << 16;
    });
  }
};

TEST_F(Chat, AnswersEveryLineAsAskDoes) {
  const ProgramResult result = talk("What is it?\n");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, output_of(ask_about("-", "What is it?")));
}

TEST_F(Chat, TheConversationGrows) {
  const auto said = answers("/image " + cat_picture() + "\nWhat is it?\n\n  And now?  \nAnd now?");
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0]["picture"], cat_picture());
  EXPECT_EQ(said[0]["answer"], json_of(ask("What is it?", {"--json"}))["answer"]);
  EXPECT_TRUE(said[1]["picture"].is_null());
  EXPECT_EQ(said[1]["question"], "And now?");
  EXPECT_GT(said[1]["prompt_positions"], said[0]["prompt_positions"]);
  EXPECT_GT(said[2]["prompt_positions"], said[1]["prompt_positions"]);
}

TEST_F(Chat, ShowsSeveralPicturesInTurn) {
  const std::string coffee = source_path("examples/coffee.jpg");
  const auto said = answers("What is it?\n/image '" + coffee + "'\nAnd this?\nWhich one?\n", {cat_picture()});
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0]["picture"], cat_picture());
  EXPECT_EQ(said[1]["picture"], coffee);
  // A second picture is 64 more tokens in the text.
  EXPECT_GT(said[1]["prompt_positions"].get<int64_t>(), said[0]["prompt_positions"].get<int64_t>() + 64);
}

TEST_F(Chat, APictureCanBeTakenBack) {
  const auto said = answers("/image\nWhat is it?\n", {cat_picture()});
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0]["picture"].is_null());
}

TEST_F(Chat, ClearBeginsAnew) {
  const auto said = answers("What is it?\nWhat else?\n/clear\nWhat is it?\n");
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[2]["answer"], said[0]["answer"]);
  EXPECT_EQ(said[2]["prompt_positions"], said[0]["prompt_positions"]);
}

TEST_F(Chat, DetailHoldsForLaterQuestions) {
  const auto said = answers("a\n/clear\n/detail fast\na\n");
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0]["latent_tokens"], 4);
  EXPECT_EQ(said[1]["latent_tokens"], 16);
}

TEST_F(Chat, HistoryTellsWhoSaidWhat) {
  const ProgramResult result = talk("What is it?\n/history\n", {cat_picture(), "--quiet"});
  EXPECT_THAT(result.out, HasSubstr("you [" + cat_picture() + "]: What is it?\nfusion: "));
  EXPECT_EQ(talk("/history\n").out, "Nothing was said yet.\n");
}

TEST_F(Chat, HelpNamesEveryCommand) {
  const std::string help = talk("/help\n").out;
  for (const char* command : {"/image PATH", "/detail X", "/history", "/clear", "/help", "/exit"}) {
    EXPECT_THAT(help, HasSubstr(command));
  }
}

TEST_F(Chat, ExitLeavesTheRestUnread) {
  EXPECT_EQ(answers("a\n/exit\nb\n").size(), 1u);
}

TEST_F(Chat, ErrorsAreSaidAndTheConversationGoesOn) {
  const std::string good = talk("a\nb\n").out;
  const ProgramResult result =
      talk("a\n/image none.jpg\n/image\n/detail 5\n/detail\n/imge x\n" + std::string(5000, 'x') + "\nb\n", {"--quiet"});
  EXPECT_EQ(result.out, good);
  EXPECT_EQ(result.exit_code, 1);  // nobody was there to see them
  std::istringstream lines(result.err);
  std::vector<std::string> errors;
  for (std::string line; std::getline(lines, line);) errors.push_back(line);
  ASSERT_EQ(errors.size(), 5u) << result.err;
  EXPECT_THAT(errors[0], AllOf(HasSubstr("none.jpg"), HasSubstr("no such file")));
  EXPECT_THAT(errors[1], HasSubstr("/image: expected the path of a picture"));
  EXPECT_THAT(errors[2], AllOf(HasSubstr("/detail: "), HasSubstr("got 5"), HasSubstr("trained with 4, 16, 36, 64")));
  EXPECT_THAT(errors[3], HasSubstr("did you mean /image?"));
  EXPECT_THAT(errors[4], HasSubstr("at most 1024 positions"));
}

TEST_F(Chat, ASlashWithinAQuestionIsNoCommand) {
  EXPECT_EQ(answers("/usr/bin is what?\n /help me\n").size(), 2u);
}

TEST_F(Chat, WrongBeginningsAreRefused) {
  expect_failure(chat({"none.jpg"}), {"none.jpg", "no such file"});
  expect_usage_error(chat({"--min-p", "2"}), {"--min-p: expected a number from 0 to 1, got 2"});
  const ScratchFolder folder;
  expect_failure({"chat", "--model", folder.path()}, {folder.path(), "fusion init nano"});
}

TEST_F(Chat, LinesAreEditedAndKeptAtATerminal) {
  const ScratchFolder state;
  const Variables variables{{"XDG_STATE_HOME", state.path()}};
  {
    Terminal terminal(chat({cat_picture()}), variables);
    terminal.wait_for("[" + cat_picture() + "] > ");
    terminal.type("What iz it?\x1b[D\x1b[D\x1b[D\x1b[D\x7fs\r");  // four to the left, "z" becomes "s"
    EXPECT_THAT(terminal.wait_for("tokens/s"), AllOf(HasSubstr("tile 5/5"), HasSubstr("first token after")));
    terminal.wait_for("> ");
    terminal.type("/history\r");
    terminal.wait_for("]: What is it?");
    terminal.wait_for("> ");
    terminal.type("\x04");
    EXPECT_EQ(terminal.wait_for_end(), 0);
  }
  const std::string file = state / "fusion/chat_history";
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  Terminal terminal(chat(), variables);
  terminal.wait_for("> ");
  terminal.type("\x1b[A\x1b[A\r");  // the last line but one
  terminal.wait_for("What is it?");
  terminal.wait_for("tokens/s");
}

TEST_F(Chat, AHistoryThatCannotBeKeptIsNoError) {
  const ScratchFolder state;
  state.put("fusion", "a file where the folder would be");
  Terminal terminal(chat(), {{"XDG_STATE_HOME", state.path()}});
  terminal.wait_for("> ");
  terminal.type("a\r");
  EXPECT_THAT(terminal.wait_for("tokens/s"), Not(HasSubstr("error")));
}

TEST_F(Chat, CtrlCStopsTheAnswerAndNotTheProgram) {
  const ModelCopy copy(model());
  make_talkative(copy);
  const ScratchFolder state;
  Terminal terminal({"chat", "-m", copy.path(), "--threads", "1", "--detail", "4", "--max-tokens", "60000"},
                    {{"XDG_STATE_HOME", state.path()}});
  terminal.wait_for("> ");
  terminal.type("\x03");
  terminal.wait_for("Ctrl-D or /exit leaves.");
  terminal.wait_for("> ");
  terminal.type("given up\x03");
  terminal.wait_for("> ");
  terminal.type("What is it?\r");
  terminal.wait_for("reading: layer 6/6\r\x1b[K");
  terminal.wait_for("\xef\xbf\xbd");  // of the first word
  terminal.type("\x03");
  terminal.wait_for("what was said stays in the conversation");
  terminal.wait_for("> ");
  terminal.type("/history\r");
  EXPECT_THAT(terminal.wait_for("fusion: "), Not(HasSubstr("given up")));
  terminal.wait_for("> ");
  terminal.type("/exit\r");
  EXPECT_EQ(terminal.wait_for_end(), 0);
}

TEST_F(Chat, CtrlCEndsAnAskThatSaysWhatItHas) {
  const ModelCopy copy(model());
  make_talkative(copy);
  const Words words{"ask", "-", "What is it?", "-m", copy.path(), "--threads", "1", "--max-tokens", "60000"};
  const ProgramResult result = run_fusion(words, {.signal_at_output = SIGINT});
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out.back(), '\n');
  EXPECT_LT(result.out.size(), 50'000u);
}

}  // namespace
}  // namespace fusion
