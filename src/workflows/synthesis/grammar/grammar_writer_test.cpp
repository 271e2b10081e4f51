#include "workflows/synthesis/grammar/grammar_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <ranges>
#include <set>

#include "foundation/config/test_support.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/test_support.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kItems = 6000;

std::vector<Item> items(int64_t count, TestWriter& writer) {
  std::vector<Item> made;
  made.reserve(static_cast<size_t>(count));
  for (int64_t id = 0; id < count; ++id) made.push_back(writer.item(id));
  return made;
}

template <class Visit>
void for_each_round(const std::vector<Item>& all, const Visit& visit) {
  for (const Item& item : all) {
    for (const Conversation& conversation : item.conversations) {
      for (const Round& round : conversation.rounds) visit(item, conversation, round);
    }
  }
}

/// How often the most frequent truth to the exact question is right: learned on one half, scored on the other.
class Guess {
 public:
  void add(int64_t id, const Round& round) {
    if (round.truth.empty()) return;
    (id % 2 == 0 ? learn_ : score_).emplace_back(round.question, round.truth);
  }
  double share() const {
    std::map<std::string, std::map<std::string, int>> by_question;
    std::map<std::string, int> all;
    for (const auto& [question, truth] : learn_) ++by_question[question][truth], ++all[truth];
    int right = 0;
    for (const auto& [question, truth] : score_) {
      const auto found = by_question.find(question);
      right += most(found == by_question.end() ? all : found->second) == truth ? 1 : 0;
    }
    return score_.empty() ? 0 : static_cast<double>(right) / static_cast<double>(score_.size());
  }

 private:
  static std::string most(const std::map<std::string, int>& counts) {
    return std::ranges::max_element(counts, {}, [](const auto& each) { return each.second; })->first;
  }
  std::vector<std::pair<std::string, std::string>> learn_;
  std::vector<std::pair<std::string, std::string>> score_;
};

TEST(GrammarWriter, AQuestionAloneDoesNotGiveItsAnswerAway) {
  TestWriter writer;
  const std::vector<Item> all = items(kItems, writer);
  std::map<std::string, Guess> by_kind;
  Guess over_all;
  for_each_round(all, [&](const Item& item, const Conversation& conversation, const Round& round) {
    by_kind[conversation.kind].add(item.id, round);
    over_all.add(item.id, round);
  });
  EXPECT_EQ(by_kind.size(), 12U);
  for (const auto& [kind, guess] : by_kind) EXPECT_LT(guess.share(), 0.5) << kind;
  EXPECT_LT(over_all.share(), 0.25);
}

TEST(GrammarWriter, YesAndNoAndTheLettersComeEquallyOften) {
  TestWriter writer;
  const std::vector<Item> all = items(kItems, writer);
  std::map<std::string, int> truths;
  for_each_round(all, [&](const Item&, const Conversation&, const Round& round) { ++truths[round.truth]; });
  const double yes = truths["yes"];
  EXPECT_GT(yes, 200);
  EXPECT_NEAR(yes / (yes + truths["no"]), 0.5, 0.07);
  const double letters = truths["A"] + truths["B"] + truths["C"] + truths["D"];
  for (const char* letter : {"A", "B", "C", "D"}) EXPECT_NEAR(truths[letter] / letters, 0.25, 0.05) << letter;
}

