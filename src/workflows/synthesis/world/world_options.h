#pragma once
// What the embedded world is asked for.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/config/fields.h"

namespace fusion {

/// What a scene, and what is written of it, dwells on.
enum class Focus { kColor, kCount, kSpatial, kScene, kText, kAny };

/// "color", "count", "spatial", "scene", "text", "any". Throws Error on another name.
Focus focus_from_name(std::string_view name);

struct WorldOptions {
  int64_t max_count = 10;
  int64_t max_groups = 4;
  std::vector<std::string> settings = {};
  double occlusion = 0.1;
  double sizes = 0.3;
  double charts = 0.15;
  double grids = 0.1;
  std::vector<std::string> signs = {};
  double sign_scale = 1;
  int64_t lattice = 0;
  std::string compositions = "all";
  double held_out_compositions = 0.1;

  static constexpr auto fields() {
    return std::tuple(
        defaulted("max_count", &WorldOptions::max_count, "most things of one kind in a picture, 2 to 12"),
        defaulted("max_groups", &WorldOptions::max_groups,
                  "most kinds of things in a picture, 1 to 8; where places are asked about at least 2"),
        defaulted("settings", &WorldOptions::settings, "backgrounds to take; [] for all"),
        defaulted("occlusion", &WorldOptions::occlusion,
                  "share of the pictures in which a thing covers a bit of another"),
        defaulted("sizes", &WorldOptions::sizes, "share of the pictures with small and large things"),
        defaulted("charts", &WorldOptions::charts, "share of charts among the pictures about text or anything"),
        defaulted("grids", &WorldOptions::grids, "share of grids among the pictures about anything"),
        defaulted(
            "signs", &WorldOptions::signs,
            "what stands on signs: word, long_word, notice, shop, price, time, number, letters, syllables; [] for "
            "all but the last"),
        defaulted("sign_scale", &WorldOptions::sign_scale, "how large signs are, against what is usual, 0.5 to 2"),
        defaulted(
            "lattice", &WorldOptions::lattice,
            "cells to a side, for easier pictures: each thing fills one of them, upright, each letter of a sign a "
            "quarter of one; 4, 5 or 10, or 0 for things of any size, anywhere. It goes with sizes and occlusion of 0, "
            "signs "
            "of word and syllables, and kinds of one picture"),
        defaulted(
            "compositions", &WorldOptions::compositions,
            "pictures of any composition, those to train on, or those with one that these never have: all, train, "
            "held_out"),
        defaulted("held_out_compositions", &WorldOptions::held_out_compositions,
                  "share of the pairs of a thing and a color, of two things, and of the texts of signs that 'train' "
                  "never shows, 0 to 0.5"));
  }
};

}  // namespace fusion
