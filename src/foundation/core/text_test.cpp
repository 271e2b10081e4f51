#include "foundation/core/text.h"

#include <gtest/gtest.h>

#include "foundation/core/checked.h"
#include "foundation/core/error.h"

namespace fusion {
namespace {

TEST(Text, JoinsWithSeparatorBetween) {
  EXPECT_EQ(join(std::vector<int>{3, 4, 5}, "x"), "3x4x5");
  EXPECT_EQ(join(std::vector<int>{}, "x"), "");
}

TEST(Text, ClosestMatchFindsTyposAndRefusesStrangers) {
  const std::vector<std::string> flags{"--temperature", "--detail", "--device"};
  EXPECT_EQ(closest_match("--temperatur", flags), "--temperature");
  EXPECT_EQ(closest_match("--devcie", flags), "--device");
  EXPECT_EQ(closest_match("--zzzzzz", flags), "");
  EXPECT_EQ(closest_match("aks", {"info", "ask"}), "ask");
  EXPECT_EQ(closest_match("ksa", {"ask"}), "");
}

TEST(Text, PrintableHidesControlCharactersAndCuts) {
  EXPECT_EQ(printable(std::string("a\x1b[31m\xff", 7)), "a?[31m?");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("фото.jpg"), "фото.jpg");
  EXPECT_EQ(printable("фото", 3), "ф...");
  EXPECT_EQ(printable("a\u009b\u202eb\u2028c\xd1"), "a??b?c?");
}

TEST(Error, MessageIsOneLineInAFixedOrder) {
  const Error error(
      {.who = "x.png", .expected = "a picture", .got = "text", .cause = "a renamed file?", .hint = "open it"});
  EXPECT_STREQ(error.what(), "x.png: expected a picture, got text (a renamed file?); open it");
  EXPECT_STREQ(Error({.who = "x.png", .got = "nothing"}).what(), "x.png: got nothing");
}

TEST(Checked, OverflowIsNothing) {
  EXPECT_EQ(checked_mul(6, 7), 42u);
  EXPECT_EQ(checked_mul(UINT64_MAX, 2), std::nullopt);
  EXPECT_EQ(checked_add(UINT64_MAX, 1), std::nullopt);
}

TEST(Text, WordsStandBetweenWhiteSpace) {
  EXPECT_EQ(word_count(" one  two\nthree "), 3);
  EXPECT_EQ(word_count(""), 0);
}

}  // namespace
}  // namespace fusion
