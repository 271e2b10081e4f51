#include "workflows/synthesis/world/compositions.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "foundation/core/error.h"
#include "workflows/synthesis/items/palette.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {
namespace {

World world_of(const std::string& part) {
  return World({.signs = {"word", "syllables"}, .compositions = part, .held_out_compositions = 0.2}, Catalogue::open());
}

/// The scene's compositions, each as a scene by itself.
std::vector<Scene> parts_of(const Scene& scene) {
  std::vector<Scene> parts;
  for (const ObjectGroup& group : scene.groups) {
    for (const ObjectGroup& other : scene.groups) {
      Scene& part = parts.emplace_back();
      part.groups = {group, other};
    }
  }
  for (const Sign& sign : scene.signs) parts.emplace_back().signs = {sign};
  return parts;
}

TEST(Compositions, WhatIsHeldOutIsNeverSeenInTraining) {
  const Compositions train("train", 0.2);
  const World world = world_of("train");
  int64_t pairs = 0;
  for (const Focus focus : {Focus::kColor, Focus::kSpatial, Focus::kText, Focus::kAny}) {
    for (uint64_t i = 0; i < 200; ++i) {
      RandomSource random(i, static_cast<uint64_t>(focus));
      for (const Scene& part : parts_of(world.scene(focus, random))) {
        EXPECT_TRUE(train.take(part));
        ++pairs;
      }
    }
  }
  EXPECT_GT(pairs, 2000);
}

TEST(Compositions, BothPicturesOfAPairAreSeenTogether) {
  const Compositions train("train", 0.2);
  const World world = world_of("train");
  for (uint64_t i = 0; i < 300; ++i) {
    RandomSource random(i, 3);
    Scene both = world.scene(Focus::kSpatial, random);
    const Scene other = world.variation(both, random);
    both.groups.insert(both.groups.end(), other.groups.begin(), other.groups.end());
    for (const Scene& part : parts_of(both)) EXPECT_TRUE(train.take(part)) << i;
  }
}

TEST(Compositions, ThingsOfAGridAreTogetherToo) {
  const Compositions held_out("held_out", 0.2);
  const World world({.charts = 0, .grids = 1, .compositions = "train", .held_out_compositions = 0.2},
                    Catalogue::open());
  for (uint64_t i = 0; i < 100; ++i) {
    RandomSource random(i, 7);
    const Scene scene = world.scene(Focus::kAny, random);
    for (const Grid::Cell& cell : scene.grid->cells) {
      for (const Grid::Cell& other : scene.grid->cells) {
        if (cell.noun == other.noun || cell.noun.empty() || other.noun.empty()) continue;
        Scene pair;
        pair.groups.resize(2);
        pair.groups[0].noun = cell.noun;
        pair.groups[1].noun = other.noun;
        EXPECT_FALSE(held_out.take(pair)) << cell.noun << " and " << other.noun;
      }
    }
  }
}

TEST(Compositions, TheShareIsThatOfThePossibleOnes) {
  const Compositions held_out("held_out", 0.2);
  double taken = 0;
  double all = 0;
  for (const std::string_view noun : kDrawingNouns) {
    for (const NamedColor& color : palette()) {
      Scene scene;
      scene.groups.resize(1);
      scene.groups[0].noun = noun;
      scene.groups[0].color = color.name;
      taken += held_out.take(scene) ? 1 : 0;
      ++all;
    }
  }
  EXPECT_NEAR(taken / all, 0.2, 0.06);
}

TEST(Compositions, EveryPictureOfTheOtherPartHasOne) {
  const Compositions train("train", 0.2);
  const Compositions held_out("held_out", 0.2);
  const World world = world_of("held_out");
  for (uint64_t i = 0; i < 200; ++i) {
    RandomSource random(i, 1);
    const Scene scene = world.scene(Focus::kSpatial, random);
    EXPECT_FALSE(train.take(scene));
    EXPECT_TRUE(held_out.take(scene));
  }
}

TEST(Compositions, OnlyTrainingHasWhatItCannotShow) {
  const Compositions train("train", 0.2);
  RandomSource random(1, 1);
  const Scene held_out = world_of("held_out").scene(Focus::kSpatial, random);
  const Scene trained_on = world_of("train").scene(Focus::kSpatial, random);
  EXPECT_FALSE(train.can_show(held_out));
  EXPECT_TRUE(train.can_show(trained_on));
  for (const char* part : {"all", "held_out"}) {
    EXPECT_TRUE(Compositions(part, 0.2).can_show(held_out)) << part;
    EXPECT_TRUE(Compositions(part, 0.2).can_show(trained_on)) << part;
  }
}

TEST(Compositions, APairIsTheSameInBothOrders) {
  const auto scene_of = [](const std::string& a, const std::string& b) {
    Scene scene;
    scene.groups.resize(2);
    scene.groups[0].noun = a;
    scene.groups[1].noun = b;
    return scene;
  };
  const Compositions held_out("held_out", 0.5);
  for (const char* other : {"boat", "car", "cup", "hat", "key", "kite", "lamp", "leaf"}) {
    EXPECT_EQ(held_out.take(scene_of("bell", other)), held_out.take(scene_of(other, "bell"))) << other;
  }
}

TEST(Compositions, APictureOfNothingIsForTraining) {
  EXPECT_TRUE(Compositions("train", 0.5).take({}));
  EXPECT_FALSE(Compositions("held_out", 0.5).take({}));
}

TEST(Compositions, RefusesAnotherPart) {
  EXPECT_THROW(Compositions("test", 0.1), Error);
  EXPECT_THROW(Compositions("held_out", 0), Error);
  EXPECT_THROW(world_of("test"), Error);
}

}  // namespace
}  // namespace fusion
