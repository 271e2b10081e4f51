#include "workflows/synthesis/kinds/slots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Slots, AreFilledInOrder) {
  const std::vector<Slot> values = {{"noun", "cat"}, {"is", "is"}};
  EXPECT_EQ(fill_prompt("{is} the {noun} a {noun}?", values, "x"), "is the cat a cat?");
  EXPECT_EQ(fill_prompt("nothing", values, "x"), "nothing");
  EXPECT_EQ(fill_prompt("", {}, "x"), "");
}

TEST(Slots, BracesOfJsonAreText) {
  const std::string form = R"({"conversation": [{"question": "..."}]} {} {Noun} { noun } {noun)";
  EXPECT_EQ(fill_prompt(form, {}, "x"), form);
  EXPECT_THAT(slot_names("{\"a\": {b}}{c_1}{"), ElementsAre("b", "c_1"));
}

TEST(Slots, AValueCannotBringASlot) {
  EXPECT_EQ(fill_prompt("{a}{b}", {{"a", "{b}"}, {"b", "2"}}, "x"), "{b}2");
  EXPECT_EQ(fill_prompt("{a}b}", {{"a", "{"}, {"b", "2"}}, "x"), "{b}");
}

TEST(Slots, AnUnknownOneIsRefusedWithTheKnownOnes) {
  EXPECT_THAT(error_of([] { fill_prompt("{captoin}", {{"caption", ""}, {"rounds", ""}}, "prompt"); }),
              AllOf(HasSubstr("prompt"), HasSubstr("{caption}, {rounds}"), HasSubstr("{captoin}"),
                    HasSubstr("did you mean {caption}")));
  EXPECT_THAT(error_of([] { require_known_slots("{a} {z}", {"a"}, "form"); }), HasSubstr("got {z}"));
  EXPECT_THAT(error_of([] { fill_prompt("{a}", {}, "form"); }), HasSubstr("no slots"));
}

}  // namespace
}  // namespace fusion
