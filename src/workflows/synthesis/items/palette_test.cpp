#include "workflows/synthesis/items/palette.h"

#include <gmock/gmock.h>

#include "foundation/core/error.h"

namespace fusion {
namespace {

using testing::HasSubstr;

TEST(Palette, KeepsItsColorsApart) {
  for (const NamedColor& a : palette()) {
    for (const NamedColor& b : palette()) {
      if (a.name == b.name) continue;
      int distance = 0;
      for (size_t i = 0; i < 3; ++i) distance += (a.rgb[i] - b.rgb[i]) * (a.rgb[i] - b.rgb[i]);
      EXPECT_GE(distance, 90 * 90) << a.name << " and " << b.name;
    }
  }
}

TEST(Palette, FindsAColorByItsName) {
  EXPECT_EQ(palette_color("pink").name, "pink");
}

TEST(Palette, NamesTheColorThatAWrongNameResembles) {
  try {
    palette_color("grey");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean gray?"));
  }
}

}  // namespace
}  // namespace fusion
