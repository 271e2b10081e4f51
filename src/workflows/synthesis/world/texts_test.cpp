// Captions and descriptions, read word by word.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "workflows/synthesis/items/palette.h"
#include "workflows/synthesis/world/caption_forms.h"
#include "workflows/synthesis/world/forms.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/scene_words.h"
#include "workflows/synthesis/world/world.h"

namespace fusion {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::array kWrittenFocuses = {Focus::kColor, Focus::kCount, Focus::kSpatial,
                                        Focus::kScene, Focus::kText,  Focus::kAny};

const World& text_world() {
  static const World kWorld({}, Catalogue::open());
  return kWorld;
}

using Check = std::function<void(const Scene&, const std::string&)>;

void for_captions(uint64_t count, const Check& check) {
  for (const Focus focus : kWrittenFocuses) {
    for (uint64_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
      RandomSource random(i, static_cast<uint64_t>(focus));
      const Scene scene = text_world().scene(focus, random);
      const std::string text = text_world().caption(scene, focus, random);
      SCOPED_TRACE(text);
      check(scene, text);
    }
  }
}

void for_descriptions(uint64_t count, const Check& check) {
  for (const Focus focus : kWrittenFocuses) {
    for (uint64_t i = 0; i < count && !testing::Test::HasFailure(); ++i) {
      RandomSource random(i, 100 + static_cast<uint64_t>(focus));
      const Scene scene = text_world().scene(focus, random);
      const std::string text = text_world().description(scene, focus, random);
      SCOPED_TRACE(text);
      check(scene, text);
    }
  }
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

void erase_all(std::string& text, const std::string& part) {
  if (part.empty()) return;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part)) text.erase(at, part.size());
}

/// What is written on signs stands for itself: a # takes its place.
std::string without_quotes(const std::string& text) {
  std::string out;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') out += quoted ? "" : "#";
    quoted ^= c == '"';
    if (!quoted && c != '"') out += c;
  }
  return out;
}

