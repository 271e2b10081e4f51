#include "workflows/synthesis/catalogue/catalogue.h"

#include <algorithm>
#include <map>
#include <set>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/name_position.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/catalogue/embedded_files.h"
#include "workflows/synthesis/catalogue/sources.h"

namespace fusion {

namespace {

constexpr std::array<LookSource, 6> kSources = {LookSource::kShape,       LookSource::kDrawing, LookSource::kClipart,
                                                LookSource::kOpenclipart, LookSource::kStamp,   LookSource::kEmoji};
constexpr std::array<std::string_view, 3> kParts = {"all", "train", "held_out"};
constexpr double kLargestShare = 0.9;
constexpr uint64_t kLargestDrawing = 8 << 20;

LookSource source_of(const std::string& name) {
  const auto found = std::ranges::find(kSources, name, source_name);
  if (found != kSources.end()) return *found;
  std::vector<std::string> names;
  for (const LookSource source : kSources) names.emplace_back(source_name(source));
  const std::string close = closest_match(name, names);
  throw Error({.who = "key 'objects'",
               .expected = join(names, ", "),
               .got = printable(name),
               .hint = close.empty() ? "" : cat("did you mean ", close, "?")});
}

std::vector<Look> looks_of(LookSource source, const CatalogueOptions& options, const NounTable& nouns) {
  switch (source) {
    case LookSource::kShape:
      return shape_looks(nouns);
    case LookSource::kDrawing:
      return drawing_looks(nouns);
    case LookSource::kClipart:
      return clipart_looks(nouns);
    case LookSource::kOpenclipart:
      return openclipart_looks(options.openclipart, nouns);
    case LookSource::kStamp:
      return stamp_looks(options.stamps, nouns);
    case LookSource::kEmoji:
      return emoji_looks(options.emoji, nouns);
  }
  return {};
}

void check(const CatalogueOptions& options) {
  if (std::ranges::find(kParts, options.part) == kParts.end()) {
    throw Error({.who = "key 'part'", .expected = join(kParts, ", "), .got = printable(options.part)});
  }
  if (!(options.hold_out >= 0 && options.hold_out <= kLargestShare)) {
    throw Error({.who = "key 'hold_out'", .expected = "a share from 0 to 0.9", .got = cat(options.hold_out)});
  }
}

bool in_part(const Look& look, const CatalogueOptions& options) {
  if (options.part == "all") return true;
  const bool held_out = name_position(look.noun) < options.hold_out ||
                        std::ranges::find(options.hold_out_nouns, look.noun) != options.hold_out_nouns.end();
  return held_out == (options.part == "held_out");
}

/// A name that is held out and never met is a typing error that would go unseen.
void check_held_out_nouns(const std::vector<Look>& looks, const CatalogueOptions& options) {
  for (const std::string& noun : options.hold_out_nouns) {
    if (std::ranges::find(looks, noun, &Look::noun) != looks.end()) continue;
    std::vector<std::string> nouns;
    for (const Look& look : looks) nouns.push_back(look.noun);
    const std::string close = closest_match(noun, nouns);
    throw Error({.who = "key 'hold_out_nouns'",
                 .expected = "nouns of the catalogue",
                 .got = printable(noun),
                 .hint = close.empty() ? "" : cat("did you mean ", close, "?")});
  }
}

}  // namespace

std::string_view source_name(LookSource source) {
  constexpr std::array<std::string_view, 6> kNames = {"shapes",      "drawings", "clipart",
                                                      "openclipart", "stamps",   "emoji"};
  return kNames[static_cast<size_t>(source)];
}

std::shared_ptr<const Catalogue> Catalogue::open(const CatalogueOptions& options) {
  check(options);
  const NounTable nouns = NounTable::embedded();
  std::set<LookSource> sources;
  for (const std::string& name : options.objects) sources.insert(source_of(name));
  std::vector<Look> looks;
  for (const LookSource source : sources) {
    std::vector<Look> more = looks_of(source, options, nouns);
    if (more.empty()) {
      throw Error({.who = cat("the catalogue's ", source_name(source)),
                   .expected = "pictures with names",
                   .got = "none",
                   .hint = "check the folder or file of the package"});
    }
    std::ranges::move(more, std::back_inserter(looks));
  }
  check_held_out_nouns(looks, options);
  std::erase_if(looks, [&](const Look& look) { return !in_part(look, options); });
  if (looks.empty()) {
    throw Error({.who = "the catalogue",
                 .expected = "things to show",
                 .got = "none",
                 .cause = options.objects.empty() ? "'objects' is empty" : "'part' and 'hold_out' leave nothing"});
  }
  return std::shared_ptr<const Catalogue>(new Catalogue(std::move(looks)));
}

Catalogue::Catalogue(std::vector<Look> looks) : looks_(std::move(looks)) {
  std::ranges::sort(looks_, {}, &Look::id);
  std::map<std::string_view, Thing> things;
  for (const Look& look : looks_) {
    Thing& thing = things[look.noun];
    if (thing.noun.empty()) {
      thing = {.noun = look.noun, .nouns = look.nouns, .category = look.category, .family = look.family};
    }
    (look.takes_color ? thing.colored : thing.pictured).push_back(&look);
  }
  for (auto& [noun, thing] : things) things_.push_back(std::move(thing));
}

const Thing* Catalogue::thing(std::string_view noun) const {
  const auto found =
      std::ranges::lower_bound(things_, noun, {}, [](const Thing& thing) -> std::string_view { return thing.noun; });
  return found != things_.end() && found->noun == noun ? &*found : nullptr;
}

const Look& Catalogue::find(std::string_view id) const {
  const auto found = std::ranges::lower_bound(looks_, id, {}, &Look::id);
  if (found != looks_.end() && found->id == id) return *found;
  std::vector<std::string> ids;
  for (const Look& look : looks_) ids.push_back(look.id);
  const std::string close = closest_match(id, ids);
  throw Error({.who = "the catalogue",
               .expected = "the id of one of its looks",
               .got = printable(id),
               .cause = "it was opened with other 'objects', another 'part' or another package",
               .hint = close.empty() ? "" : cat("did you mean ", close, "?")});
}

std::string Catalogue::drawing(const Look& look) const {
  if (look.format == LookFormat::kNone) return "";
  if (look.format == LookFormat::kGlyph) return look.file;
  if (look.source != LookSource::kClipart) return read_text_file(look.file, kLargestDrawing);
  const auto files = catalogue_files();
  return std::string(std::ranges::find(files, look.file, &EmbeddedFile::name)->text);
}

}  // namespace fusion
