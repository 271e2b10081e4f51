#include "workflows/synthesis/catalogue/nouns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const NounTable& table() {
  static const NounTable kTable = NounTable::embedded();
  return kTable;
}

std::string sentence(std::string_view name) {
  return table().clean(name, NameStyle::kSentence).value_or("");
}
std::string title(std::string_view name) {
  return table().clean(name, NameStyle::kTitle).value_or("");
}

constexpr const char* kEmptyTable = R"({"categories": {}, "families": {}, "irregular": {}, "pairs": [], "singular": [],
    "uncountable": [], "unusable": [], "decoration": [], "unsafe": [], "misnamed": []})";

TEST(Nouns, LeaveOutArticlesColoursAndProperNames) {
  EXPECT_EQ(sentence("A frog."), "frog");
  EXPECT_EQ(sentence("A red kangaroo."), "kangaroo");
  EXPECT_EQ(sentence("A ripe, red tomato!"), "");
  EXPECT_EQ(sentence("A Magellanic penguin."), "penguin");
  EXPECT_EQ(sentence("An albino peahen (a female peafowl, or peacock)."), "peahen");
  EXPECT_EQ(sentence("A camera.  Say Cheese!"), "camera");
  EXPECT_EQ(sentence("A knight\xE2\x80\x99s helmet."), "knight's helmet");
  EXPECT_EQ(title("Hot Dog"), "hot dog");
  EXPECT_EQ(title("bus2"), "bus");
  EXPECT_EQ(title("ice_cream_cone"), "ice cream cone");
}

TEST(Nouns, RefuseWhatCannotBeNamed) {
  for (const char* name : {"",
                           " ",
                           "A",
                           "The",
                           "An Adelaide Rosella.",
                           "2 + 2",
                           "4",
                           "caf\xC3\xA9",
                           "\x01\x02",
                           "\xFF\xFE cat",
                           "a cat on a mat",
                           "dog head",
                           "untitled",
                           "red",
                           "an orange",
                           "x",
                           "--",
                           "the bird that sings",
                           "R2D2",
                           "a/b",
                           "bird\ncage"}) {
    EXPECT_EQ(sentence(name), "") << name;
  }
  EXPECT_EQ(title(std::string(5000, 'a')), "");
  EXPECT_EQ(title("one two three cat"), "") << "more than three words";
}

TEST(Nouns, RefuseWhatCannotBeCountedOrShown) {
  for (const char* name : {"bread", "green hay", "two frogs", "mice", "a cup of coffee", "a pair of cherries"}) {
    EXPECT_EQ(sentence(name), "") << name;
  }
  for (const char* name : {"pistol", "a beer mug", "Skull"}) EXPECT_EQ(title(name), "") << name;
}

TEST(Nouns, CallPairsByTheirNumber) {
  EXPECT_EQ(sentence("scissors"), "pair of scissors");
  EXPECT_EQ(sentence("A pair of blue jeans."), "pair of jeans");
  EXPECT_EQ(table().plural("pair of jeans"), "pairs of jeans");
  EXPECT_EQ(table().category("pair of scissors"), "school");
}

TEST(Nouns, HaveTheirPlurals) {
  const std::pair<const char*, const char*> kPlurals[] = {{"cat", "cats"},
                                                          {"box", "boxes"},
                                                          {"bus", "buses"},
                                                          {"cherry", "cherries"},
                                                          {"toy", "toys"},
                                                          {"key", "keys"},
                                                          {"knife", "knives"},
                                                          {"leaf", "leaves"},
                                                          {"loaf of bread", "loaves of bread"},
                                                          {"mouse", "mice"},
                                                          {"computer mouse", "computer mice"},
                                                          {"goose", "geese"},
                                                          {"mongoose", "mongooses"},
                                                          {"fish", "fish"},
                                                          {"jellyfish", "jellyfish"},
                                                          {"sheep", "sheep"},
                                                          {"reindeer", "reindeer"},
                                                          {"snowman", "snowmen"},
                                                          {"tomato", "tomatoes"},
                                                          {"piano", "pianos"},
                                                          {"dress", "dresses"},
                                                          {"church", "churches"},
                                                          {"brush", "brushes"},
                                                          {"die", "dice"},
                                                          {"tooth", "teeth"},
                                                          {"giraffe", "giraffes"},
                                                          {"axe", "axes"},
                                                          {"kitchen knife", "kitchen knives"},
                                                          {"magnifying glass", "magnifying glasses"},
                                                          {"fox", "foxes"},
                                                          {"elf's hat", "elf's hats"},
                                                          {"waltz", "waltzes"},
                                                          {"penknife", "penknives"}};
  for (const auto& [one, many] : kPlurals) EXPECT_EQ(table().plural(one), many);
}

