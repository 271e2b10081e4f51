// tuxpaint-stamps-default: NAME.png or NAME.svg with NAME.txt beside it, whose first line is one English sentence.

#include <algorithm>
#include <array>
#include <filesystem>
#include <unordered_map>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/catalogue/sources.h"

namespace fusion {

namespace {

constexpr std::string_view kPackage = "tuxpaint-stamps-default";
constexpr uint64_t kLargestText = 64 << 10;  // a line for each of some eighty languages
/// Letters, signs and parts of people, which are no things to count; monuments to the dead, arms.
constexpr std::array<std::string_view, 6> kSkippedStampFolders = {"symbols/",        "people/",  "military/",
                                                                  "town/roadsigns/", "medical/", "town/flags/"};

/// The top folder's category where the noun has none of its own.
std::string category_of_folder(std::string_view file) {
  static const std::unordered_map<std::string_view, std::string> kCategories = {
      {"animals", "animal"}, {"clothes", "clothing"}, {"food", "food"},        {"plants", "plant"},
      {"sports", "sport"},   {"town", "building"},    {"vehicles", "vehicle"}, {"space", "nature"},
  };
  const auto found = kCategories.find(file.substr(0, file.find('/')));
  return found == kCategories.end() ? "" : found->second;
}

bool skipped(std::string_view file) {
  return std::ranges::any_of(kSkippedStampFolders, [&](std::string_view folder) { return file.starts_with(folder); });
}

/// Only what is introduced as one thing: "A frog.", not "Two flowers." or "Eat your bread!".
std::optional<std::string> noun_of(std::string_view text, const NounTable& nouns) {
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (!line.starts_with("A ") && !line.starts_with("An ")) return std::nullopt;
  return nouns.clean(line, NameStyle::kSentence);
}

std::optional<std::string> text_beside(const std::string& path) {
  std::error_code code;
  const auto bytes = std::filesystem::file_size(path, code);
  if (code || bytes > kLargestText) return std::nullopt;
  return read_text_file(path, kLargestText);
}

}  // namespace

std::vector<Look> stamp_looks(const std::string& folder, const NounTable& nouns) {
  std::vector<Look> looks;
  for (const std::string& file : files_below(folder, std::string(kPackage))) {
    const bool png = file.ends_with(".png");
    if (!png && !file.ends_with(".svg")) continue;
    const std::string stem = file.substr(0, file.size() - 4);
    const std::string id = "stamp/" + stem;
    const auto given = nouns.given(id);
    if (!given && skipped(file)) continue;
    const auto text = text_beside(cat(folder, "/", stem, ".txt"));
    if (!text) continue;
    const auto noun = given ? given : noun_of(*text, nouns);
    // The sorted order puts NAME.png before NAME.svg: one picture of a stamp is enough.
    if (!noun || (!looks.empty() && looks.back().id == id)) continue;
    looks.push_back({.id = id,
                     .noun = *noun,
                     .nouns = nouns.plural(*noun),
                     .category = nouns.category(*noun).value_or(category_of_folder(file)),
                     .family = nouns.family(*noun),
                     .source = LookSource::kStamp,
                     .format = png ? LookFormat::kPng : LookFormat::kSvg,
                     .file = cat(folder, "/", file),
                     .licence = "GPL-2+",
                     .title = printable(text->substr(0, text->find_first_of("\r\n")), 100)});
  }
  return looks;
}

}  // namespace fusion