TEST(GrammarWriter, KeepsWhatTheKindPromises) {
  TestWriter writer(1, KindRegistry::built_in(), {}, 3);
  const KindRegistry kinds = KindRegistry::built_in();
  std::map<std::string, int> conversations;
  for (const Item& item : items(1500, writer)) {
    for (const Conversation& conversation : item.conversations) {
      const Kind& kind = kinds.find(conversation.kind);
      ++conversations[kind.name];
      EXPECT_GE(static_cast<int64_t>(conversation.rounds.size()), kind.min_rounds);
      EXPECT_LE(static_cast<int64_t>(conversation.rounds.size()), kind.max_rounds);
      std::set<std::string> questions;
      for (const Round& round : conversation.rounds) {
        EXPECT_TRUE(questions.insert(round.question).second) << round.question;
        EXPECT_EQ(static_cast<int64_t>(round.options.size()), kind.options);
        EXPECT_EQ(std::set<std::string>(round.options.begin(), round.options.end()).size(), round.options.size())
            << round.question;
        EXPECT_THAT(round.question + round.answer, AllOf(Not(HasSubstr("{")), Not(HasSubstr("  "))));
        EXPECT_FALSE(round.answer.empty()) << round.question;
        if (kind.options > 0) {
          EXPECT_THAT(round.question, HasSubstr(cat("\n", round.answer, ". ")));
        }
      }
    }
  }
  EXPECT_EQ(conversations.size(), 12U);
}

TEST(GrammarWriter, IsAFunctionOfSeedAndItem) {
  TestWriter writer(5);
  TestWriter same(5);
  TestWriter other(6);
  int differing = 0;
  for (int64_t id = 60; id-- > 0;) {
    const std::string text = item_to_json(writer.item(id)).dump();
    EXPECT_EQ(text, item_to_json(same.item(id)).dump());
    differing += text != item_to_json(other.item(id)).dump() ? 1 : 0;
  }
  EXPECT_GT(differing, 55);
}

