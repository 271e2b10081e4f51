#include "workflows/synthesis/catalogue/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "foundation/config/test_support.h"

namespace fusion {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Catalogue, ShowsItsOwnThingsWithoutAnyPackage) {
  const auto catalogue = Catalogue::open();
  EXPECT_GE(catalogue->things().size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(catalogue->looks(), {}, &Look::id));
  EXPECT_TRUE(std::ranges::is_sorted(catalogue->things(), {}, &Thing::noun));
  std::set<std::string> ids;
  for (const Look& look : catalogue->looks()) {
    EXPECT_TRUE(ids.insert(look.id).second) << look.id;
    EXPECT_FALSE(look.nouns.empty() || look.family.empty() || look.category.empty() || look.licence.empty()) << look.id;
    EXPECT_EQ(look.takes_color, look.format == LookFormat::kNone) << look.id;
    EXPECT_EQ(&catalogue->find(look.id), &look);
  }
  EXPECT_TRUE(catalogue->find("shape/circle").takes_color);
  EXPECT_EQ(catalogue->find("drawing/leaf").nouns, "leaves");
  EXPECT_EQ(catalogue->find("clipart/pair_of_scissors").noun, "pair of scissors");
}

TEST(Catalogue, GathersTheLooksOfANoun) {
  const auto catalogue = Catalogue::open({.objects = {"drawings", "clipart"}});
  size_t looks = 0;
  for (const Thing& thing : catalogue->things()) {
    looks += thing.colored.size() + thing.pictured.size();
    for (const Look* look : thing.colored) EXPECT_TRUE(look->takes_color && look->noun == thing.noun);
    for (const Look* look : thing.pictured) EXPECT_TRUE(!look->takes_color && look->noun == thing.noun);
    EXPECT_EQ(catalogue->thing(thing.noun), &thing);
  }
  EXPECT_EQ(catalogue->thing("gizmo"), nullptr);
  EXPECT_EQ(looks, catalogue->looks().size());
}

TEST(Catalogue, CarriesItsClipart) {
  const auto catalogue = Catalogue::open({.objects = {"clipart"}});
  EXPECT_GE(catalogue->looks().size(), 60U);
  for (const Look& look : catalogue->looks()) {
    const std::string svg = catalogue->drawing(look);
    EXPECT_THAT(svg, StartsWith("<svg")) << look.id;
    for (const char* refused : {"<image", "<script", "<!DOCTYPE", "<text", "href=\"http"}) {
      EXPECT_EQ(svg.find(refused), std::string::npos) << look.id << " holds " << refused;
    }
    EXPECT_EQ(look.licence, "public domain");
  }
}

TEST(Catalogue, NamesTheIdThatAWrongOneResembles) {
  const auto catalogue = Catalogue::open();
  EXPECT_THAT(error_of([&] { (void)catalogue->find("shape/cirle"); }), HasSubstr("did you mean shape/circle?"));
  EXPECT_THAT(error_of([&] { (void)catalogue->find(std::string("\x01\n", 2)); }), HasSubstr("id of one of its looks"));
}

TEST(Catalogue, HoldsThingsBackFromTraining) {
  const auto nouns_of = [](const CatalogueOptions& options) {
    std::set<std::string> nouns;
    const auto catalogue = Catalogue::open(options);
    for (const Thing& thing : catalogue->things()) nouns.insert(thing.noun);
    return nouns;
  };
  const auto all = nouns_of({.part = "all"});
  for (const double share : {0.1, 0.2, 0.5}) {
    const auto train = nouns_of({.part = "train", .hold_out = share, .hold_out_nouns = {"guitar", "triangle"}});
    const auto held_out = nouns_of({.part = "held_out", .hold_out = share, .hold_out_nouns = {"guitar", "triangle"}});
    EXPECT_EQ(train.size() + held_out.size(), all.size());
    EXPECT_THAT(held_out, Contains("guitar"));
    EXPECT_FALSE(train.contains("triangle"));
    EXPECT_NEAR(static_cast<double>(held_out.size()) / static_cast<double>(all.size()), share, 0.08);
  }
  EXPECT_EQ(nouns_of({.part = "train", .hold_out = 0}), all);
}

TEST(Catalogue, LeavesSomethingToColourInEachPart) {
  for (const char* part : {"train", "held_out"}) {
    const auto catalogue = Catalogue::open({.part = part});
    EXPECT_GE(std::ranges::count_if(catalogue->looks(), &Look::takes_color), 4) << part;
  }
}

TEST(Catalogue, RefusesOptionsThatMeanNothing) {
  const auto error = [](const CatalogueOptions& options) { return error_of([&] { (void)Catalogue::open(options); }); };
  EXPECT_THAT(error({.objects = {"shape"}}), HasSubstr("did you mean shapes?"));
  EXPECT_THAT(error({.objects = {}}), HasSubstr("'objects' is empty"));
  EXPECT_THAT(error({.part = "test"}), HasSubstr("all, train, held_out"));
  EXPECT_THAT(error({.hold_out = 1}), HasSubstr("0 to 0.9"));
  EXPECT_THAT(error({.hold_out = std::numeric_limits<double>::quiet_NaN()}), HasSubstr("0 to 0.9"));
  EXPECT_THAT(error({.hold_out_nouns = {"guitr"}}), HasSubstr("did you mean guitar?"));
  EXPECT_THAT(error({.part = "held_out", .hold_out = 0}), HasSubstr("leave nothing"));
}

TEST(Catalogue, NamesThePackageThatIsMissing) {
  const ScratchFolder folder;
  const auto error = [](const CatalogueOptions& options) { return error_of([&] { (void)Catalogue::open(options); }); };
  EXPECT_THAT(error({.objects = {"openclipart"}, .openclipart = folder / "no"}),
              HasSubstr("apt-get install openclipart-svg"));
  EXPECT_THAT(error({.objects = {"stamps"}, .stamps = folder / "no"}),
              HasSubstr("apt-get install tuxpaint-stamps-default"));
  EXPECT_THAT(error({.objects = {"emoji"}, .emoji = folder / "no"}), HasSubstr("apt-get install unicode-data"));
  EXPECT_THAT(error({.objects = {"stamps"}, .stamps = folder.path()}), HasSubstr("got none"));
}

TEST(Catalogue, SaysOnWhichTermsItMayBeUsed) {
  const auto catalogue = Catalogue::open();
  EXPECT_EQ(catalogue->find("shape/star").licence, "own");
  EXPECT_EQ(catalogue->find("clipart/elephant").licence, "public domain");
  EXPECT_FALSE(catalogue->find("clipart/elephant").author.empty());
}

TEST(Catalogue, GivesTheBytesOfAFileAndNothingForItsOwnDrawings) {
  const ScratchFolder folder;
  const std::string png = folder.put("frog.png", "bytes");
  folder.put("frog.txt", "A frog.\n");
  const auto catalogue = Catalogue::open({.objects = {"stamps", "shapes"}, .stamps = folder.path()});
  EXPECT_EQ(catalogue->drawing(catalogue->find("stamp/frog")), "bytes");
  EXPECT_EQ(catalogue->drawing(catalogue->find("shape/star")), "");
  std::filesystem::resize_file(png, 9 << 20);
  EXPECT_THAT(error_of([&] { (void)catalogue->drawing(catalogue->find("stamp/frog")); }), HasSubstr("frog.png"));
  std::filesystem::remove(png);
  EXPECT_THAT(error_of([&] { (void)catalogue->drawing(catalogue->find("stamp/frog")); }), HasSubstr("frog.png"));
}

}  // namespace
}  // namespace fusion
