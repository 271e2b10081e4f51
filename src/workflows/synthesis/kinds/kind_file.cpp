#include "workflows/synthesis/kinds/kind_file.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "foundation/config/yaml_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/kinds/prompts.h"
#include "workflows/synthesis/kinds/slots.h"

namespace fusion {

namespace {

/// An entry of `grammar` as it is written.
struct Entry {
  std::string query;
  double weight = 1;
  std::string style = "short";
  std::vector<std::string> questions;
  std::vector<std::string> answers;

  static constexpr auto fields() {
    return std::tuple(field("query", &Entry::query, "what is asked"),
                      defaulted("weight", &Entry::weight, "how often, against the kind's other queries"),
                      defaulted("style", &Entry::style, "of the answers: short, sentence or detailed"),
                      defaulted("questions", &Entry::questions, "own ways to ask"),
                      defaulted("answers", &Entry::answers, "own ways to answer"));
  }
};

void require_one_of(const std::string& value, const std::vector<std::string>& choices, const std::string& who) {
  if (std::ranges::find(choices, value) != choices.end()) return;
  const std::string near = closest_match(value, choices);
  throw Error({.who = who,
               .expected = join(choices, ", "),
               .got = cat("'", printable(value), "'"),
               .hint = near.empty() ? "" : cat("did you mean ", near, "?")});
}

const std::vector<std::string>& answers_of(const SharedForms& forms, const std::string& style) {
  if (style == "short") return forms.short_answers;
  return style == "sentence" ? forms.sentence_answers : forms.detailed_answers;
}

std::string known_queries(const SharedFormsMap& shared, const std::string& query) {
  std::vector<std::string> names;
  for (const auto& [name, forms] : shared) names.push_back(name);
  const std::string near = closest_match(query, names);
  return near.empty() ? cat("there are forms for ", join(names, ", ")) : cat("did you mean ", near, "?");
}

/// `entry` with the shared forms for what it leaves out.
QuestionForms resolve(Entry entry, const std::optional<std::vector<std::string>>& closings,
                      const SharedFormsMap& shared, const JsonObject& object) {
  require_one_of(entry.style, {"short", "sentence", "detailed"}, object.who("style"));
  if (!std::isfinite(entry.weight) || entry.weight <= 0) {
    throw Error({.who = object.who("weight"), .expected = "a number above 0", .got = cat(entry.weight)});
  }
  const auto found = shared.find(entry.query);
  if (found != shared.end()) {
    if (entry.questions.empty()) entry.questions = found->second.questions;
    if (entry.answers.empty()) entry.answers = answers_of(found->second, entry.style);
  }
  if (entry.questions.empty() || entry.answers.empty()) {
    throw Error({.who = object.who("query"),
                 .expected = cat(entry.questions.empty() ? "questions" : "answers", " of style ", entry.style,
                                 " for the query '", printable(entry.query), "'"),
                 .got = "none, here or among the shared forms",
                 .hint = found == shared.end() ? known_queries(shared, entry.query) : ""});
  }
  std::vector<std::string> endings;
  if (entry.style == "short" && closings) endings = *closings;
  if (entry.style == "short" && !closings && found != shared.end()) endings = found->second.closings;
  return {.query = std::move(entry.query),
          .weight = entry.weight,
          .questions = std::move(entry.questions),
          .answers = std::move(entry.answers),
          .closings = std::move(endings)};
}

std::vector<QuestionForms> read_grammar(const nlohmann::json& list,
                                        const std::optional<std::vector<std::string>>& closings,
                                        const SharedFormsMap& shared, const std::string& who) {
  if (!list.is_array()) {
    throw Error({.who = cat(who, ": key 'grammar'"), .expected = "a list of queries", .got = list.type_name()});
  }
  std::vector<QuestionForms> grammar;
  grammar.reserve(list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    const JsonObject object(list[i], who, cat("grammar[", i, "]"));
    grammar.push_back(resolve(read_fields<Entry>(object), closings, shared, object));
  }
  return grammar;
}

void require_range(std::string_view key, int64_t value, int64_t min, int64_t max, const std::string& who) {
  if (value >= min && value <= max) return;
  throw Error({.who = cat(who, ": key '", key, "'"), .expected = cat(min, " to ", max), .got = cat(value)});
}

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 40 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

void check_kind(const Kind& kind, const std::string& who) {
  if (!is_name(kind.name)) {
    throw Error({.who = cat(who, ": key 'name'"),
                 .expected = "1 to 40 letters, digits or '_'",
                 .got = cat("'", printable(kind.name), "'")});
  }
  require_one_of(kind.family, {"alignment", "instruction"}, cat(who, ": key 'family'"));
  require_one_of(kind.focus, {"color", "count", "spatial", "scene", "text", "any"}, cat(who, ": key 'focus'"));
  require_range("pictures", kind.pictures, 1, 2, who);
  require_range("max_rounds", kind.max_rounds, 1, 20, who);
  require_range("min_rounds", kind.min_rounds, 1, kind.max_rounds, who);
  if (kind.options != 0) require_range("options", kind.options, 2, 8, who);
  require_range("max_answer_words", kind.max_answer_words, 1, 2000, who);
  require_range("min_answer_words", kind.min_answer_words, 0, kind.max_answer_words, who);
  check_prompts(kind, who);
}

Kind read_kind(std::string_view text, const std::string& who, const SharedFormsMap& shared) {
  const nlohmann::json value = parse_yaml(text, who);
  const JsonObject object(value, who);
  const nlohmann::json* list = object.find("grammar");
  const auto closings = object.optional<std::vector<std::string>>("closings");
  Kind kind = read_fields<Kind>(object);
  if (list != nullptr) kind.grammar = read_grammar(*list, closings, shared, who);
  check_kind(kind, who);
  return kind;
}

SharedFormsMap read_shared_forms(std::string_view text, const std::string& who) {
  const nlohmann::json value = parse_yaml(text, who);
  SharedFormsMap shared;
  for (const auto& [query, forms] : value.items()) {
    shared.emplace(query, read_fields<SharedForms>(JsonObject(forms, who, query)));
  }
  return shared;
}

}  // namespace fusion