/// The words that a text says of the things alone: in lower case, without what is written on signs and without the
/// words for the setting.
std::vector<std::string> words_of(const Scene& scene, const std::string& text) {
  std::string left = lower(without_quotes(text));
  const SettingFacts& facts = setting_facts(scene.setting);
  for (const std::string_view words : {facts.features, facts.place, facts.name})
    erase_all(left, lower(std::string(words)));
  if (!scene.backdrop.empty()) erase_all(left, "plain " + scene.backdrop);
  for (const ObjectGroup& group : scene.groups) {
    for (const std::string& noun : {group.nouns, group.noun}) {
      const bool has_color = std::ranges::any_of(
          palette(), [&](const NamedColor& color) { return noun.find(color.name) != std::string::npos; });
      if (has_color) erase_all(left, noun);
    }
  }
  std::vector<std::string> words(1);
  for (const char c : left) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

std::set<std::string> colors_in(const std::vector<std::string>& words) {
  std::set<std::string> found;
  for (const NamedColor& color : palette()) {
    const std::string name(color.name);
    if (std::ranges::find(words, name) != words.end()) found.insert(name);
  }
  return found;
}

std::set<std::string> group_colors(const Scene& scene) {
  std::set<std::string> colors;
  for (const ObjectGroup& group : scene.groups) colors.insert(group.color);
  for (const Sign& sign : scene.signs) colors.insert(sign.paper);
  colors.erase("");
  return colors;
}

bool is_sound(const std::string& text) {
  static constexpr std::string_view kWrong[] = {"  ",
                                                " ,",
                                                " .",
                                                "..",
                                                "{",
                                                "}",
                                                "[",
                                                "]",
                                                "|",
                                                " a a ",
                                                " a an ",
                                                "the the",
                                                " is are",
                                                ",,",
                                                ": ,",
                                                " and .",
                                                " a one ",
                                                "there are a ",
                                                "there are an ",
                                                "there are one ",
                                                "there is two",
                                                "are one thing",
                                                " with.",
                                                " of.",
                                                "a plain background",
                                                ", ."};
  const std::string plain = " " + lower(without_quotes(text));
  for (const std::string_view wrong : kWrong) {
    if (plain.find(wrong) != std::string::npos) return false;
  }
  for (const char vowel : {'a', 'e', 'i', 'o'}) {
    const std::string start = std::string(" a ") + vowel;
    const size_t at = plain.find(start);
    if (at != std::string::npos && article(plain.substr(at + 3)) == "an") return false;
  }
  const bool begins = text.front() == '"' || (text.front() >= 'A' && text.front() <= 'Z');
  return begins && text.back() == '.';
}

TEST(Captions, AreSoundSentences) {
  for_captions(1500, [](const Scene&, const std::string& text) { EXPECT_TRUE(is_sound(text)); });
}

TEST(Captions, NameTheColorsThatAreThereAndNoOthers) {
  for_captions(800, [](const Scene& scene, const std::string& text) {
    if (scene.chart || scene.grid) return;
    auto allowed = group_colors(scene);
    auto found = colors_in(words_of(scene, text));
    for (const std::string& color : allowed) EXPECT_TRUE(found.contains(color)) << color;
    for (const Sign& sign : scene.signs) allowed.insert(sign.ink);
    for (const std::string& color : found) EXPECT_TRUE(allowed.contains(color)) << color;
  });
}

TEST(Captions, NameTheNumbersThatAreThereAndNoOthers) {
  for_captions(800, [](const Scene& scene, const std::string& text) {
    if (scene.chart || scene.grid) return;
    const auto words = words_of(scene, text);
    std::set<std::string> allowed = {number_word(total(scene)), "one"};
    for (const ObjectGroup& group : scene.groups) {
      allowed.insert(number_word(group.count()));
      if (group.count() < 2) continue;
      EXPECT_TRUE(std::ranges::find(words, number_word(group.count())) != words.end()) << group.count();
    }
    for (int64_t number = 0; number <= 20; ++number) {
      const bool said = std::ranges::find(words, number_word(number)) != words.end();
      EXPECT_TRUE(!said || allowed.contains(number_word(number))) << number;
    }
  });
}

TEST(Captions, NameEveryThingSignAndPlace) {
  for_captions(800, [](const Scene& scene, const std::string& text) {
    for (const ObjectGroup& group : scene.groups) {
      EXPECT_THAT(lower(text), HasSubstr(group.count() == 1 ? group.noun : group.nouns));
    }
    for (const Sign& sign : scene.signs) EXPECT_THAT(text, HasSubstr("\"" + sign_line(sign) + "\""));
    if (!setting_facts(scene.setting).bare) {
      const std::string noun(setting_facts(scene.setting).name.substr(2));
      EXPECT_THAT(lower(text), testing::AnyOf(HasSubstr(noun), HasSubstr("under water")));
    }
  });
}

TEST(Captions, NameTheRightRelation) {
  int64_t told = 0;
  for (uint64_t i = 0; i < 2000; ++i) {
    RandomSource random(i);
    const Scene scene = text_world().scene(Focus::kSpatial, random);
    const std::string text = lower(text_world().caption(scene, Focus::kSpatial, random));
    const std::string_view seen = relation(extent(scene.groups[0]), extent(scene.groups[1]));
    for (const std::string_view name : {"left", "right", "above", "below"}) {
      const std::string words = std::string(relation_words(name)) + " " + noun_phrase(scene.groups[1]);
      if (text.find(noun_phrase(scene.groups[0]) + " " + words) == std::string::npos) continue;
      EXPECT_EQ(name, seen) << text;
      ++told;
    }
  }
  EXPECT_GT(told, 100);
}

TEST(Captions, HaveManyForms) {
  std::set<std::string> skeletons;
  for_captions(1500, [&](const Scene& scene, const std::string& text) {
    std::string left = lower(without_quotes(text));
    const SceneWords words(scene);
    std::vector<std::string> slots = {"setting", "place"};
    if (!scene.signs.empty()) slots.insert(slots.end(), {"signs", "sign"});
    if (!scene.groups.empty()) slots.insert(slots.end(), {"groups", "counted", "rest", "first", "total"});
    for (const std::string& slot : slots) {
      const std::string filled = lower(without_quotes(words(slot)));
      const size_t at = filled.empty() ? std::string::npos : left.find(filled);
      if (at != std::string::npos) left.replace(at, filled.size(), "#");
    }
    const bool bare = std::ranges::none_of(
        scene.groups, [&](const ObjectGroup& group) { return left.find(group.noun) != std::string::npos; });
    if (bare && !scene.chart && !scene.grid) skeletons.insert(left);
  });
  EXPECT_GE(skeletons.size(), 100U);
  const size_t forms = common_forms().size() + color_forms().size() + count_forms().size() + spatial_forms().size() +
                       scene_forms().size() + text_forms().size();
  EXPECT_GE(forms, 40U);
}

TEST(Descriptions, HaveThreeToSixSoundSentences) {
  for_descriptions(1500, [](const Scene&, const std::string& text) {
    EXPECT_TRUE(is_sound(text));
    const std::string plain = without_quotes(text);
    int64_t sentences = 0;
    for (size_t i = 0; i < plain.size(); ++i) sentences += plain[i] == '.';
    EXPECT_GE(sentences, 3);
    EXPECT_LE(sentences, 6);
  });
}

TEST(Descriptions, NameEverything) {
  for_descriptions(800, [](const Scene& scene, const std::string& text) {
    for (const ObjectGroup& group : scene.groups) EXPECT_THAT(lower(text), HasSubstr(noun_phrase(group)));
    for (const Sign& sign : scene.signs) {
      EXPECT_THAT(text, HasSubstr("\"" + sign_line(sign) + "\""));
      EXPECT_THAT(text, HasSubstr(sign.paper + " " + sign.surface));
      EXPECT_THAT(text, HasSubstr(sign.ink + " letters"));
    }
    const std::string values = scene.chart ? chart_values(*scene.chart) : "";
    EXPECT_THAT(text, HasSubstr(values));
    if (scene.grid || scene.chart) return;
    auto allowed = group_colors(scene);
    for (const Sign& sign : scene.signs) allowed.insert(sign.ink);
    for (const std::string& color : colors_in(words_of(scene, text))) EXPECT_TRUE(allowed.contains(color)) << color;
  });
}

TEST(Descriptions, CompareNumbersRightly) {
  int64_t compared = 0;
  for_descriptions(800, [&](const Scene& scene, const std::string& text) {
    for (const ObjectGroup& a : scene.groups) {
      for (const ObjectGroup& b : scene.groups) {
        const bool more = text.find("more " + a.nouns + " than " + b.nouns) != std::string::npos;
        const bool equal = text.find("as many " + a.nouns + " as " + b.nouns) != std::string::npos;
        compared += more || equal;
        EXPECT_TRUE(!more || a.count() > b.count());
        EXPECT_TRUE(!equal || a.count() == b.count());
      }
    }
  });
  EXPECT_GT(compared, 20);
}

TEST(Forms, ChooseFillAndBeginSentencesInUpperCase) {
  RandomSource random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    seen.insert(expand_form(
        "[one|two|] {x}. {x} is {y}.",
        [](std::string_view slot) { return slot == "x" ? std::string("an owl") : std::string("red"); }, random));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"One an owl. An owl is red.", "Two an owl. An owl is red.",
                                         " an owl. An owl is red."}));
}

}  // namespace
}  // namespace fusion
