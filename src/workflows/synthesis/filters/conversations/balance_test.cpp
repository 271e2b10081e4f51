#include "workflows/synthesis/filters/conversations/balance.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "foundation/core/random_source.h"
#include "workflows/synthesis/filters/test_items.h"

namespace fusion {
namespace {

/// How many of each answer are kept of 4,000 that `draw` gives, each to another question.
template <class Draw>
std::map<std::string, int> kept_of(Balance& filter, const Draw& draw) {
  std::map<std::string, int> kept;
  for (int i = 0; i < 4000; ++i) {
    const std::string answer = draw();
    if (keeps(filter, talk({asked(cat("Is there a thing", i, "?"), answer)}))) ++kept[answer];
  }
  return kept;
}

TEST(Balance, CapsYes) {
  Balance filter({});
  RandomSource random(1);
  const auto kept = kept_of(filter, [&] { return random.chance(0.9) ? "Yes" : "No"; });
  EXPECT_NEAR(kept.at("No"), 400, 60);
  EXPECT_LE(kept.at("Yes"), (kept.at("Yes") + kept.at("No")) * 0.55 + 20);
  EXPECT_GT(kept.at("Yes"), kept.at("No"));
}

TEST(Balance, KeepsAllOfABalancedWriter) {
  RandomSource random(2);
  Balance coins({});
  const auto kept = kept_of(coins, [&] { return random.chance(0.5) ? "Yes" : "No"; });
  EXPECT_EQ(kept.at("Yes") + kept.at("No"), 4000);
  Balance counts({});
  int64_t all = 0;
  for (const auto& [answer, count] : kept_of(counts, [&] { return cat(random.between(1, 10)); })) all += count;
  EXPECT_EQ(all, 4000);
}

TEST(Balance, CapsALetterWhateverItStandsFor) {
  Balance filter({});
  Kind kind = lenient_kind();
  kind.options = 4;
  RandomSource random(3);
  std::map<std::string, int> kept;
  for (int i = 0; i < 4000; ++i) {
    const std::string letter(1, static_cast<char>('A' + (random.chance(0.5) ? 0 : random.below(4))));
    const Round round = asked("Which one?", letter, letter, {cat("a", i), cat("b", i), cat("c", i), cat("d", i)});
    if (keeps(filter, talk({round}), kind)) ++kept[letter];
  }
  const int all = kept["A"] + kept["B"] + kept["C"] + kept["D"];
  EXPECT_GT(kept["B"], 450);
  EXPECT_LE(kept["A"], 0.3 * all + 20);
}

TEST(Balance, CapsAnyAnswerOfAKind) {
  Balance filter({});
  RandomSource random(4);
  const auto kept = kept_of(filter, [&] { return random.chance(0.8) ? "red" : cat("shade", random.below(50)); });
  int all = 0;
  for (const auto& [answer, count] : kept) all += count;
  EXPECT_LE(kept.at("red"), 0.35 * all + 20);
  EXPECT_GT(all - kept.at("red"), 700);
}

TEST(Balance, CapsAnAnswerToOneQuestion) {
  Balance filter({.answer = 1});
  RandomSource random(5);
  std::map<std::string, int> kept;
  for (int i = 0; i < 2000; ++i) {
    const std::string shade = random.chance(0.9) ? "blue" : "grey";
    const bool odd = i % 2 == 1;
    const Conversation conversation = talk({asked(odd ? cat("What is it", i, "?") : "What color is the sky?", shade)});
    if (keeps(filter, conversation) && !odd) ++kept[shade];
  }
  EXPECT_LE(kept["blue"], 0.6 * (kept["blue"] + kept["grey"]) + 21);
  EXPECT_GT(kept["blue"], kept["grey"]);
}

TEST(Balance, DoesNotDropAKindWithOneAnswerWhole) {
  Balance filter({});
  const auto kept = kept_of(filter, [] { return "red"; });
  EXPECT_EQ(kept.at("red"), 4000);
}

TEST(Balance, PassesOverFreeAnswers) {
  Balance filter({});
  const std::string answer = "It is a long answer that says a lot of things.";
  EXPECT_EQ(kept_of(filter, [&] { return answer; }).at(answer), 4000);
}

}  // namespace
}  // namespace fusion
