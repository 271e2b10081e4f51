#include <algorithm>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/more.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/subjects.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"
#include "workflows/synthesis/world/sign_words.h"

namespace fusion {

namespace {

/// One that its surface singles out.
const Sign* pick_sign(const QueryContext& context) {
  std::vector<const Sign*> found;
  for (const Sign& sign : context.scene().signs) {
    if (std::ranges::count(context.scene().signs, sign.surface, &Sign::surface) == 1) found.push_back(&sign);
  }
  return found.empty() ? nullptr : context.random.pick(found);
}

Asked about_sign(const Sign& sign, std::string truth, std::string_view what) {
  Asked asked{.truth = std::move(truth), .about = sign.surface, .fact = fact(what, sign.surface)};
  asked.slots = {{"surface", sign.surface}, {"answer", asked.truth}};
  asked.told.insert(fact("exists", sign.surface));
  return asked;
}

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Texts of the same form, as a sign of the same sort could have them.
std::vector<std::string> other_texts(const Sign& sign, RandomSource& random) {
  constexpr size_t kTexts = 7;
  std::vector<std::string> texts;
  for (size_t tries = 0; tries < 4 * kTexts && texts.size() < kTexts; ++tries) {
    Sign other = sign;
    other.text = draw_other_sign_text(sign.text, random);
    const std::string line = sign_line(other);
    if (line != sign_line(sign) && std::ranges::find(texts, line) == texts.end()) texts.push_back(line);
  }
  return texts;
}

std::optional<Asked> ask_sign_color(const QueryContext& context, std::string Sign::* color, std::string_view what) {
  const Sign* sign = pick_sign(context);
  if (sign == nullptr) return std::nullopt;
  const std::string& truth = sign->*color;
  Asked asked = about_sign(*sign, truth, what);
  asked.wrong = other_colors(truth, context.scene(), context.random);
  const std::string& near = color == &Sign::ink ? sign->paper : sign->ink;
  std::ranges::stable_partition(asked.wrong, [&near](const std::string& each) { return each == near; });
  return asked;
}

}  // namespace

std::optional<Asked> ask_sign_text(const QueryContext& context) {
  const Sign* sign = pick_sign(context);
  if (sign == nullptr) return std::nullopt;
  Asked asked = about_sign(*sign, sign_line(*sign), "sign_text");
  asked.told.insert({fact("sign_letter", sign->surface), fact("sign_length", sign->surface)});
  asked.wrong = other_texts(*sign, context.random);
  asked.verbatim = true;
  asked.slots.push_back({"more", more_about_scene(context, asked)});
  return asked;
}

std::optional<Asked> ask_sign_says(const QueryContext& context) {
  const Sign* sign = pick_sign(context);
  if (sign == nullptr) return std::nullopt;
  const bool yes = context.random.chance(0.5);
  Scene with_other;
  with_other.signs = {*sign};
  with_other.signs.front().text = context.world.sign_text(context.random);
  const std::string line = sign_line(*sign);
  const std::string other = sign_line(with_other.signs.front());
  if (other == line || !context.world.can_show(with_other)) return std::nullopt;
  Asked asked = about_sign(*sign, yes ? "yes" : "no", "sign_text");
  asked.told.insert({fact("sign_letter", sign->surface), fact("sign_length", sign->surface)});
  asked.slots.push_back({"text", yes ? line : other});
  asked.slots.push_back({"true_text", line});
  return asked;
}

std::optional<Asked> ask_sign_letter(const QueryContext& context) {
  const Sign* sign = pick_sign(context);
  if (sign == nullptr || sign->text.empty()) return std::nullopt;
  const bool first = context.random.chance(0.5);
  const char letter = first ? sign->text.front() : sign->text.back();
  if (!is_letter(letter)) return std::nullopt;
  Asked asked = about_sign(*sign, std::string(1, letter), "sign_letter");
  asked.verbatim = true;
  asked.slots.push_back({"which", first ? "first" : "last"});
  asked.slots.push_back({"begin", first ? "begin" : "end"});
  return asked;
}

std::optional<Asked> ask_sign_length(const QueryContext& context) {
  const Sign* sign = pick_sign(context);
  if (sign == nullptr || sign->text.size() < 2 || !std::ranges::all_of(sign->text, is_letter)) return std::nullopt;
  const auto length = static_cast<int64_t>(sign->text.size());
  Asked asked = about_sign(*sign, cat(length), "sign_length");
  asked.slots.push_back({"number", number_word(length)});
  asked.wrong = near_numbers(length, context.random);
  return asked;
}

std::optional<Asked> ask_sign_reversed(const QueryContext& context) {
  const Sign* sign = pick_sign(context);
  if (sign == nullptr || sign->text.size() < 2 || sign->text.size() > 6) return std::nullopt;
  if (!std::ranges::all_of(sign->text, is_letter)) return std::nullopt;
  const std::string backwards(sign->text.rbegin(), sign->text.rend());
  std::vector<std::string> letters;
  for (const char each : backwards) letters.emplace_back(1, each);
  Asked asked = about_sign(*sign, backwards, "sign_text");
  asked.verbatim = true;
  asked.slots.push_back({"text", sign->text});
  asked.slots.push_back({"letters", list_phrase(letters)});
  return asked;
}

std::optional<Asked> ask_sign_ink(const QueryContext& context) {
  return ask_sign_color(context, &Sign::ink, "sign_ink");
}

std::optional<Asked> ask_sign_paper(const QueryContext& context) {
  return ask_sign_color(context, &Sign::paper, "sign_paper");
}

std::optional<Asked> ask_sign_surface(const QueryContext& context) {
  const Sign* sign = pick_sign(context);
  if (sign == nullptr) return std::nullopt;
  Asked asked{.truth = sign->surface, .about = sign->surface, .fact = fact("sign_text", sign->surface)};
  asked.told.insert({fact("sign_letter", sign->surface), fact("sign_length", sign->surface)});
  asked.slots = {{"answer", sign->surface},
                 {"text", sign_line(*sign)},
                 {"a_surface", cat(article(sign->surface), " ", sign->surface)}};
  for (const Sign& other : context.scene().signs) {
    if (&other != sign) asked.wrong.push_back(other.surface);
  }
  return asked;
}

}  // namespace fusion
