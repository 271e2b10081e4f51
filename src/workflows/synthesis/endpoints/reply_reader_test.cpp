#include "workflows/synthesis/endpoints/reply_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/endpoints/json_reply.h"

namespace fusion {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

Kind plain_kind() {
  Kind kind;
  kind.name = "Plain";
  kind.min_rounds = 1;
  kind.max_rounds = 2;
  kind.max_answer_words = 5;
  return kind;
}

Kind choice_kind() {
  Kind kind = plain_kind();
  kind.options = 4;
  return kind;
}

json round(const json& question, const json& answer) {
  return {{"question", question}, {"answer", answer}};
}

json choice(const json& answer, const json& options = {"red", "dark blue", "green", "pink"}) {
  return {{"question", "What color?"}, {"answer", answer}, {"options", options}};
}

Conversation read(const std::vector<json>& rounds, const Kind& kind, uint64_t seed = 1) {
  RandomSource random(seed);
  return conversation_of_reply({{"conversation", rounds}}, kind, random);
}

std::string error(const std::vector<json>& rounds, const Kind& kind) {
  return error_of([&] { read(rounds, kind); });
}

TEST(ReplyReader, ReadsAConversation) {
  const Conversation read_one =
      read({round(" What color? ", "Red."), round("A car?", "Yes, a small one.")}, plain_kind());
  EXPECT_EQ(read_one.kind, "Plain");
  ASSERT_EQ(read_one.rounds.size(), 2u);
  EXPECT_EQ(read_one.rounds[0].question, "What color?");
  EXPECT_EQ(read_one.rounds[0].answer, "Red.");
  EXPECT_EQ(read_one.rounds[0].truth, "red");
  EXPECT_EQ(read_one.rounds[1].truth, "yes");
  EXPECT_EQ(read({round("How is it?", "It is as it was.")}, plain_kind()).rounds[0].truth, "");
}

TEST(ReplyReader, TakesNumbersAndTruthValuesForTheirWords) {
  const Conversation read_one = read({round("How many?", 3), round("A car?", false)}, plain_kind());
  EXPECT_EQ(read_one.rounds[0].answer, "3");
  EXPECT_EQ(read_one.rounds[1].answer, "No");
}

TEST(ReplyReader, LeavesFurtherRoundsOut) {
  EXPECT_EQ(read({round("A?", "a"), round("B?", "b"), round("C?", "c")}, plain_kind()).rounds.size(), 2u);
}

TEST(ReplyReader, SaysWhatDoesNotFit) {
  const Kind kind = plain_kind();
  EXPECT_THAT(error({}, kind), HasSubstr("at least 1 question"));
  EXPECT_THAT(error({"A?"}, kind), HasSubstr("conversation[0]"));
  EXPECT_THAT(error({round("A?", "a"), round("B?", nullptr)}, kind), HasSubstr("conversation[1].answer"));
  EXPECT_THAT(error({round("", "a")}, kind), HasSubstr("an empty text"));
  EXPECT_THAT(error({round("A?", " \n ")}, kind), HasSubstr("an empty text"));
  EXPECT_THAT(error({round("A?", "a b c d e f")}, kind), HasSubstr("1 to 5 words, got 6 of them"));
  EXPECT_THAT(error({round("<image> A?", "a")}, kind), HasSubstr("<image>"));
  EXPECT_THAT(error({round("A\x01?", "a")}, kind), HasSubstr("control characters"));
  EXPECT_THAT(error({round(std::string(5000, 'a'), "a")}, kind), HasSubstr("5000 bytes"));
  RandomSource random(1);
  EXPECT_THAT(error_of([&] { conversation_of_reply({{"conversation", "none"}}, kind, random); }),
              HasSubstr("expected a list, got string"));
  EXPECT_THAT(error_of([&] { conversation_of_reply({{"questions", json::array()}}, kind, random); }),
              HasSubstr("'conversation': expected a list, got no such key"));
}

TEST(ReplyReader, PutsTheOptionsIntoTheQuestion) {
  const Round round = read({choice("dark blue")}, choice_kind()).rounds[0];
  ASSERT_EQ(round.options.size(), 4u);
  ASSERT_EQ(round.truth.size(), 1u);
  EXPECT_EQ(round.answer, round.truth);
  EXPECT_EQ(round.options[static_cast<size_t>(round.truth[0] - 'A')], "dark blue");
  EXPECT_THAT(round.question, HasSubstr(cat("What color?\nA. ", round.options[0], "\nB. ", round.options[1])));
  EXPECT_THAT(round.question, HasSubstr("\nAnswer with the option's letter"));
}

TEST(ReplyReader, UnderstandsHowModelsNameTheRightOption) {
  for (const char* answer : {"dark blue", "Dark Blue", "dark blue.", "B", "b", "B.", "B)", "B. dark blue",
                             "(B) dark blue", "b: Dark blue"}) {
    const Round round = read({choice(answer)}, choice_kind()).rounds[0];
    EXPECT_EQ(round.options[static_cast<size_t>(round.truth[0] - 'A')], "dark blue") << answer;
  }
}

TEST(ReplyReader, TakesLettersOffTheOptions) {
  const Round round = read({choice("C", {"A. red", "B. A. Smith", "C. green", "D. pink"})}, choice_kind()).rounds[0];
  EXPECT_THAT(round.options, testing::UnorderedElementsAre("red", "A. Smith", "green", "pink"));
  EXPECT_EQ(round.options[static_cast<size_t>(round.truth[0] - 'A')], "green");
}

TEST(ReplyReader, SpreadsTheRightOptionOverTheLetters) {
  std::map<std::string, int> letters;
  for (uint64_t seed = 0; seed < 400; ++seed) ++letters[read({choice("red")}, choice_kind(), seed).rounds[0].truth];
  ASSERT_EQ(letters.size(), 4u);
  for (const auto& [letter, count] : letters) EXPECT_NEAR(count, 100, 35) << letter;
}

TEST(ReplyReader, RefusesOptionsThatLeaveADoubt) {
  const Kind kind = choice_kind();
  EXPECT_THAT(error({choice("purple")}, kind), HasSubstr("one of the options, got \"purple\""));
  EXPECT_THAT(error({choice("E")}, kind), HasSubstr("one of the options"));
  EXPECT_THAT(error({choice("red", {"red", "Red", "green", "pink"})}, kind), HasSubstr("options that differ"));
  EXPECT_THAT(error({choice("red", {"red", "blue", "green"})}, kind), HasSubstr("4 of them, got 3"));
  EXPECT_THAT(error({choice("red", {"red", "blue", "green", "None of the above"})}, kind),
              HasSubstr("speak of one another"));
  EXPECT_THAT(error({round("A?", "red")}, kind), HasSubstr("options"));
}

TEST(ReplyReader, ReadsDescriptions) {
  Kind kind = plain_kind();
  EXPECT_THAT(descriptions_of_reply({{"descriptions", {"One."}}}, kind), ElementsAre("One."));
  kind.pictures = 2;
  EXPECT_THAT(descriptions_of_reply({{"descriptions", {"One.", "Two."}}}, kind), ElementsAre("One.", "Two."));
  EXPECT_THAT(error_of([&] { descriptions_of_reply({{"descriptions", {"One."}}}, kind); }),
              HasSubstr("2 texts, got 1"));
  EXPECT_THAT(error_of([&] { descriptions_of_reply({{"descriptions", {"One.", " One."}}}, kind); }),
              HasSubstr("texts that differ"));
  EXPECT_THAT(error_of([&] { descriptions_of_reply({{"description", "One."}}, kind); }), HasSubstr("descriptions"));
  EXPECT_THAT(error_of([&] { descriptions_of_reply({{"descriptions", {"One.", 2.5}}}, kind); }), HasSubstr("a string"));
}

TEST(ReplyReader, LivesThroughAnyReply) {
  const Kind kind = choice_kind();
  const std::string whole = json{{"conversation", {choice("B"), choice("pink")}}}.dump();
  RandomSource random(11);
  int used = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string reply = whole;
    for (uint64_t edits = random.below(4); edits > 0; --edits) {
      const size_t at = random.below(reply.size());
      switch (random.below(4)) {
        case 0:
          reply[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          reply.erase(at, random.below(9));
          break;
        case 2:
          reply.insert(at, reply.substr(random.below(reply.size()), random.below(20)));
          break;
        default:
          reply.resize(at + 1);
      }
    }
    try {
      for (const Round& round : conversation_of_reply(json_of_reply(reply), kind, random).rounds) {
        ASSERT_EQ(round.options.size(), 4u) << reply;
        ASSERT_LT(round.truth.at(0), 'E') << reply;
      }
      ++used;
    } catch (const Error&) {
      continue;
    }
  }
  EXPECT_GT(used, 1000);
  EXPECT_LT(used, 4000);
}

}  // namespace
}  // namespace fusion
