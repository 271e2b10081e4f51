#include "workflows/synthesis/filters/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workflows/synthesis/filters/phrase_set.h"

namespace fusion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Words, AreLowerCaseRunsOfLettersAndDigits) {
  EXPECT_THAT(folded_words("Three red-and-white Balls, 12 of them!\n(See?)"),
              ElementsAre("three", "red", "and", "white", "balls", "12", "of", "them", "see"));
  EXPECT_THAT(folded_words(" .,;:!?-\"()[] \t\n"), IsEmpty());
  EXPECT_THAT(folded_words(""), IsEmpty());
}

TEST(Words, KeepApostrophesInsideOnly) {
  EXPECT_THAT(folded_words("the dog's 'quoted' can’t dogs'"), ElementsAre("the", "dog's", "quoted", "can't", "dogs"));
}

TEST(Words, FoldOtherAlphabets) {
  EXPECT_THAT(folded_words("ÄRGER ÉTÉ ŁÓDŹ ΣΟΦΟΣ МОСКВА ЁЖ ĲSSEL Ÿ"),
              ElementsAre("ärger", "été", "łódź", "σοφοσ", "москва", "ёж", "ĳssel", "ÿ"));
  EXPECT_THAT(folded_words("ＮＵＤＥ ｎｕｄｅ １２"), ElementsAre("nude", "nude", "12"));
}

TEST(Words, AreNotHiddenByWhatDoesNotShow) {
  EXPECT_THAT(folded_words("nu\u200Bde n\u00ADude \uFEFFnude nu\u2060de"), ElementsAre("nude", "nude", "nude", "nude"));
}

TEST(Words, ArePartedByOtherPunctuationAndSymbols) {
  EXPECT_THAT(folded_words("a—b…c“d”e×f。g、h！i\u00A0j"),
              ElementsAre("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"));
}

TEST(Words, SurviveBrokenUtf8) {
  EXPECT_THAT(folded_words("red\xFF"
                           "ball \xC3"),
              ElementsAre("red", "ball"));
  EXPECT_THAT(folded_words("\xF0\x9F"), IsEmpty());
}

TEST(Words, PassOverRunsThatAreData) {
  EXPECT_THAT(folded_words("a " + std::string(1'000'000, 'x') + " b"), ElementsAre("a", "b"));
}

TEST(Words, HashDependsOnTheirOrder) {
  EXPECT_EQ(hash_of(folded_words("Red ball.")), hash_of(folded_words("red  BALL")));
  EXPECT_NE(hash_of(folded_words("red ball")), hash_of(folded_words("ball red")));
  EXPECT_NE(hash_of(folded_words("red ball")), hash_of(folded_words("redball")));
}

TEST(Words, TellNumbers) {
  EXPECT_EQ(number_of("seven"), 7);
  EXPECT_EQ(number_of("0012"), 12);
  EXPECT_EQ(number_of("12345"), -1);
  EXPECT_EQ(number_of("ball"), -1);
  EXPECT_EQ(number_of(""), -1);
}

TEST(PhraseSet, FindsWholeWordsInAnyCase) {
  PhraseSet phrases;
  phrases.add_lines("# a comment\n\nCum # not cumulus\nSevered Head\nÄrger");
  EXPECT_EQ(phrases.find(folded_words("a SEVERED  head lies")), "severed head");
  EXPECT_EQ(phrases.find(folded_words("viel ÄRGER")), "ärger");
  EXPECT_EQ(phrases.find(folded_words("cumulus clouds over a document")), std::nullopt);
  EXPECT_EQ(phrases.find(folded_words("a head, severed")), std::nullopt);
  EXPECT_EQ(phrases.find(folded_words("a severed")), std::nullopt);
  EXPECT_EQ(phrases.find({}), std::nullopt);
}

TEST(PhraseSet, OfNoWordsIsEmpty) {
  PhraseSet phrases;
  phrases.add_lines("# nothing\n  \n...\n");
  EXPECT_TRUE(phrases.empty());
}

}  // namespace
}  // namespace fusion
