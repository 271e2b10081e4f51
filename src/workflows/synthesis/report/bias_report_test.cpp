#include "workflows/synthesis/report/bias_report.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "workflows/synthesis/report/guess_table.h"
#include "workflows/synthesis/report/round_text.h"
#include "workflows/synthesis/report/test_support.h"

namespace fusion {
namespace {

using testing::DoubleNear;

Item item_with(int64_t id, const std::string& kind, Round round) {
  Item item;
  item.id = id;
  item.conversations = {conversation_of(kind, {std::move(round)})};
  return item;
}

/// Balanced colours whose question says which one it is, or does not.
BiasFigures colors(bool question_tells) {
  const std::vector<std::string> names = {"red", "green", "blue", "yellow"};
  BiasReport report;
  for (int64_t id = 0; id < 8000; ++id) {
    RandomSource random(3, static_cast<uint64_t>(id));
    const std::string& color = random.pick(names);
    const std::string question = question_tells ? cat("Why is it called the ", color, " door?") : "What color is it?";
    report.add(item_with(id, "Color", round_of(question, color, color, "door", "color")));
  }
  return report.figures();
}

TEST(BiasReport, ABalancedKindGivesNothingAway) {
  const BiasFigures figures = colors(false);
  ASSERT_EQ(figures.kinds.size(), 1U);
  EXPECT_EQ(figures.kinds[0].rounds, 8000);
  EXPECT_THAT(figures.kinds[0].majority.share(), DoubleNear(0.25, 0.02));
  EXPECT_THAT(figures.kinds[0].by_question.share(), DoubleNear(0.25, 0.03));
  EXPECT_THAT(figures.kinds[0].by_object.share(), DoubleNear(0.25, 0.03));
  EXPECT_TRUE(figures.within_caps());
}

TEST(BiasReport, AQuestionThatTellsItsAnswerIsFound) {
  const BiasFigures figures = colors(true);
  EXPECT_THAT(figures.kinds[0].majority.share(), DoubleNear(0.25, 0.02));
  EXPECT_EQ(figures.kinds[0].by_question.share(), 1.0);
  EXPECT_THAT(figures.kinds[0].by_object.share(), DoubleNear(0.25, 0.03));
  EXPECT_FALSE(figures.within_caps());
}

TEST(BiasReport, ANounThatTellsItsColorIsFoundAndNamed) {
  BiasReport report;
  for (int64_t id = 0; id < 4000; ++id) {
    const bool banana = id % 2 == 0;
    report.add(item_with(
        id, "Color",
        round_of(cat("Form ", id, "?"), "", banana ? "yellow" : "red", banana ? "banana" : "brick", "color")));
  }
  const BiasFigures figures = report.figures();
  EXPECT_EQ(figures.kinds[0].by_object.share(), 1.0);
  // No question was met before: the kind's most frequent answer is all that is left.
  EXPECT_THAT(figures.kinds[0].by_question.share(), DoubleNear(0.5, 0.05));
  ASSERT_EQ(figures.objects.size(), 2U);
  EXPECT_EQ(figures.objects[0].object, "banana");
  EXPECT_EQ(figures.objects[0].most_frequent, "yellow");
  EXPECT_EQ(figures.objects[0].share, 1.0);
  EXPECT_EQ(figures.objects[0].rounds, 2000);
}

TEST(BiasReport, TheSameWordsInAnotherKindAreAnotherQuestion) {
  BiasReport report;
  for (int64_t id = 0; id < 2000; ++id) {
    report.add(item_with(id, "A", round_of("Is it?", "yes", "yes")));
    report.add(item_with(id, "B", round_of("Is it?", "no", "no")));
  }
  const BiasFigures figures = report.figures();
  EXPECT_EQ(figures.all.by_question.share(), 1.0);
  EXPECT_EQ(figures.all.rounds, 4000);
}

TEST(BiasReport, LongAnswersAndDroppedConversationsDoNotCount) {
  BiasReport report;
  report.add(item_with(1, "Long", round_of("What?", "It is a very long answer about everything.")));
  Item dropped = item_with(2, "Short", round_of("What?", "yes"));
  dropped.conversations[0].dropped_by = "leak";
  report.add(dropped);
  EXPECT_TRUE(report.figures().kinds.empty());
  EXPECT_EQ(report.figures().all.worst(), 0);
  report.add(item_with(3, "Short", round_of("What?", "Yes.")));
  ASSERT_EQ(report.figures().kinds.size(), 1U);
  EXPECT_EQ(report.figures().kinds[0].most_frequent, "yes");
}

TEST(BiasReport, BoundsAreKeptAndTheEstimateStaysFair) {
  BiasOptions options;
  options.max_questions = 2000;
  BiasReport report(options);
  for (int64_t id = 0; id < 60'000; ++id) {
    // Questions 0 to 9999: a third of them tell the answer, the others do not.
    RandomSource random(11, static_cast<uint64_t>(id));
    const uint64_t question = random.below(10'000);
    const bool tells = question % 3 == 0;
    const std::string answer = tells ? cat("w", question % 2) : cat("w", random.below(2));
    report.add(item_with(id, "K", round_of(cat("q", question), answer, answer)));
  }
  const BiasFigures figures = report.figures();
  EXPECT_LE(figures.sampled_questions, 0.25);
  // 1/3 is always right, and of the rest a guess from three draws is right by chance.
  EXPECT_THAT(figures.all.by_question.share(), DoubleNear(1.0 / 3 + 1.0 / 3, 0.05));
  EXPECT_LT(figures.all.by_question.scored, 10'000);
}

TEST(GuessTable, TheMostFrequentAnswerOfTheLearnedHalfIsScored) {
  GuessTable table(100);
  const auto add = [&](uint64_t known, uint64_t answer, bool held_out, int times) {
    for (int i = 0; i < times; ++i) table.add({.known = known, .group = 0, .answer = answer, .held_out = held_out});
  };
  add(1, 10, false, 3);
  add(1, 11, false, 2);
  add(1, 10, true, 4);
  add(1, 11, true, 6);
  add(2, 12, true, 5);  // never learned: answered with the fallback
  const std::vector<uint64_t> fallback = {12};
  const std::vector<Guess> scores = table.score(fallback);
  EXPECT_EQ(scores[0].scored, 15);
  EXPECT_EQ(scores[0].right, 9);
}

TEST(RoundText, BareAnswersAreTruthsOrShortAnswers) {
  EXPECT_EQ(bare_answer(round_of("", "It is red, clearly.", "Red")), "red");
  EXPECT_EQ(bare_answer(round_of("", "  Three birds. ")), "three birds");
  EXPECT_EQ(bare_answer(round_of("", "There are three birds here.")), std::nullopt);
  EXPECT_EQ(bare_answer(round_of("", "")), std::nullopt);
  EXPECT_EQ(bare_answer(round_of("", "", "+")), "+");
  EXPECT_EQ(normal_text(" A  Café,\tin\nPARIS! "), "a café in paris");
}

}  // namespace
}  // namespace fusion
