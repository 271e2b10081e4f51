// More than one question: folders, several questions, JSON Lines, and a whole conversation of the reference.

#include <filesystem>
#include <fstream>
#include <sstream>

#include "foundation/config/json_file.h"
#include "tests/cli_support.h"

namespace fusion {
namespace {

using testing::HasSubstr;

std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::istringstream lines(text);
  std::vector<nlohmann::json> values;
  for (std::string line; std::getline(lines, line);) values.push_back(nlohmann::json::parse(line));
  return values;
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Many : public ModelTest {
 protected:
  static Words with_model(const Words& first, const Words& more = {}) {
    Words words{"ask"};
    words.insert(words.end(), first.begin(), first.end());
    const Words common{"--model", model(), "--device", "cpu", "--threads", "1", "--detail", "4", "--max-tokens", "4"};
    words.insert(words.end(), common.begin(), common.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static nlohmann::json line(const std::string& question) { return {{"image", cat_picture()}, {"question", question}}; }
};

TEST_F(Many, EveryQuestionAboutEveryPictureOfAFolderAsOneByOne) {
  const auto answers = json_lines(
      output_of(with_model({source_path("examples"), "-Q", "What is it?", "-Q", "Which colour has it?"}, {"--json"})));
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0]["picture"], cat_picture());
  EXPECT_EQ(answers[0]["encoded_tiles"], 5);
  EXPECT_EQ(answers[1]["encoded_tiles"], 1);
  EXPECT_EQ(answers[1]["answer"], json_of(ask("Which colour has it?", {"--json"}))["answer"]);
  EXPECT_THAT(answers[2]["picture"].get<std::string>(), HasSubstr("coffee.jpg"));
  const std::string text = output_of(with_model({cat_picture(), "-Q", "What is it?", "-Q", "And now?"}));
  EXPECT_THAT(text, testing::StartsWith(cat_picture() + ": What is it?\n" + output_of(ask("What is it?"))));
}

TEST_F(Many, SeveralQuestionsWithoutAPicture) {
  const auto answers = json_lines(output_of(with_model({"-", "-Q", "What is a cat?", "-Q", "And a dog?"}, {"--json"})));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[1]["picture"].is_null());
}

TEST_F(Many, AnUnreadablePictureIsSaidAndTheOthersAreAnswered) {
  const ScratchFolder folder;
  folder.put("a.jpg", "no picture");
  std::filesystem::copy(cat_picture(), folder / "b.jpg");
  const ProgramResult result = run_fusion(with_model({folder.path(), "What is it?"}, {"--json"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(json_lines(result.out).size(), 1u);
  EXPECT_THAT(result.err, testing::AllOf(HasSubstr("a.jpg"), HasSubstr("got 1 that are not")));
}

TEST_F(Many, JsonLinesInAndOut) {
  const ScratchFolder folder;
  const std::string questions = line("What is it?").dump() + "\nbroken\n" + line("And now?").dump() + "\n";
  const std::string in = folder.put("questions.jsonl", questions);
  const std::string out = folder / "answers.jsonl";
  const ProgramResult result = run_fusion(with_model({"--jsonl", in, "--out", out, "--batch", "2"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("2 answered, 1 failed, 0 answered before"));
  EXPECT_THAT(result.err, HasSubstr("got 1 that cannot"));
  std::vector<nlohmann::json> by_line(4);
  for (const auto& record : json_lines(text_of_file(out))) by_line[record["line"]] = record;
  EXPECT_EQ(by_line[1]["answer"], json_of(ask("What is it?", {"--json"}))["answer"]);
  EXPECT_THAT(by_line[2]["error"].get<std::string>(), HasSubstr("valid JSON"));
  EXPECT_EQ(by_line[3]["answer"], json_of(ask("And now?", {"--json"}))["answer"]);

  const std::string before = text_of_file(out);
  expect_failure(with_model({"--jsonl", in, "--out", out}), {"--resume", "--force"});
  EXPECT_EQ(text_of_file(out), before);

  // What failed is tried again, and has one line in the end.
  const ProgramResult again = run_fusion(with_model({"--jsonl", in, "--out", out, "--resume"}));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.out, HasSubstr("0 answered, 1 failed, 2 answered before"));
  EXPECT_EQ(json_lines(text_of_file(out)).size(), 3u);
  folder.put("questions.jsonl",
             line("What is it?").dump() + "\n" + line("Mended?").dump() + "\n" + line("And now?").dump() + "\n");
  EXPECT_THAT(output_of(with_model({"--jsonl", in, "--out", out, "--resume"})),
              HasSubstr("1 answered, 0 failed, 2 answered before"));
  EXPECT_THAT(text_of_file(out), testing::Not(HasSubstr("error")));
  folder.put("questions.jsonl", questions);
  expect_usage_error(with_model({"--jsonl", in, "--out", in, "--force"}), {"--out: expected another file"});
  EXPECT_EQ(text_of_file(in), questions);
  expect_usage_error(with_model({"--jsonl", in, "--resume"}), {"--resume"});
  const ProgramResult piped = run_fusion(with_model({"--jsonl", "-"}), {.input = line("What is it?").dump()});
  EXPECT_EQ(json_lines(piped.out).at(0)["answer"], by_line[1]["answer"]);
  expect_failure(with_model({"--jsonl", folder / "none.jsonl"}), {"none.jsonl"});
}

/// The command line and the reference agree on three rounds about one picture.
class ReferenceConversation : public testing::TestWithParam<const char*> {};

TEST_P(ReferenceConversation, IsAnsweredAsTheReferenceDid) {
  const std::string folder = source_path(std::string("parity/goldens/") + GetParam());
  const nlohmann::json golden = read_json_file(folder + "/conversation.json");
  const auto& rounds = golden["rounds"];
  nlohmann::json messages;
  std::string lines;
  for (size_t i = 0; i < rounds.size(); ++i) {
    const std::string mark = i == 0 ? "<image>\n" : "";
    messages.push_back({{"from", "human"}, {"value", mark + golden["questions"][i].get<std::string>()}});
    lines += nlohmann::json{{"image", folder + "/picture.png"}, {"conversations", messages}}.dump() + "\n";
    messages.push_back({{"from", "gpt"}, {"value", rounds[i]["answer"]}});
  }
  const auto number = [&](const char* key) { return std::to_string(golden[key].get<int64_t>()); };
  for (const char* batch : {"1", "3"}) {
    const Words words{
        "ask",     "--jsonl", "-",   "--model",  folder, "--detail",     number("query_len_used"), "--dtype",
        "float32", "--batch", batch, "--device", "cpu",  "--max-tokens", number("max_new_tokens")};
    const ProgramResult result = run_fusion(words, {.input = lines});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto answers = json_lines(result.out);
    ASSERT_EQ(answers.size(), rounds.size());
    for (size_t i = 0; i < answers.size(); ++i) {
      EXPECT_EQ(answers[i]["answer"], rounds[i]["answer"]) << "round " << i + 1 << ", batches of " << batch;
      EXPECT_EQ(answers[i]["new_tokens"], rounds[i]["output_ids"].size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, ReferenceConversation, testing::Values("n_conversation", "o_conversation_llama"));

}  // namespace
}  // namespace fusion
