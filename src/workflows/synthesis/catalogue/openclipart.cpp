// openclipart-svg: public-domain SVG files in folders by subject, each with metadata of mixed quality.

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <unordered_set>

#include "foundation/config/input_file.h"
#include "workflows/synthesis/catalogue/sources.h"
#include "workflows/synthesis/catalogue/svg_metadata.h"

namespace fusion {

namespace {

constexpr uint64_t kLargestOpenclipart = 200 << 10;  // larger drawings take long to rasterise
/// Icons, patterns, signs, arms, and people, of whom one drawing shows too many things to name it by one.
constexpr std::array<std::string_view, 17> kSkippedFolders = {"buttons/",
                                                              "computer/",
                                                              "decorations/",
                                                              "geography/",
                                                              "logos/",
                                                              "shapes/",
                                                              "signs_and_symbols/",
                                                              "special/",
                                                              "tools/weapons/",
                                                              "recreation/party/",
                                                              "recreation/religion/",
                                                              "recreation/games/cards/",
                                                              "transportation/aiga-symbols/",
                                                              "transportation/roadsigns/",
                                                              "transportation/boating/",
                                                              "people/stickmen/",
                                                              "people/bodypart/"};
/// Titles that an author gave to all of a batch: the file's name says more.
constexpr std::array<std::string_view, 8> kBatchTitles = {"Clipart by",    "Various Cliparts", "R15 ",      "R16 ",
                                                          "Homes Clipart", "Etiquette Icons",  "Menu Clip", "Part of"};

bool any_prefix(std::string_view text, std::span<const std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

/// The file's name begins with what it shows and goes on with its author: "blacksmith_anvil_ganson". The longest
/// beginning that ends with a known noun.
std::optional<std::string> noun_of_file(const std::string& file, const NounTable& nouns) {
  const std::string stem = std::filesystem::path(file).stem().string();
  std::optional<std::string> best;
  size_t words = 0;
  for (size_t end = stem.find('_'); words < 3; end = stem.find('_', end + 1), ++words) {
    const auto noun = nouns.clean(stem.substr(0, end), NameStyle::kTitle);
    if (const auto known = noun ? nouns.known_part(*noun) : noun) best = known;
    if (end == std::string::npos) break;
  }
  return best;
}

std::optional<std::string> noun_of(const std::string& file, const SvgMetadata& metadata, const NounTable& nouns) {
  if (!any_prefix(metadata.title, kBatchTitles)) {
    const auto noun = nouns.clean(metadata.title, NameStyle::kTitle);
    if (const auto known = noun ? nouns.known_part(*noun) : noun) return known;
  }
  return noun_of_file(file, nouns);
}

bool public_domain(const SvgMetadata& metadata) {
  return metadata.licence.ends_with("PublicDomain") || metadata.licence.ends_with("publicdomain") ||
         metadata.licence.ends_with("publicdomain/");
}

}  // namespace

std::vector<Look> openclipart_looks(const std::string& folder, const NounTable& nouns) {
  std::vector<Look> looks;
  std::unordered_set<std::string> seen;  // many drawings lie in several folders
  for (const std::string& file : files_below(folder, "openclipart-svg")) {
    if (!file.ends_with(".svg")) continue;
    const std::string name = file.substr(0, file.size() - 4);
    const std::string id = "openclipart/" + name;
    const auto given = nouns.given(id);
    if (!given && (any_prefix(file, kSkippedFolders) || nouns.misnamed(name))) continue;
    const std::string path = folder + "/" + file;
    std::error_code code;
    const auto bytes = std::filesystem::file_size(path, code);
    if (code || bytes > kLargestOpenclipart) continue;
    const std::string svg = read_text_file(path, kLargestOpenclipart);
    // A bitmap inside would be drawn at one size only.
    if (svg.find("<image") != std::string::npos || !seen.insert(svg).second) continue;
    const SvgMetadata metadata = read_svg_metadata(svg);
    if (!public_domain(metadata)) continue;
    const auto noun = given ? given : noun_of(file, metadata, nouns);
    if (!noun) continue;
    looks.push_back({.id = id,
                     .noun = *noun,
                     .nouns = nouns.plural(*noun),
                     .category = nouns.category(*noun).value_or(""),
                     .family = nouns.family(*noun),
                     .source = LookSource::kOpenclipart,
                     .format = LookFormat::kSvg,
                     .file = path,
                     .licence = "public domain",
                     .title = metadata.title,
                     .author = metadata.author});
  }
  std::ranges::sort(looks, {}, &Look::id);
  return looks;
}

}  // namespace fusion
