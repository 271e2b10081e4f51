#include "pipeline/preprocess/prompt_text.h"

#include <gtest/gtest.h>

#include "pipeline/preprocess/tokenizer_cleanup.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {
namespace {

PromptText sample() {
  PromptText text("<a>");
  text.append_literal("x<a>y");
  text.append("<a>");
  return text;
}

TEST(PromptText, MarkupIsFoundOutsideLiteralText) {
  EXPECT_EQ(sample().find_markup("<a>"), 0U);
  EXPECT_EQ(sample().find_markup("<a>", 1), 8U);
  EXPECT_EQ(sample().find_markup("<b>"), std::string::npos);
  PromptText torn("<");
  torn.append_literal("a");
  torn.append(">");
  EXPECT_EQ(torn.find_markup("<a>"), std::string::npos);
}

TEST(PromptText, SplitKeepsWhatIsLiteral) {
  const auto parts = sample().split("<a>");
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].text(), "");
  EXPECT_EQ(parts[1].text(), "x<a>y");
  ASSERT_EQ(parts[1].literal().size(), 1U);
  EXPECT_EQ(parts[1].literal()[0].end, 5U);
  EXPECT_EQ(parts[2].text(), "");
}

TEST(PromptText, NeighbouringLiteralRangesAreOne) {
  PromptText text;
  text.append_literal("a");
  text.append_literal("");
  text.append_literal("b");
  EXPECT_EQ(text.literal().size(), 1U);
  PromptText outer("-");
  outer.append_prompt(text);
  ASSERT_EQ(outer.literal().size(), 1U);
  EXPECT_EQ(outer.literal()[0].begin, 1U);
  EXPECT_EQ(outer.literal()[0].end, 3U);
}

TEST(PromptText, BrokenUtf8IsReplacedOnEachSideOfABorder) {
  PromptText text("\xE5\xA5");
  text.append_literal("\xBD!");
  const PromptText valid = text.valid_utf8();
  EXPECT_EQ(valid.text(), "\xEF\xBF\xBD\xEF\xBF\xBD!");
  ASSERT_EQ(valid.literal().size(), 1U);
  EXPECT_EQ(valid.literal()[0].begin, 3U);
}

TEST(Utf8, BrokenPartsAreReplacedAsPythonDoes) {
  const std::string r(kReplacement);
  EXPECT_EQ(replace_broken_utf8("a\xFFz"), "a" + r + "z");
  EXPECT_EQ(replace_broken_utf8("\xE2\x82"), r);                      // a cut character is one
  EXPECT_EQ(replace_broken_utf8("\xF0\x9F\x91z"), r + "z");           // so is its longest possible part
  EXPECT_EQ(replace_broken_utf8("\xC0\xAF"), r + r);                  // overlong
  EXPECT_EQ(replace_broken_utf8("\xED\xA0\x80"), r + r + r);          // surrogate
  EXPECT_EQ(replace_broken_utf8("\xF4\x90\x80\x80"), r + r + r + r);  // past U+10FFFF
  EXPECT_EQ(replace_broken_utf8("😀é"), "😀é");
}

TEST(Utf8, WhiteSpaceOfBothKinds) {
  EXPECT_EQ(strip(" \t\n\x1C\u00A0\u3000x y\u2028 "), "x y");
  EXPECT_EQ(strip("\u200B"), "\u200B");
  EXPECT_EQ(leading_space("\x1C ", SpaceRule::kUnicode), 0U);
  EXPECT_EQ(leading_space(" \u0085x", SpaceRule::kUnicode), 3U);
  EXPECT_EQ(trailing_space("x\u00A0 ", SpaceRule::kUnicode), 3U);
}

/// Hands out a text in given parts.
class Parts final : public TokenDecoder {
 public:
  explicit Parts(std::vector<std::string> parts) : parts_(std::move(parts)) {}
  void push(int64_t id, std::string& out) override { out += parts_[static_cast<size_t>(id)]; }
  void finish(std::string& /*out*/) override {}

 private:
  std::vector<std::string> parts_;
};

TEST(CleanUp, RulesRunOneAfterTheOther) {
  EXPECT_EQ(clean_up_spaces("a . b ? do n't I 'm ' x"), "a. b? don't I'm'x");
  EXPECT_EQ(clean_up_spaces("x n ' t"), "xn't");
  EXPECT_EQ(clean_up_spaces("  ."), " .");
}

TEST(CleanUp, StreamEqualsTheWholeForEveryCut) {
  for (const std::string text :
       {"a ' ' ' b", "n n ' t ' s", "     '     .", " ' v ' ve ' re", "x   ' s nnn 'm  n't", "    ", "a b c . d"}) {
    for (size_t first = 0; first <= text.size(); ++first) {
      for (size_t second = first; second <= text.size(); ++second) {
        auto parts = std::make_unique<Parts>(
            std::vector<std::string>{text.substr(0, first), text.substr(first, second - first), text.substr(second)});
        const auto decoder = clean_up_decoder(std::move(parts));
        std::string out;
        for (int64_t id = 0; id < 3; ++id) decoder->push(id, out);
        decoder->finish(out);
        EXPECT_EQ(out, clean_up_spaces(text)) << text << " cut at " << first << " and " << second;
      }
    }
  }
}

}  // namespace
}  // namespace fusion
