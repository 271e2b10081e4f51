#include "pipeline/preprocess/pretokenizer.h"

#include <utility>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

using nlohmann::json;

constexpr size_t kMaxSteps = 32;
// ByteLevel's own expression, that of GPT-2.
constexpr std::string_view kByteLevelPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::string escape_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\^$.[]|()?*+{}").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Pretokenizer::Pretokenizer(const json& value, const std::string& who) {
  add(value, who);
  if (!byte_level_) {
    throw Error({.who = who,
                 .expected = "a ByteLevel step",
                 .got = "none",
                 .cause = "not a byte-level BPE tokenizer",
                 .hint = "use a folder with its tokenizer.model, or another checkpoint"});
  }
}

void Pretokenizer::add(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  const auto type = object.required<std::string>("type");
  if (type == "Sequence") {
    const json* list = object.find("pretokenizers");
    if (list == nullptr || !list->is_array()) {
      throw Error({.who = object.who("pretokenizers"), .expected = "a list", .got = "none"});
    }
    for (const json& step : *list) add(step, cat(who, ".pretokenizers"));
    return;
  }
  if (byte_level_ || steps_.size() >= kMaxSteps) {
    throw Error({.who = who, .expected = cat("at most ", kMaxSteps, " steps, ByteLevel last"), .got = printable(type)});
  }
  if (type == "Split") {
    add_split(value, who);
  } else if (type == "Digits") {
    const bool each = object.optional<bool>("individual_digits").value_or(false);
    steps_.push_back({.regex = Regex(each ? R"(\p{N})" : R"(\p{N}+)", who)});
  } else if (type == "ByteLevel") {
    add_byte_level(value, who);
  } else {
    throw Error({.who = who, .expected = "Sequence, Split, Digits or ByteLevel", .got = printable(type)});
  }
}

void Pretokenizer::add_split(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  const JsonObject pattern = object.object("pattern");
  const auto regex = pattern.optional<std::string>("Regex");
  const std::string text = regex ? *regex : escape_pattern(pattern.required<std::string>("String"));
  const auto behavior = object.required<std::string>("behavior");
  const bool invert = object.optional<bool>("invert").value_or(false);
  if (behavior != "Isolated" && behavior != "Removed") {
    throw Error({.who = object.who("behavior"), .expected = "Isolated or Removed", .got = printable(behavior)});
  }
  const bool removed = behavior == "Removed";
  steps_.push_back({.regex = Regex(text, object.who("pattern")),
                    .keep_matches = !removed || invert,
                    .keep_gaps = !removed || !invert});
}

void Pretokenizer::add_byte_level(const json& value, const std::string& who) {
  const JsonObject object(value, who);
  if (object.optional<bool>("add_prefix_space").value_or(true)) {
    throw Error({.who = object.who("add_prefix_space"), .expected = "false", .got = "true"});
  }
  byte_level_ = true;
  if (object.optional<bool>("use_regex").value_or(true)) steps_.push_back({.regex = Regex(kByteLevelPattern, who)});
}

Pretokenizer::Splitter::Splitter(const Pretokenizer& pretokenizer) : pretokenizer_(pretokenizer) {
  for (const Step& step : pretokenizer.steps_) searchers_.emplace_back(step.regex);
}

const std::vector<TextRange>& Pretokenizer::Splitter::split(std::string_view text) {
  pieces_.assign(1, {.begin = 0, .end = text.size()});
  for (size_t i = 0; i < searchers_.size(); ++i) {
    const Step& step = pretokenizer_.steps_[i];
    next_.clear();
    for (const TextRange& piece : pieces_) {
      // Each piece is a text of its own: no look-behind into its neighbour.
      const std::string_view part = text.substr(piece.begin, piece.end - piece.begin);
      const auto keep = [&](bool wanted, size_t begin, size_t end) {
        if (wanted && end > begin) next_.push_back({.begin = piece.begin + begin, .end = piece.begin + end});
      };
      size_t done = 0;
      for (size_t from = 0; from <= part.size();) {
        const auto match = searchers_[i].find(part, from);
        if (!match) break;
        keep(step.keep_gaps, done, match->begin);
        keep(step.keep_matches, match->begin, match->end);
        done = match->end;
        const bool empty = match->end == match->begin;
        from = match->end + (empty && match->end < part.size() ? utf8_front(part.substr(match->end)).length : empty);
      }
      keep(step.keep_gaps, done, part.size());
    }
    std::swap(pieces_, next_);
  }
  return pieces_;
}

}  // namespace fusion
