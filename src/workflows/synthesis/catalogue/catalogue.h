#pragma once
// The things that a drawn picture can show: what each is called, what it looks like, and on which terms it may be used.
//
//     const auto catalogue = Catalogue::open({.objects = {"shapes", "clipart", "stamps"}});
//     for (const Thing& thing : catalogue->things()) ...                 // by noun
//     const Look& look = catalogue->find("clipart/elephant");            // by the id that a Scene holds
//     const std::string svg = catalogue->drawing(look);

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/config/fields.h"

namespace fusion {

/// Where a look comes from, and with that how it is drawn.
enum class LookSource {
  kShape,        ///< "shape/circle": drawn by the renderer in one palette colour
  kDrawing,      ///< "drawing/car": drawn by the renderer in one palette colour, with dark and light details
  kClipart,      ///< "clipart/elephant": SVG that is part of the program
  kOpenclipart,  ///< "openclipart/animals/birds/eagle_01": SVG of the package openclipart-svg
  kStamp,        ///< "stamp/animals/birds/robin": PNG or SVG of the package tuxpaint-stamps-default
  kEmoji,        ///< "emoji/1f436": a glyph of the package fonts-noto-color-emoji
};

/// The name of a source in CatalogueOptions::objects: "shapes", "drawings", "clipart", "openclipart", "stamps",
/// "emoji".
std::string_view source_name(LookSource source);

/// How the bytes of Catalogue::drawing are to be read.
enum class LookFormat { kNone, kSvg, kPng, kGlyph };

/// One picture of a thing.
struct Look {
  std::string id = {};
  std::string noun = {};      ///< one to three lower-case words: "hot dog"
  std::string nouns = {};     ///< "hot dogs"
  std::string category = {};  ///< "animal", "food", "vehicle" ...; "" where it has none
  /// Nouns of one family could be taken for each other ("eagle" and "bird", "kite" and "diamond"): no picture shows two
  /// of them if anything is asked about one.
  std::string family = {};
  LookSource source = LookSource::kShape;
  bool takes_color = false;  ///< drawn in the colour that the scene gives it; else it brings its own
  LookFormat format = LookFormat::kNone;
  std::string file = {};  ///< of an SVG or PNG: its path, or its name inside the program; of a glyph: its characters
  std::string licence = {};
  std::string title = {};   ///< as its author named it
  std::string author = {};  ///< "" where unknown
};

/// All looks that go by one noun. The pointers are the catalogue's.
struct Thing {
  std::string noun;
  std::string nouns;
  std::string category;
  std::string family;
  std::vector<const Look*> colored = {};   ///< those that take a colour
  std::vector<const Look*> pictured = {};  ///< those that bring their own
};

struct CatalogueOptions {
  std::vector<std::string> objects = {"shapes", "drawings", "clipart"};
  std::string openclipart = "/usr/share/openclipart/svg";
  std::string stamps = "/usr/share/tuxpaint/stamps";
  std::string emoji = "/usr/share/unicode/emoji/emoji-test.txt";
  std::string part = "all";
  double hold_out = 0.1;
  std::vector<std::string> hold_out_nouns = {};

  static constexpr auto fields() {
    return std::tuple(
        defaulted("objects", &CatalogueOptions::objects,
                  "sources: shapes, drawings, clipart, openclipart, stamps, emoji"),
        defaulted("openclipart", &CatalogueOptions::openclipart, "folder of Debian's openclipart-svg"),
        defaulted("stamps", &CatalogueOptions::stamps, "folder of Debian's tuxpaint-stamps-default"),
        defaulted("emoji", &CatalogueOptions::emoji, "list of emoji of Debian's unicode-data"),
        defaulted("part", &CatalogueOptions::part,
                  "all things, those to train on, or the others: all, train, held_out"),
        defaulted("hold_out", &CatalogueOptions::hold_out, "share of the nouns that 'train' never shows, 0 to 0.9"),
        defaulted("hold_out_nouns", &CatalogueOptions::hold_out_nouns, "nouns that 'train' never shows in any case"));
  }
};

/// Never changes once it is open; any number of threads may read it. Equal packages give an equal catalogue.
class Catalogue {
 public:
  /// Throws Error where an option is wrong, a package is missing (with its name), or nothing is left to show.
  static std::shared_ptr<const Catalogue> open(const CatalogueOptions& options = {});

  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  /// In the order of their ids.
  std::span<const Look> looks() const { return looks_; }
  /// In the order of their nouns; each noun once.
  std::span<const Thing> things() const { return things_; }
  /// Nothing where no look goes by the noun.
  const Thing* thing(std::string_view noun) const;
  /// Throws Error, with the id that it resembles, where no look has the id.
  const Look& find(std::string_view id) const;
  /// The bytes of an SVG or PNG, or the characters of a glyph; "" where the renderer draws it itself. Throws Error
  /// where the file cannot be read or is larger than 8 MiB.
  std::string drawing(const Look& look) const;

 private:
  explicit Catalogue(std::vector<Look> looks);

  std::vector<Look> looks_;
  std::vector<Thing> things_;
};

/// What kDrawing looks the renderer has to draw, and what kShape looks.
inline constexpr std::array<std::string_view, 20> kDrawingNouns = {
    "balloon", "bell",  "boat", "book", "bus",  "car",  "chair",    "cup",   "fish", "flower",
    "hat",     "house", "key",  "kite", "lamp", "leaf", "mushroom", "shirt", "sock", "umbrella"};
inline constexpr std::array<std::string_view, 13> kShapeNouns = {"arrow",  "circle",  "crescent", "cross",    "diamond",
                                                                 "heart",  "hexagon", "oval",     "pentagon", "ring",
                                                                 "square", "star",    "triangle"};

}  // namespace fusion