TEST(GrammarWriter, AUsersKindIsAskedInItsForms) {
  const ScratchFolder folder;
  KindRegistry kinds = KindRegistry::built_in();
  kinds.add_file(folder.put("hue.yaml", R"(
name: Hue
family: alignment
help: colors, my way
focus: color
expand_prompt: "{caption}"
ask_prompt: "{description}"
grammar:
  - query: color
    questions: ["Hue of the {thing}?"]
    answers: ["Hue: {answer}"]
)"));
  TestWriter writer(1, kinds, {{"Hue", 1}});
  int asked = 0;
  for_each_round(items(50, writer), [&](const Item&, const Conversation& conversation, const Round& round) {
    EXPECT_EQ(conversation.kind, "Hue");
    EXPECT_THAT(round.question, HasSubstr("Hue of the "));
    EXPECT_EQ(round.answer, "Hue: " + round.truth);
    ++asked;
  });
  EXPECT_GT(asked, 40);
}

std::string refusal_of(std::string_view query, std::string_view question, int64_t options = 0) {
  Kind kind = KindRegistry::built_in().find("Color");
  kind.options = options;
  kind.grammar = {
      {.query = std::string(query), .questions = {std::string(question)}, .answers = {"{answer}"}, .closings = {}}};
  KindRegistry kinds;
  kinds.add(kind);
  return error_of([&] { GrammarWriter(kinds, TestWriter::world(), 1); });
}

TEST(GrammarWriter, RefusesAGrammarThatCannotBeAsked) {
  EXPECT_THAT(refusal_of("colour", "?"), AllOf(HasSubstr("kind Color"), HasSubstr("did you mean color")));
  EXPECT_THAT(refusal_of("color", "What color is the {nuon}?"),
              AllOf(HasSubstr("{nuon}"), HasSubstr("did you mean {noun}")));
  EXPECT_THAT(refusal_of("side_color", "?"), HasSubstr("a query of 1 picture"));
  EXPECT_THAT(refusal_of("exists", "?", 4), HasSubstr("wrong answers"));
  EXPECT_THAT(refusal_of("sign_letter", "?", 4), HasSubstr("wrong answers")) << "is 'A' the option or the letter?";
}

TEST(GrammarWriter, CountsItsCalls) {
  const KindRegistry kinds = KindRegistry::built_in();
  GrammarWriter writer(kinds, TestWriter::world(), 1);
  Item item = WorldCaptions(kinds, TestWriter::world(), {.seed = 1}).caption(0).value_or(Item{});
  Usage usage;
  const CallContext context{.stop = {}, .usage = &usage};
  writer.expand(item, context);
  writer.ask(item, {}, context);
  EXPECT_EQ(usage.calls, 2);
}

TEST(GrammarWriter, RefusesWhatTheWorldDidNotDraw) {
  GrammarWriter writer(KindRegistry::built_in(), TestWriter::world(), 1);
  Item item;
  item.kinds = {"Color"};
  item.source = "captions.txt:1";
  Usage usage;
  const CallContext context{.stop = {}, .usage = &usage};
  EXPECT_THROW(writer.expand(item, context), ProviderUnusable);
}

TEST(GrammarWriter, RefusesAKindWithoutAGrammar) {
  Kind kind = KindRegistry::built_in().find("Color");
  kind.grammar.clear();
  KindRegistry kinds;
  kinds.add(kind);
  TestWriter writer(1, kinds);
  EXPECT_THROW(writer.item(0), ProviderUnusable);
}

TestWriter writer_of(const std::vector<QuestionForms>& grammar, const std::string& focus, WorldOptions options) {
  Kind kind = KindRegistry::built_in().find("Color");
  kind.grammar = grammar;
  kind.focus = focus;
  kind.max_answer_words = 200;
  KindRegistry kinds;
  kinds.add(kind);
  return TestWriter(1, kinds, {{"Color", 1}}, 1, std::make_shared<const World>(options, Catalogue::open()));
}

TestWriter on_lattice(const QuestionForms& forms, const std::string& focus) {
  return writer_of({forms}, focus, {.max_count = 5, .occlusion = 0, .sizes = 0, .signs = {"word"}, .lattice = 4});
}

/// The cell of a 4x4 lattice.
std::string cell_at(const Placement& place) {
  return cat("ABCD"[static_cast<int>(place.x / 0.25)], static_cast<int>(place.y / 0.25) + 1);
}

TEST(GrammarWriter, NamesWhatStandsInEachCellOfALattice) {
  const QuestionForms cells{
      .query = "describe_cells", .questions = {"?"}, .answers = {"{answer}; {names}; {colors}"}, .closings = {}};
  TestWriter writer = on_lattice(cells, "count");
  int64_t things = 0;
  for_each_round(items(80, writer), [&](const Item& item, const Conversation&, const Round& round) {
    std::map<int, std::array<std::string, 3>> expected;
    for (const ObjectGroup& group : item.scenes.front().groups) {
      for (const Placement& place : group.places) {
        const int column = static_cast<int>(place.x / 0.25);
        const int row = static_cast<int>(place.y / 0.25);
        const std::string cell = cell_at(place);
        const bool colored = !group.color.empty();
        expected[10 * row + column] = {cat(cell, colored ? " " : "", group.color, " ", group.noun),
                                       cat(cell, " ", group.noun), colored ? cat(cell, " ", group.color) : ""};
        ++things;
      }
    }
    std::array<std::vector<std::string>, 3> lists;
    for (const auto& [cell, texts] : expected) {
      for (size_t i = 0; i < 3; ++i) {
        if (!texts[i].empty()) lists[i].push_back(texts[i]);
      }
    }
    EXPECT_EQ(round.answer, cat(join(lists[0], ", "), "; ", join(lists[1], ", "), "; ", join(lists[2], ", ")));
  });
  EXPECT_GT(things, 100);
}

std::vector<std::string> parts_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, separator)) parts.emplace_back(part.begin(), part.end());
  return parts;
}

/// "A1 car, B1 cup, B3 car" has "A1B3" for "car".
std::string cells_in(std::string_view list, const std::string& key) {
  std::string cells;
  for (const std::string& each : parts_of(list, ", ")) {
    if (each.substr(3) == key) cells += each.substr(0, 2);
  }
  return cells;
}

