#include "workflows/synthesis/agreement/checkpoint_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"
#include "workflows/assembly/init_checkpoint.h"
#include "workflows/synthesis/render/encode.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

Item described(std::vector<std::string> descriptions) {
  Item item;
  item.descriptions = std::move(descriptions);
  return item;
}

TEST(Agreement, AsksForEachSentence) {
  const auto one = agreement_questions(described({"A red kite flies. It is day.  "}));
  ASSERT_THAT(one, SizeIs(2));
  EXPECT_EQ(one[0], "Is this true of the picture? A red kite flies. Answer with yes or no.");
  const auto two = agreement_questions(described({"A cat.", "A dog."}));
  ASSERT_THAT(two, SizeIs(2));
  EXPECT_THAT(two[0], AllOf(HasSubstr("left half of the picture: A cat."), EndsWith("Answer with yes or no.")));
  EXPECT_THAT(two[1], HasSubstr("right half of the picture: A dog."));
  EXPECT_THAT(agreement_questions(described({})), SizeIs(0));
}

TEST(Agreement, CountsYesAndNo) {
  EXPECT_EQ(agreement_of_answer(" Yes, it is."), 1);
  EXPECT_EQ(agreement_of_answer("No."), 0);
  EXPECT_EQ(agreement_of_answer("Nothing"), 0.5);
  EXPECT_EQ(agreement_of_answer(""), 0.5);
}

TEST(Agreement, OfACheckpointIsAShareThatRepeats) {
  const ScratchFolder folder;
  init_checkpoint(find_preset("nano"), folder / "nano", {.seed = 3});
  CheckpointAgreement model(folder / "nano", {});
  const EncodedPicture picture = encode_png(Picture::blank(32, 32, PixelMode::kRgb));
  Usage usage;
  const CallContext context{.stop = {}, .usage = &usage};
  const Item item = described({"A red kite flies. It is day."});
  const double first = model.agreement(item, picture, context);
  EXPECT_GE(first, 0);
  EXPECT_LE(first, 1);
  EXPECT_EQ(model.agreement(item, picture, context), first);
  EXPECT_EQ(usage.calls, 2);
  EXPECT_GT(usage.input_tokens, 0);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_THROW(model.agreement(item, picture, {.stop = stopped.get_token(), .usage = &usage}), CallFailed);
}

}  // namespace
}  // namespace fusion
