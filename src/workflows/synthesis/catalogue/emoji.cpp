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
/// Of faces, people, symbols and flags most show no one thing with one name: only those of names.json are taken.
constexpr std::array<GroupCategory, 5> kGroups = {
    {{"Animals & Nature", ""}, {"Food & Drink", "food"}, {"Travel & Places", ""}, {"Activities", ""}, {"Objects", ""}}};
/// Clock faces that differ in the hour alone.
constexpr std::string_view kSkippedSubgroup = "time";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The characters of an emoji; nothing where they are none. "1F469 200D 1F692" is a firefighter: a woman, a joiner, a
/// fire engine.
std::vector<uint32_t> codes_in(std::string_view text) {
  std::vector<uint32_t> codes;
  while (!text.empty()) {
    uint32_t code = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code, 16);
    if (error != std::errc() || code < 0x80 || code > 0x10FFFF) return {};
    codes.push_back(code);
    text = trimmed(text.substr(static_cast<size_t>(end - text.data())));
  }
  return codes;
}

/// "1f469-200d-1f692", without what only asks for colour.
std::string id_of(const std::vector<uint32_t>& codes) {
  std::string id;
  for (const uint32_t code : codes) {
    if (code == kPresentation) continue;
    std::array<char, 8> hex{};
    const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), code, 16).ptr;
    (id += id.empty() ? "emoji/" : "-") += std::string_view(hex.data(), end);
  }
  return id;
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
  std::vector<uint32_t> codes;
  std::string id;
  std::string_view name;

  bool is_one_character() const { return codes.size() == 1 || (codes.size() == 2 && codes[1] == kPresentation); }
};

std::optional<Line> emoji_in(std::string_view line) {
  const size_t semicolon = line.find(';');
  const size_t hash = line.find('#');
  if (semicolon == std::string_view::npos || hash == std::string_view::npos || hash < semicolon) return std::nullopt;
  if (trimmed(line.substr(semicolon + 1, hash - semicolon - 1)) != "fully-qualified") return std::nullopt;
  auto codes = codes_in(trimmed(line.substr(0, semicolon)));
  if (codes.empty()) return std::nullopt;
  std::string id = id_of(codes);
  return Line{.codes = std::move(codes), .id = std::move(id), .name = name_in(trimmed(line.substr(hash + 1)))};
}

Look emoji_look(const Line& line, const std::string& noun, std::string_view category, const NounTable& nouns) {
  std::string characters;
  for (const uint32_t code : line.codes) append_utf8(characters, code);
  if (line.codes.size() == 1) append_utf8(characters, kPresentation);
  return {.id = line.id,
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
    } else if (const auto emoji = emoji_in(line)) {
      const bool named_by_rule = group != nullptr && wanted && emoji->is_one_character();
      auto noun = nouns.given(emoji->id);
      if (!noun && named_by_rule) noun = nouns.clean(emoji->name, NameStyle::kSentence);
      if (noun) looks.push_back(emoji_look(*emoji, *noun, group == nullptr ? "" : group->category, nouns));
    }
  }
  std::ranges::sort(looks, {}, &Look::id);
  return looks;
}

}  // namespace fusion