TEST(GrammarWriter, FindsTheCellsOfOneNameAndOneColor) {
  const QuestionForms cells{.query = "describe_cells",
                            .questions = {"?"},
                            .answers = {"{names}; {name}; {name_cells}; {colors}; {color}; {color_cells}"},
                            .closings = {}};
  TestWriter writer = on_lattice(cells, "count");
  int64_t several = 0;
  int64_t first = 0;
  for_each_round(items(80, writer), [&](const Item&, const Conversation&, const Round& round) {
    const std::vector<std::string> parts = parts_of(round.answer, "; ");
    ASSERT_EQ(parts.size(), 6U) << round.answer;
    for (const size_t list : {0U, 3U}) {
      const std::string& key = parts[list + 1];
      EXPECT_EQ(parts[list + 2], cells_in(parts[list], key)) << round.answer;
      EXPECT_NE(parts[list + 2], "") << round.answer;
      std::set<std::string> keys;
      for (const std::string& each : parts_of(parts[list], ", ")) keys.insert(each.substr(3));
      if (keys.size() == 1) continue;
      ++several;
      if (*keys.begin() == key) ++first;
    }
  });
  EXPECT_GT(several, 60);
  EXPECT_LT(first, several * 3 / 4) << "any of them is asked for, and not the first by the alphabet alone";
  EXPECT_GT(first, several / 4);
}

TEST(GrammarWriter, NamesTheCellsOfBothThingsBeforeTheirRelation) {
  const QuestionForms cells{.query = "relation_cells",
                            .questions = {"? {thing_a}/{thing_b}"},
                            .answers = {"{cell_a}/{cell_b}/{answer}"},
                            .closings = {}};
  TestWriter writer = on_lattice(cells, "spatial");
  int64_t asked = 0;
  for_each_round(items(80, writer), [&](const Item& item, const Conversation&, const Round& round) {
    const auto place = [&](const std::string& thing) {
      std::vector<Placement> places;
      for (const ObjectGroup& group : item.scenes.front().groups) {
        const bool meant = group.noun == thing || cat(group.color, " ", group.noun) == thing;
        if (meant) places.push_back(group.places.front());
      }
      EXPECT_EQ(places.size(), 1U) << thing;
      return places.at(0);
    };
    const std::string question = round.question.substr(2);
    const Placement a = place(question.substr(0, question.find('/')));
    const Placement b = place(question.substr(question.find('/') + 1));
    const bool across = std::abs(a.x - b.x) > std::abs(a.y - b.y);
    const std::string side = across ? (a.x < b.x ? "left" : "right") : (a.y < b.y ? "above" : "below");
    EXPECT_EQ(round.answer, cat(cell_at(a), "/", cell_at(b), "/", side)) << question;
    ++asked;
  });
  EXPECT_GT(asked, 60);
}

TEST(GrammarWriter, AsksForCellsOnALatticeAlone) {
  for (const char* query : {"describe_cells", "relation_cells"}) {
    const QuestionForms cells{.query = query, .questions = {"?"}, .answers = {"{answer}"}, .closings = {}};
    TestWriter writer = writer_of({cells}, "spatial", {});
    for_each_round(items(10, writer), [&](const Item&, const Conversation&, const Round& round) {
      ADD_FAILURE() << query << ": " << round.answer;
    });
  }
}

TEST(GrammarWriter, NamesThingsInTheOrderInWhichTheyStand) {
  const QuestionForms order{.query = "order", .questions = {"? {direction}"}, .answers = {"{answer}"}, .closings = {}};
  TestWriter writer = writer_of({order}, "spatial", {});
  std::map<std::string, int64_t> asked;
  for_each_round(items(150, writer), [&](const Item& item, const Conversation&, const Round& round) {
    const std::string direction = round.question.substr(2);
    ++asked[direction];
    std::map<double, std::string> nouns;
    for (const ObjectGroup& group : item.scenes.front().groups) {
      ASSERT_EQ(group.count(), 1);
      const Placement& place = group.places.front();
      const double along = direction.find("left") != std::string::npos ? place.x : place.y;
      const bool forth = direction == "from left to right" || direction == "from top to bottom";
      const bool alone = groups_of(item.scenes.front(), group.noun).size() == 1;
      nouns[forth ? along : -along] = alone ? group.noun : cat(group.color, " ", group.noun);
    }
    std::string expected;
    for (const auto& [position, noun] : nouns) expected += cat(expected.empty() ? "" : ", ", noun);
    EXPECT_EQ(round.truth, expected) << item.caption;
  });
  EXPECT_EQ(asked.size(), 4U);
  for (const auto& [direction, times] : asked) EXPECT_GT(times, 10) << direction;
}

