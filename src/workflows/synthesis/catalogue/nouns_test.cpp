#include "workflows/synthesis/catalogue/nouns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

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

TEST(Nouns, TableIsReadStrictly) {
  EXPECT_THAT(error_of([] { NounTable("{\"categories\": {}}"); }), HasSubstr("families"));
  EXPECT_THAT(error_of([] { NounTable("[1, 2"); }), HasSubstr("nouns.json"));
}

}  // namespace
}  // namespace fusion
