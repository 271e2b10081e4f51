#include "workflows/synthesis/kinds/kind_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kHead = R"(
name: Gaze
family: instruction
help: a test
expand_prompt: "Describe {caption}."
ask_prompt: "Ask about {description}. {ask_rules}"
)";

SharedFormsMap shared() {
  return read_shared_forms(R"(
color:
  questions: ["What color?", "Which color?"]
  short: ["{answer}"]
  sentence: ["It is {answer}."]
  closings: [In one word.]
)",
                           "forms.yaml");
}

Kind read(std::string_view tail) {
  return read_kind(cat(kHead, tail), "gaze.yaml", shared());
}

std::string refusal(std::string_view tail) {
  return error_of([tail] { read(tail); });
}

TEST(KindFile, TakesTheSharedFormsForWhatItLeavesOut) {
  const Kind kind =
      read("max_rounds: 3\ngrammar:\n  - {query: color}\n  - {query: color, style: sentence, weight: 2}\n");
  EXPECT_EQ(kind.name, "Gaze");
  EXPECT_EQ(kind.max_rounds, 3);
  EXPECT_EQ(kind.focus, "any");
  ASSERT_EQ(kind.grammar.size(), 2U);
  EXPECT_THAT(kind.grammar[0].questions, ElementsAre("What color?", "Which color?"));
  EXPECT_THAT(kind.grammar[0].answers, ElementsAre("{answer}"));
  EXPECT_THAT(kind.grammar[0].closings, ElementsAre("In one word."));
  EXPECT_THAT(kind.grammar[1].answers, ElementsAre("It is {answer}."));
  EXPECT_THAT(kind.grammar[1].closings, IsEmpty());
  EXPECT_EQ(kind.grammar[1].weight, 2);
}

TEST(KindFile, OwnFormsAndClosingsReplaceTheShared) {
  const Kind kind = read(
      "closings: [Briefly.]\ngrammar:\n  - {query: color, questions: [\"Color?\"]}\n"
      "  - {query: own, questions: [\"Why?\"], answers: [So.]}\n");
  EXPECT_THAT(kind.grammar[0].questions, ElementsAre("Color?"));
  EXPECT_THAT(kind.grammar[0].closings, ElementsAre("Briefly."));
  EXPECT_THAT(kind.grammar[1].answers, ElementsAre("So."));
}

TEST(KindFile, MayLeaveTheGrammarToATextModel) {
  EXPECT_THAT(read("").grammar, IsEmpty());
}

TEST(KindFile, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(refusal("max_round: 3\n"),
              AllOf(HasSubstr("gaze.yaml"), HasSubstr("max_round"), HasSubstr("max_rounds")));
  EXPECT_THAT(refusal("grammar:\n  - {query: color, wieght: 2}\n"), AllOf(HasSubstr("wieght"), HasSubstr("weight")));
  EXPECT_THAT(refusal("grammar:\n  - {query: color, style: shrot}\n"), HasSubstr("did you mean short"));
  EXPECT_THAT(refusal("grammar: color\n"), HasSubstr("a list of queries"));
  EXPECT_THAT(refusal("focus: colour\n"), HasSubstr("did you mean color"));
}

TEST(KindFile, RefusesAQueryWithoutForms) {
  EXPECT_THAT(refusal("grammar:\n  - {query: colour}\n"),
              AllOf(HasSubstr("questions"), HasSubstr("did you mean color")));
  EXPECT_THAT(refusal("grammar:\n  - {query: color, style: detailed}\n"), HasSubstr("answers of style detailed"));
  EXPECT_THAT(refusal("grammar:\n  - {query: color, weight: 0}\n"), HasSubstr("above 0"));
  EXPECT_THAT(refusal("grammar:\n  - {weight: 1}\n"), HasSubstr("query"));
}

TEST(KindFile, RefusesNumbersThatDoNotFit) {
  EXPECT_THAT(refusal("pictures: 3\n"), HasSubstr("1 to 2"));
  EXPECT_THAT(refusal("min_rounds: 2\n"), HasSubstr("1 to 1"));
  EXPECT_THAT(refusal("options: 1\n"), HasSubstr("2 to 8"));
  EXPECT_THAT(refusal("min_answer_words: 300\n"), HasSubstr("0 to 200"));
  EXPECT_THAT(refusal("max_rounds: 1000000\n"), HasSubstr("1 to 20"));
}

TEST(KindFile, RefusesPromptsThatCannotWork) {
  const auto with = [](std::string_view expand, std::string_view ask) {
    return error_of([&] {
      read_kind(
          cat("name: A\nfamily: alignment\nhelp: h\nexpand_prompt: \"", expand, "\"\nask_prompt: \"", ask, "\"\n"),
          "a.yaml", {});
    });
  };
  EXPECT_THAT(with("Describe it.", "{description}"), HasSubstr("{caption}"));
  EXPECT_THAT(with("{caption}", "Ask."), HasSubstr("{description} or {descriptions}"));
  EXPECT_THAT(with("{caption} {descripton}", "{description}"), HasSubstr("{descripton}"));
  EXPECT_THAT(with("{caption}", "{description} {round}"), HasSubstr("did you mean {rounds}"));
}

TEST(KindFile, RefusesWhatIsNoKind) {
  EXPECT_THAT(error_of([] { read_kind("", "a.yaml", {}); }), HasSubstr("a.yaml"));
  EXPECT_THAT(error_of([] { read_kind("- 1", "a.yaml", {}); }), HasSubstr("a.yaml"));
  EXPECT_THAT(error_of([] { read_kind("name: [", "a.yaml", {}); }), HasSubstr("a.yaml"));
  EXPECT_THAT(refusal("name2: x\n"), HasSubstr("name2"));
}

}  // namespace
}  // namespace fusion