TEST(GrammarWriter, EachLimitIsPassedAndKept) {
  const QuestionForms enough{.query = "enough", .questions = {"? {limit}"}, .answers = {"{answer}"}, .closings = {}};
  TestWriter writer = writer_of({enough}, "count", {.max_count = 5});
  std::map<std::string, std::map<std::string, int64_t>> truths;
  for_each_round(items(400, writer), [&](const Item&, const Conversation&, const Round& round) {
    ++truths[round.question.substr(2)][round.truth];
  });
  EXPECT_THAT(truths, testing::SizeIs(2)) << "more than two, and than three, of five";
  for (auto& [limit, counts] : truths) {
    EXPECT_GT(counts["yes"], 5) << limit;
    EXPECT_GT(counts["no"], 5) << limit;
  }
}

TEST(GrammarWriter, DeniesNothingThatItsPicturesNeverShow) {
  const WorldOptions options{.signs = {"word", "syllables"}, .compositions = "train", .held_out_compositions = 0.3};
  const Compositions train("train", options.held_out_compositions);
  const auto ask = [](std::string query, std::string question) {
    return QuestionForms{
        .query = std::move(query), .questions = {std::move(question)}, .answers = {"{answer}"}, .closings = {}};
  };
  const auto none_denied = [&](const QuestionForms& forms, const std::string& focus, const auto& add) {
    TestWriter writer = writer_of({forms}, focus, options);
    int64_t denied = 0;
    for_each_round(items(150, writer), [&](const Item& item, const Conversation&, const Round& round) {
      if (round.truth != "no") return;
      Scene asked;
      add(asked, item.scenes.front(), round);
      EXPECT_TRUE(train.take(asked)) << round.question;
      ++denied;
    });
    EXPECT_GT(denied, 20) << forms.query;
  };
  none_denied(ask("is_color", "? {color}"), "color", [](Scene& asked, const Scene&, const Round& round) {
    asked.groups.emplace_back().noun = round.about;
    asked.groups.back().color = round.question.substr(2);
  });
  none_denied(ask("exists", "?"), "any", [](Scene& asked, const Scene& shown, const Round& round) {
    asked = shown;
    asked.groups.emplace_back().noun = round.about;
  });
  none_denied(ask("sign_says", "? {text}"), "text", [](Scene& asked, const Scene&, const Round& round) {
    asked.signs.emplace_back().text = round.question.substr(2);
  });
}

TEST(WorldCaptions, RefusePairsOfPicturesBesideALattice) {
  const auto world = std::make_shared<const World>(
      WorldOptions{.max_count = 5, .occlusion = 0, .sizes = 0, .signs = {"word"}, .lattice = 4}, Catalogue::open());
  const KindRegistry kinds = KindRegistry::built_in();
  const auto refusal = [&](const std::vector<KindWeight>& weights) {
    return error_of([&] { WorldCaptions(kinds, world, {.kinds = weights}); });
  };
  EXPECT_NO_THROW(WorldCaptions(kinds, world, {.kinds = {{"Color"}, {"Text"}}}));
  EXPECT_THAT(refusal({{"Color"}, {"ContrastShort"}}), HasSubstr("ContrastShort: expected one picture"));
  EXPECT_THAT(refusal({}), HasSubstr("lattice: 0"));
}

}  // namespace
}  // namespace fusion
