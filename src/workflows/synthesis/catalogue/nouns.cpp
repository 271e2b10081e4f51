#include "workflows/synthesis/catalogue/nouns.h"

#include <algorithm>
#include <array>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/embedded_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/catalogue/embedded_files.h"

namespace fusion {

namespace {

constexpr size_t kLongestName = 100;  // bytes
constexpr size_t kMostWords = 3;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lowered(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Up to the first mark that ends what a thing is called: "A camera.  Say Cheese!", "Rubber Duck (Open Bill)".
std::string_view first_part(std::string_view name) {
  return name.substr(0, name.find_first_of(".!?,;:("));
}

/// Nothing where a character is in no English word.
std::optional<std::vector<std::string>> words_of(std::string_view name) {
  constexpr std::string_view kApostrophe = "\xE2\x80\x99";
  std::vector<std::string> words(1);
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (name.substr(i).starts_with(kApostrophe)) {
      words.back() += '\'';
      i += kApostrophe.size() - 1;
    } else if (c == ' ' || c == '_') {
      words.emplace_back();
    } else if (is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '\'') {
      words.back() += c;
    } else {
      return std::nullopt;
    }
  }
  std::erase(words, "");
  return words;
}

/// "bus2" is a bus.
void drop_number_behind(std::string& word) {
  while (!word.empty() && is_digit(word.back())) word.pop_back();
}

bool well_formed(const std::string& word) {
  const std::string_view letters = word.ends_with("'s") ? std::string_view(word).substr(0, word.size() - 2) : word;
  const bool hyphens_inside = !letters.starts_with('-') && !letters.ends_with('-');
  return letters.size() >= 2 && hyphens_inside &&
         std::ranges::all_of(letters, [](char c) { return is_lower(c) || c == '-'; });
}

size_t head_of(const std::vector<std::string>& words) {
  return words.size() > 2 && words[1] == "of" ? 0 : words.size() - 1;
}

std::vector<std::string> split(std::string_view noun) {
  std::vector<std::string> words(1);
  for (const char c : noun) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

/// "sheep dog", "loaf of bread" and "pair of scissors" are most like other dogs, bread and scissors; "flag of France",
/// where the last word is a proper name, like other flags.
std::string_view telling_word(std::string_view noun) {
  const std::string_view last = noun.substr(noun.rfind(' ') + 1);
  return last.empty() || !is_upper(last[0]) ? last : noun.substr(0, noun.find(' '));
}

bool is_vowel(char c) {
  return std::string_view("aeiou").find(c) != std::string_view::npos;
}

}  // namespace

NounTable NounTable::embedded() {
  const auto files = catalogue_files();
  const auto text = [&](std::string_view name) { return std::ranges::find(files, name, &EmbeddedFile::name)->text; };
  return NounTable(text("nouns.json"), text("names.json"));
}

NounTable::NounTable(std::string_view json, std::string_view names) {
  const std::string file = "nouns.json";
  const nlohmann::json value = parse_json(json, file);
  const JsonObject object(value, file);
  const auto read_groups = [&](std::string_view key, WordMap& into) {
    const JsonObject groups = object.object(key);
    for (const std::string& name : groups.unread_keys()) {
      for (std::string& word : groups.required<std::vector<std::string>>(name)) into.emplace(std::move(word), name);
    }
  };
  const auto read_words = [&](std::string_view key, Words& into) {
    const auto words = object.required<std::vector<std::string>>(key);
    into.insert(words.begin(), words.end());
  };
  read_groups("categories", categories_);
  read_groups("families", families_);
  const JsonObject irregular = object.object("irregular");
  for (const std::string& name : irregular.unread_keys()) irregular_[name] = irregular.required<std::string>(name);
  for (const auto& [one, many] : irregular_) {
    if (one != many) irregular_plurals_.insert(many);
  }
  read_words("pairs", pairs_);
  read_words("singular", singular_);
  read_words("uncountable", uncountable_);
  read_words("unusable", unusable_);
  read_words("decoration", decoration_);
  read_words("unsafe", unsafe_);
  read_words("misnamed", misnamed_);
  object.refuse_unread_keys();
  read_given(names);
}

void NounTable::read_given(std::string_view names) {
  const std::string file = "names.json";
  const nlohmann::json value = parse_json(names, file);
  const JsonObject sources(value, file);
  for (const std::string& source : sources.unread_keys()) {
    const JsonObject nouns = sources.object(source);
    for (const std::string& noun : nouns.unread_keys()) {
      for (const auto& name : nouns.required<std::vector<std::string>>(noun)) {
        const std::string id = cat(source, "/", name);
        if (given_.emplace(id, noun).second) continue;
        throw Error({.who = file, .expected = "one noun for a picture", .got = cat("two for ", printable(id))});
      }
    }
  }
}

std::optional<std::string> NounTable::given(std::string_view id) const {
  const auto found = given_.find(id);
  return found == given_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> NounTable::clean(std::string_view name, NameStyle style) const {
  if (name.size() > kLongestName) return std::nullopt;
  auto words = words_of(first_part(name));
  if (!words || words->empty()) return std::nullopt;
  if (style == NameStyle::kSentence) {
    const auto proper = [](const std::string& word) { return is_upper(word[0]) && word != "A" && word != "An"; };
    if (proper(words->back())) return std::nullopt;
    std::erase_if(*words, proper);
  }
  for (std::string& word : *words) {
    std::ranges::transform(word, word.begin(), lowered);
    drop_number_behind(word);
    if (unsafe_.contains(word) || unusable_.contains(word)) return std::nullopt;
  }
  std::erase_if(*words, [&](const std::string& word) { return word.empty() || decoration_.contains(word); });
  if (words->empty() || !std::ranges::all_of(*words, well_formed)) return std::nullopt;
  const bool of_pair = words->size() > 2 && (*words)[0] == "pair";
  if (of_pair && !pairs_.contains(words->back())) return std::nullopt;
  if (!of_pair && pairs_.contains(words->back())) words->insert(words->begin(), {"pair", "of"});
  if (words->size() > kMostWords || !countable(*words)) return std::nullopt;
  return join(*words, " ");
}

bool NounTable::countable(const std::vector<std::string>& words) const {
  const auto of = std::ranges::find(words, "of");
  constexpr std::array<std::string_view, 3> kMeasures = {"pair", "bunch", "loaf"};
  if (of != words.end() && (words.size() != 3 || std::ranges::find(kMeasures, words[0]) == kMeasures.end()))
    return false;
  const std::string& head = words[head_of(words)];
  const bool long_enough = head.size() > 2 || categories_.contains(head);
  return long_enough && !uncountable_.contains(head) && !is_plural(head) && !head.ends_with("'s");
}

bool NounTable::is_plural(std::string_view word) const {
  if (irregular_plurals_.contains(word)) return true;
  return word.ends_with('s') && !word.ends_with("ss") && !singular_.contains(word);
}

std::string NounTable::plural(std::string_view noun) const {
  std::vector<std::string> words = split(noun);
  std::string& head = words[head_of(words)];
  head = plural_word(head);
  return join(words, " ");
}

std::string NounTable::plural_word(std::string_view word) const {
  const auto irregular = irregular_.find(word);
  if (irregular != irregular_.end()) return irregular->second;
  const auto without = [&](size_t letters) { return std::string(word.substr(0, word.size() - letters)); };
  // Compounds written as one word follow their last part: "jellyfish", "reindeer", "snowman", "dormouse".
  if (word.ends_with("fish") || word.ends_with("deer") || word.ends_with("sheep")) return std::string(word);
  if (word.ends_with("man")) return without(3) + "men";
  if (word.ends_with("mouse")) return without(5) + "mice";
  if (word.ends_with("tooth")) return without(5) + "teeth";
  if (word.ends_with("wife") || word.ends_with("knife")) return without(2) + "ves";
  const bool y_behind_consonant = word.size() > 1 && word.ends_with('y') && !is_vowel(word[word.size() - 2]);
  if (y_behind_consonant) return without(1) + "ies";
  constexpr std::array<std::string_view, 5> kHissing = {"s", "x", "z", "ch", "sh"};
  const bool hisses = std::ranges::any_of(kHissing, [&](std::string_view end) { return word.ends_with(end); });
  return std::string(word) + (hisses ? "es" : "s");
}

std::string NounTable::family(std::string_view noun) const {
  auto found = families_.find(noun);
  if (found == families_.end()) found = families_.find(telling_word(noun));
  return found == families_.end() ? std::string(telling_word(noun)) : found->second;
}

std::optional<std::string> NounTable::known_part(std::string_view noun) const {
  const std::vector<std::string> words = split(noun);
  if (head_of(words) == 0 && words.size() > 1) return category(noun) ? std::optional(std::string(noun)) : std::nullopt;
  for (auto first = words.begin(); first != words.end(); ++first) {
    const std::string part = join(std::ranges::subrange(first, words.end()), " ");
    const bool each_word =
        std::all_of(first, words.end(), [&](const std::string& word) { return categories_.contains(word); });
    if (each_word || categories_.contains(part)) return part;
  }
  return std::nullopt;
}

std::optional<std::string> NounTable::category(std::string_view noun) const {
  auto found = categories_.find(noun);
  if (found == categories_.end()) found = categories_.find(telling_word(noun));
  if (found == categories_.end()) return std::nullopt;
  return found->second;
}

}  // namespace fusion