TEST(Nouns, KnowWhatCouldBeTakenForEachOther) {
  EXPECT_EQ(table().family("eagle"), table().family("bird"));
  EXPECT_EQ(table().family("emperor penguin"), table().family("owl"));
  EXPECT_EQ(table().family("kite"), table().family("diamond"));
  EXPECT_EQ(table().family("soccer ball"), table().family("circle"));
  EXPECT_EQ(table().family("loaf of bread"), table().family("croissant"));
  EXPECT_NE(table().family("hot dog"), table().family("dog"));
  EXPECT_NE(table().family("cat"), table().family("dog"));
  EXPECT_EQ(table().family("gizmo"), "gizmo");
}

TEST(Nouns, AreCutToWhatIsKnown) {
  EXPECT_EQ(table().known_part("gatto cat"), "cat");
  EXPECT_EQ(table().known_part("old tennis racket"), "tennis racket");
  EXPECT_EQ(table().known_part("pair of scissors"), "pair of scissors");
  EXPECT_EQ(table().known_part("cricket bat"), "cricket bat");
  EXPECT_EQ(table().known_part("cat thing"), std::nullopt);
  EXPECT_EQ(table().known_part("pair of gizmos"), std::nullopt);
}

TEST(Nouns, AreGivenWhereThePictureSaysMoreThanItsName) {
  EXPECT_EQ(table().given("openclipart/animals/birds/gufo_civetta_architetto__01"), "owl") << "an Italian title";
  EXPECT_EQ(table().given("openclipart/recreation/games/cards/white/white_h_q"), "queen of hearts") << "no title";
  EXPECT_EQ(table().given("stamp/animals/mammals/bears/toys/edward_bear"), "teddy bear") << "a proper name";
  EXPECT_EQ(table().given("emoji/1f469-200d-1f692"), "firefighter");
  EXPECT_EQ(table().given("emoji/1f1eb-1f1f7"), "flag of France");
  for (const char* none : {"", "owl", "emoji/", "emoji/1f4a9", "stamp/seasonal/halloween/skull",
                           "openclipart/tools/weapons/katana", "openclipart/people/stripper_jarno_vasamaa_01r"}) {
    EXPECT_EQ(table().given(none), std::nullopt) << none;
  }
}

TEST(Nouns, OfFlagsAndCardsConflictWithWhatTheyShow) {
  EXPECT_EQ(table().plural("flag of the Netherlands"), "flags of the Netherlands");
  EXPECT_EQ(table().family("flag of France"), table().family("flag"));
  EXPECT_EQ(table().family("flag of Somalia"), table().family("star"));
  EXPECT_EQ(table().family("flag of Japan"), table().family("circle"));
  EXPECT_EQ(table().family("six of hearts"), table().family("heart"));
  EXPECT_EQ(table().family("warning sign"), table().family("triangle"));
  EXPECT_EQ(table().family("bunch of balloons"), table().family("balloon"));
  EXPECT_EQ(table().family("cup of coffee"), table().family("mug"));
  EXPECT_EQ(table().plural("cup of coffee"), "cups of coffee");
  EXPECT_EQ(table().plural("six of hearts"), "sixes of hearts");
}

TEST(Nouns, TableIsReadStrictly) {
  EXPECT_THAT(error_of([] { NounTable("{\"categories\": {}}"); }), HasSubstr("families"));
  EXPECT_THAT(error_of([] { NounTable("[1, 2"); }), HasSubstr("nouns.json"));
  const std::string nouns = kEmptyTable;
  EXPECT_EQ(NounTable(nouns, R"({"stamp": {"owl": ["a", "b"]}})").given("stamp/b"), "owl");
  EXPECT_THAT(error_of([&] { NounTable(nouns, R"({"stamp": {"owl": ["a"], "gull": ["a"]}})"); }),
              AllOf(HasSubstr("names.json"), HasSubstr("two for stamp/a")));
  EXPECT_THAT(error_of([&] { NounTable(nouns, R"({"stamp": {"owl": "a"}})"); }), HasSubstr("names.json"));
}

}  // namespace
}  // namespace fusion
