#include "workflows/synthesis/render/contact_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "foundation/core/error.h"

namespace fusion {

namespace {

using testing::HasSubstr;

constexpr std::array<uint8_t, 3> kTeal = {20, 150, 140};

SheetEntry teal_entry(int64_t width, int64_t height) {
  SheetEntry entry{.picture = Picture::blank(width, height, PixelMode::kRgb),
                   .heading = "Color",
                   .question = "What colour is it?",
                   .answer = "Teal"};
  for (size_t i = 0; i < entry.picture.pixels.size(); ++i) entry.picture.pixels[i] = kTeal[i % 3];
  return entry;
}

int64_t teal_pixels(const Picture& sheet) {
  int64_t count = 0;
  for (size_t i = 0; i + 2 < sheet.pixels.size(); i += 3) {
    count += std::equal(kTeal.begin(), kTeal.end(), sheet.pixels.begin() + static_cast<ptrdiff_t>(i));
  }
  return count;
}

std::string message_of(std::span<const SheetEntry> entries, const SheetOptions& options) {
  try {
    contact_sheet(entries, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ContactSheet, ShowsEveryPictureInItsSquare) {
  const std::vector<SheetEntry> entries(5, teal_entry(50, 50));
  const Picture sheet = contact_sheet(entries, {.columns = 3, .cell_width = 100});
  EXPECT_EQ(sheet.width, 6 + 3 * 106);
  // Two corners of each are rounded.
  EXPECT_NEAR(static_cast<double>(teal_pixels(sheet)), 5 * 100 * 100, 5 * 100);
}

TEST(ContactSheet, APictureKeepsItsForm) {
  const std::vector<SheetEntry> entries = {teal_entry(100, 50)};
  const Picture sheet = contact_sheet(entries, {.columns = 4, .cell_width = 100});
  EXPECT_EQ(sheet.width, 6 + 106) << "no more columns than pictures";
  EXPECT_NEAR(static_cast<double>(teal_pixels(sheet)), 100 * 50, 150);
}

TEST(ContactSheet, LongTextsTakeALimitedHeight) {
  std::vector<SheetEntry> entries = {teal_entry(50, 50)};
  const int64_t plain = contact_sheet(entries, {.cell_width = 100}).height;
  for (int i = 0; i < 400; ++i) entries[0].answer += " and more";
  entries[0].answer += "\xff\xfe";
  const int64_t longer = contact_sheet(entries, {.cell_width = 100}).height;
  EXPECT_GT(longer, plain);
  EXPECT_LT(longer, plain + 60);
}

TEST(ContactSheet, IsTheSameEachTime) {
  const std::vector<SheetEntry> entries(3, teal_entry(40, 30));
  EXPECT_EQ(contact_sheet(entries).pixels, contact_sheet(entries).pixels);
}

TEST(ContactSheet, RefusesWhatIsNoSheet) {
  const std::vector<SheetEntry> one = {teal_entry(8, 8)};
  EXPECT_THAT(message_of({}, {}), HasSubstr("number of pictures"));
  EXPECT_THAT(message_of(one, {.columns = 0}), HasSubstr("1 to 20"));
  EXPECT_THAT(message_of(one, {.cell_width = 9999}), HasSubstr("64 to 1024"));
  const std::vector<SheetEntry> many(500, one[0]);
  EXPECT_THAT(message_of(many, {.columns = 1, .cell_width = 1024}), HasSubstr("height"));
}

}  // namespace

}  // namespace fusion
