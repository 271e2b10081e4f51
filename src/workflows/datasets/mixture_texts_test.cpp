#include "workflows/datasets/mixture_texts.h"

#include <gmock/gmock.h>

#include "workflows/datasets/test_support.h"

namespace fusion {
namespace {

using testing::ElementsAre;

TEST(MixtureTexts, AreWhatIsSaidWithoutMarksAndControlTokens) {
  const TestSet set(record_line("a", "cat.png", "Is it a cat?") + record_line("b", "", " And now? \n"));
  const auto texts = mixture_texts(*Mixture::open(set.path(), {}), find_template("phi_3"), 100);
  EXPECT_THAT(texts, ElementsAre("You are a helpful AI assistant.", "Is it a cat?", "It is blue.",
                                 "You are a helpful AI assistant.", "And now?", "It is blue."));
}

TEST(MixtureTexts, ComeFromAllOfALargerMixture) {
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += record_line(std::to_string(i), "", "Question " + std::to_string(i));
  const TestSet set(lines);
  const auto texts = mixture_texts(*Mixture::open(set.path(), {}), find_template("phi_3"), 2);
  ASSERT_EQ(texts.size(), 6U);
  EXPECT_EQ(texts[1], "Question 0");
  EXPECT_EQ(texts[4], "Question 5");
}

TEST(MixtureTexts, PassOverBrokenRecords) {
  const TestSet set("{\"id\": 1}\n" + record_line("b"));
  const auto texts = mixture_texts(*Mixture::open(set.path(), {}), find_template("phi_3"), 100);
  EXPECT_EQ(texts.size(), 4U);
}

}  // namespace
}  // namespace fusion
