// What the embedded world gives away to someone who does not look at the picture.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/items/palette.h"
#include "workflows/synthesis/run/synthesis_run.h"

namespace fusion {
namespace {

/// About 3,000 pictures with two conversations each, of the recipe that everyone begins with.
RunStatistics statistics_of_the_world() {
  Recipe recipe = read_recipe(FUSION_SOURCE_DIR "/examples/synth/world.yaml");
  recipe.items = 5000;
  recipe.render.width = 64;
  recipe.render.height = 64;
  const ScratchFolder folder;
  return run_recipe(recipe, {.folder = folder.path()}).exported->statistics;
}

/// How often each bare answer was given, over all kinds.
std::map<std::string, int64_t> answers(const RunStatistics& statistics) {
  std::map<std::string, int64_t> counts;
  for (const auto& [name, kind] : statistics.kinds) {
    for (const TopCounts::Entry& each : kind.answers.top(1000)) counts[each.text] += each.count;
  }
  return counts;
}

void expect_guesses_to_be_wrong_mostly(const RunStatistics& statistics) {
  const BiasFigures figures = statistics.bias.figures();
  EXPECT_EQ(figures.sampled_questions, 1);
  EXPECT_GT(figures.all.rounds, 6000);
  EXPECT_LT(figures.all.worst(), 0.35);
  ASSERT_EQ(figures.kinds.size(), 12);
  for (const KindBias& kind : figures.kinds) {
    EXPECT_GT(kind.rounds, 100) << kind.kind;
    EXPECT_LT(kind.majority.share(), 0.6) << kind.kind << ", always " << kind.most_frequent;
    EXPECT_LT(kind.by_question.share(), 0.6) << kind.kind << ", by the question's words";
    EXPECT_LT(kind.by_object.share(), 0.6) << kind.kind << ", by the noun";
  }
  EXPECT_TRUE(figures.within_caps());
}

void expect_yes_as_often_as_no(const RunStatistics& statistics) {
  const auto counts = answers(statistics);
  const auto yes = static_cast<double>(counts.at("yes"));
  const auto no = static_cast<double>(counts.at("no"));
  EXPECT_GT(yes + no, 300);
  EXPECT_NEAR(yes / (yes + no), 0.5, 0.06);
}

void expect_options_to_be_right_alike_often(const RunStatistics& statistics) {
  const TopCounts& letters = statistics.kinds.at("MultiChoice").answers;
  const auto total = static_cast<double>(letters.total());
  EXPECT_GT(total, 600);
  ASSERT_EQ(letters.top(5).size(), 4);
  for (const TopCounts::Entry& each : letters.top(4)) {
    EXPECT_NEAR(static_cast<double>(each.count) / total, 0.25, 0.05) << each.text;
  }
}

void expect_every_color_number_and_side(const RunStatistics& statistics) {
  const auto shares_of = [&](const std::string& kind, const std::vector<std::string>& wanted) {
    std::map<std::string, double> shares;
    double total = 0;
    for (const TopCounts::Entry& each : statistics.kinds.at(kind).answers.top(1000)) {
      if (std::ranges::find(wanted, each.text) == wanted.end()) continue;
      shares[each.text] = static_cast<double>(each.count);
      total += shares[each.text];
    }
    for (auto& [text, share] : shares) share /= total;
    return shares;
  };
  for (const auto& [side, share] : shares_of("Spatial", {"left", "right", "above", "below"})) {
    EXPECT_NEAR(share, 0.25, 0.12) << side;
  }
  std::vector<std::string> colors;
  for (const NamedColor& color : palette()) colors.emplace_back(color.name);
  const auto color_shares = shares_of("Color", colors);
  EXPECT_EQ(color_shares.size(), colors.size());
  for (const auto& [color, share] : color_shares) EXPECT_NEAR(share, 1.0 / 11, 0.06) << color;
  const auto number_shares = shares_of("Count", {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"});
  EXPECT_EQ(number_shares.size(), 10);
  for (const auto& [number, share] : number_shares) {
    EXPECT_GT(share, 0.03) << number;
    EXPECT_LT(share, 0.35) << number;
  }
}

TEST(Balance, AQuestionAloneGivesLittleAway) {
  const RunStatistics statistics = statistics_of_the_world();
  expect_guesses_to_be_wrong_mostly(statistics);
  expect_yes_as_often_as_no(statistics);
  expect_options_to_be_right_alike_often(statistics);
  expect_every_color_number_and_side(statistics);
}

}  // namespace
}  // namespace fusion
