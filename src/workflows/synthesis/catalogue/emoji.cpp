// emoji-test.txt of Unicode: "1F436  ; fully-qualified  # X E0.6 dog face", in groups.

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/catalogue/sources.h"

namespace fusion {

namespace {

constexpr uint64_t kLargestFile = 8 << 20;
constexpr uint32_t kPresentation = 0xFE0F;  // "drawn in colour", behind characters that could be text
constexpr std::string_view kSpace = " \t";

struct GroupCategory {
  std::string_view group;
  std::string_view category;  ///< of a noun that has none of its own
};
/// No faces, people, symbols or flags: what they show is not one thing with one name.
constexpr std::array<GroupCategory, 5> kGroups = {
    {{"Animals & Nature", ""}, {"Food & Drink", "food"}, {"Travel & Places", ""}, {"Activities", ""}, {"Objects", ""}}};
/// Clock faces that differ in the hour alone.
constexpr std::string_view kSkippedSubgroup = "time";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The code of an emoji that is one character, nothing for sequences.
std::optional<uint32_t> single_code(std::string_view codes) {
  uint32_t code = 0;
  const auto [end, error] = std::from_chars(codes.data(), codes.data() + codes.size(), code, 16);
  if (error != std::errc() || code < 0x80 || code > 0x10FFFF) return std::nullopt;
  const std::string_view rest = trimmed(codes.substr(static_cast<size_t>(end - codes.data())));
  if (!rest.empty() && rest != "FE0F") return std::nullopt;
  return code;
}

void append_utf8(std::string& text, uint32_t code) {
  const auto put = [&](uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x800) {
    put(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

/// "X E0.6 dog face" without its first two words.
std::string_view name_in(std::string_view comment) {
  for (int word = 0; word < 2; ++word) comment = trimmed(comment.substr(std::min(comment.find(' '), comment.size())));
  if (comment.ends_with(" face")) comment.remove_suffix(std::string_view(" face").size());
  return comment;
}

struct Line {
  uint32_t code;
  std::string_view name;
};

std::optional<Line> emoji_in(std::string_view line) {
  const size_t semicolon = line.find(';');
  const size_t hash = line.find('#');
  if (semicolon == std::string_view::npos || hash == std::string_view::npos || hash < semicolon) return std::nullopt;
  if (trimmed(line.substr(semicolon + 1, hash - semicolon - 1)) != "fully-qualified") return std::nullopt;
  const auto code = single_code(trimmed(line.substr(0, semicolon)));
  if (!code) return std::nullopt;
  return Line{.code = *code, .name = name_in(trimmed(line.substr(hash + 1)))};
}

Look emoji_look(const Line& line, const std::string& noun, std::string_view category, const NounTable& nouns) {
  std::string characters;
  append_utf8(characters, line.code);
  append_utf8(characters, kPresentation);
  std::array<char, 8> hex{};
  const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), line.code, 16).ptr;
  return {.id = cat("emoji/", std::string_view(hex.data(), end)),
          .noun = noun,
          .nouns = nouns.plural(noun),
          .category = nouns.category(noun).value_or(std::string(category)),
          .family = nouns.family(noun),
          .source = LookSource::kEmoji,
          .format = LookFormat::kGlyph,
          .file = characters,
          .licence = "OFL-1.1",
          .title = printable(line.name),
          .author = "Google (Noto Color Emoji)"};
}

}  // namespace

std::vector<Look> emoji_looks(const std::string& file, const NounTable& nouns) {
  if (!std::filesystem::exists(file)) {
    throw Error({.who = file,
                 .expected = "the list of emoji of the package unicode-data",
                 .got = "no such file",
                 .hint = "apt-get install unicode-data fonts-noto-color-emoji, or name the file in the recipe"});
  }
  const std::string text = read_text_file(file, kLargestFile);
  std::vector<Look> looks;
  const GroupCategory* group = nullptr;
  bool wanted = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const auto line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    constexpr std::string_view kGroup = "# group:";
    constexpr std::string_view kSubgroup = "# subgroup:";
    if (line.starts_with(kGroup)) {
      const auto found = std::ranges::find(kGroups, trimmed(line.substr(kGroup.size())), &GroupCategory::group);
      group = found == kGroups.end() ? nullptr : &*found;
    } else if (line.starts_with(kSubgroup)) {
      wanted = trimmed(line.substr(kSubgroup.size())) != kSkippedSubgroup;
    } else if (const auto emoji = emoji_in(line); emoji && group != nullptr && wanted) {
      const auto noun = nouns.clean(emoji->name, NameStyle::kSentence);
      if (noun) looks.push_back(emoji_look(*emoji, *noun, group->category, nouns));
    }
  }
  std::ranges::sort(looks, {}, &Look::id);
  return looks;
}

}  // namespace fusion
