#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "foundation/config/test_support.h"
#include "workflows/synthesis/filters/captions/caption_diversity.h"
#include "workflows/synthesis/filters/captions/caption_length.h"
#include "workflows/synthesis/filters/captions/duplicate_caption.h"
#include "workflows/synthesis/filters/captions/generic_caption.h"
#include "workflows/synthesis/filters/captions/language.h"
#include "workflows/synthesis/filters/test_items.h"
#include "workflows/synthesis/filters/unsafe_words.h"

namespace fusion {
namespace {

TEST(CaptionLength, CountsWords) {
  const CaptionLength filter({.min_words = 3, .max_words = 5});
  EXPECT_FALSE(passes(filter, ""));
  EXPECT_FALSE(passes(filter, "two words ..."));
  EXPECT_TRUE(passes(filter, "a red ball"));
  EXPECT_TRUE(passes(filter, "a red ball on grass"));
  EXPECT_FALSE(passes(filter, "a red ball on the grass"));
}

TEST(Language, LetsEnglishPass) {
  const Language filter({});
  for (const char* caption :
       {"Three small red balloons float above two green cars on a sandy beach.", "A red ball", "Balloons, kites, boats",
        "A café in Los Angeles with a view of the sea at dusk", "A sign reads \"ZEHN\" above the door of a house",
        "In the picture, a dog is to the left of a cat", "Twelve 3 4 5"}) {
    EXPECT_TRUE(passes(filter, caption)) << caption;
  }
}

TEST(Language, DropsOthers) {
  const Language filter({});
  for (const char* caption :
       {"Ein roter Ball liegt auf dem Rasen neben einem Baum", "Un chat noir dans la rue", "Un gato en la mesa",
        "Красный мяч на траве", "一只红色的球在草地上", "μια κόκκινη μπάλα στο γρασίδι",
        "kırmızı top çimlerin üzerinde duruyor ve yanında ağaç var bir de",
        "asdf qwer zxcv tyui ghjk vbnm uiop hjkl"}) {
    EXPECT_FALSE(passes(filter, caption)) << caption;
  }
}

TEST(GenericCaption, AsksForWordsThatSaySomething) {
  const GenericCaption filter({});
  EXPECT_FALSE(passes(filter, "A picture of something"));
  EXPECT_FALSE(passes(filter, "a very beautiful photo of a nice thing with various items"));
  EXPECT_FALSE(passes(filter, "A picture of a dog, a dog and a dog"));
  EXPECT_TRUE(passes(filter, "a photo of a red ball"));
  EXPECT_TRUE(passes(filter, "dogs playing"));
}

TEST(UnsafeCaption, TakesTheListInAnyCaseAndScript) {
  const UnsafeCaption filter({});
  EXPECT_FALSE(passes(filter, "A NUDE figure on a beach"));
  EXPECT_FALSE(passes(filter, "a ｎｕｄｅ figure"));
  EXPECT_FALSE(passes(filter, "a nu\u200Bde figure"));
  EXPECT_FALSE(passes(filter, "a Severed Head on a stake"));
  EXPECT_TRUE(passes(filter, "cumulus clouds above Essex, a cocktail and a document"));
  EXPECT_TRUE(passes(filter, "a man with a knife cuts bread, a gun dog beside him"));
}

TEST(UnsafeCaption, TakesAUsersList) {
  const ScratchFolder folder;
  const UnsafeCaption filter({.built_in = false, .list = folder.put("list.txt", "Пиво\nred  wine\n")});
  EXPECT_FALSE(passes(filter, "бутылка ПИВО стоит"));
  EXPECT_FALSE(passes(filter, "a glass of Red Wine"));
  EXPECT_TRUE(passes(filter, "a nude figure with wine that is red"));
}

TEST(UnsafeCaption, RefusesAListThatIsNone) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { (void)UnsafeCaption({.list = folder / "missing.txt"}); }),
              testing::HasSubstr("missing.txt"));
  EXPECT_THAT(error_of([&] { (void)UnsafeCaption({.list = folder.put("empty.txt", "# only this\n")}); }),
              testing::HasSubstr("expected words or phrases"));
}

TEST(DuplicateCaption, DropsEqualAndNearlyEqualWords) {
  DuplicateCaption filter({});
  const std::string long_one =
      "Three small red balloons float above two green cars that stand in front of a white house near the sea, while a "
      "brown dog looks at them from the left side of a narrow road with tall trees";
  EXPECT_TRUE(keeps(filter, long_one));
  EXPECT_FALSE(keeps(filter, long_one));
  EXPECT_FALSE(keeps(filter, long_one + " today"));
  EXPECT_TRUE(keeps(filter, "A red ball on grass."));
  EXPECT_FALSE(keeps(filter, "a RED ball, on grass"));
}

TEST(DuplicateCaption, KeepsOneSentenceFormWithOtherThings) {
  DuplicateCaption filter({});
  int kept = 0;
  int all = 0;
  for (const char* color : {"red", "green", "blue", "white", "black"}) {
    for (const char* thing : {"ball", "car", "kite", "boat", "cup"}) {
      for (const char* place : {"beach", "street", "farm", "desert"}) {
        kept += keeps(filter, cat("A ", color, " ", thing, " can be seen there, in the very middle of what seems a ",
                                  place, "."))
                    ? 1
                    : 0;
        ++all;
      }
    }
  }
  EXPECT_EQ(kept, all);
}

TEST(CaptionDiversity, CapsTheShareOfOneBeginning) {
  CaptionDiversity filter({.max_share = 0.1, .words = 2, .free = 20});
  int kept = 0;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(keeps(filter, cat("a thing called number", i, " with name", i))) << i;
    kept += keeps(filter, cat("A dog running over field ", i)) ? 1 : 0;
  }
  EXPECT_GT(kept, 100);
  EXPECT_LT(kept, 115);
}

TEST(CaptionDiversity, KeepsTheFirstOnesOfAnyPool) {
  CaptionDiversity filter({.max_share = 0.01, .words = 3, .free = 50});
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(keeps(filter, "a dog running fast"));
  EXPECT_FALSE(keeps(filter, "a dog running fast"));
}

}  // namespace
}  // namespace fusion
