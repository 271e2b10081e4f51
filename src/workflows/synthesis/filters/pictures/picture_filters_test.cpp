#include "workflows/synthesis/filters/pictures/picture_filters.h"

#include <gtest/gtest.h>

namespace fusion {
namespace {

Item pictured(int64_t width, int64_t height, uint64_t hash = 1, double contrast = 40) {
  Item item;
  item.width = width;
  item.height = height;
  item.picture_hash = hash;
  item.picture_contrast = contrast;
  return item;
}

bool passes(const PictureFilter& filter, const Item& item) {
  return !filter.check(item).has_value();
}

TEST(PictureSize, DropsSmallOnesAndStrips) {
  const PictureSize filter({.min_width = 64, .min_height = 48, .max_aspect = 3});
  EXPECT_TRUE(passes(filter, pictured(64, 48)));
  EXPECT_FALSE(passes(filter, pictured(63, 480)));
  EXPECT_FALSE(passes(filter, pictured(640, 47)));
  EXPECT_TRUE(passes(filter, pictured(300, 100)));
  EXPECT_FALSE(passes(filter, pictured(301, 100)));
  EXPECT_FALSE(passes(filter, pictured(100, 301)));
}

TEST(BlankPicture, DropsOneShade) {
  const BlankPicture filter({});
  EXPECT_FALSE(passes(filter, pictured(100, 100, 1, 0)));
  EXPECT_FALSE(passes(filter, pictured(100, 100, 1, 2.9)));
  EXPECT_TRUE(passes(filter, pictured(100, 100, 1, 3)));
  EXPECT_EQ(filter.check(pictured(100, 100, 1, 2.96)).value(), "the luminance's standard deviation is 2.9");
}

TEST(DuplicatePicture, DropsOneLikeAPictureBefore) {
  DuplicatePicture filter({.distance = 2});
  filter.remember(pictured(100, 100, 0xFF00));
  EXPECT_FALSE(passes(filter, pictured(100, 100, 0xFF00)));
  EXPECT_FALSE(passes(filter, pictured(100, 100, 0xFF03)));
  EXPECT_TRUE(passes(filter, pictured(100, 100, 0xFF07)));
}

TEST(Agreement, DropsWhatAModelDoesNotSee) {
  const Agreement filter({.min = 0.5});
  Item item = pictured(100, 100);
  EXPECT_TRUE(passes(filter, item));
  item.agreement = 0.5;
  EXPECT_TRUE(passes(filter, item));
  item.agreement = 0.49;
  EXPECT_FALSE(passes(filter, item));
}

TEST(PictureFilters, PassOverAPictureThatNobodyLookedAt) {
  DuplicatePicture duplicates({});
  duplicates.remember(pictured(0, 0, 0, 0));
  EXPECT_TRUE(passes(duplicates, pictured(0, 0, 0, 0)));
  EXPECT_TRUE(passes(duplicates, pictured(10, 10, 0, 0)));
  EXPECT_TRUE(passes(PictureSize({}), pictured(0, 0)));
  EXPECT_TRUE(passes(BlankPicture({}), pictured(0, 0, 0, 0)));
}

}  // namespace
}  // namespace fusion
