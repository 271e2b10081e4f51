#include "foundation/config/yaml_file.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "foundation/config/input_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/utf8.h"

namespace fusion {

namespace {

using nlohmann::json;

/// Both counted from 1.
struct Place {
  int64_t line = 0;
  int64_t column = 0;
};

Place place_of(const YAML::Mark& mark) {
  return {.line = mark.line + 1, .column = mark.column + 1};
}

Place place_of(std::string_view text, size_t at) {
  const std::string_view before = text.substr(0, at);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
  return {.line = 1 + std::count(before.begin(), before.end(), '\n'),
          .column = static_cast<int64_t>(at - line_start) + 1};
}

[[noreturn]] void fail_at(const std::string& who, Place place, std::string expected, std::string got,
                          std::string hint = "") {
  throw Error({.who = cat(who, ": line ", place.line, ", column ", place.column),
               .expected = std::move(expected),
               .got = std::move(got),
               .hint = std::move(hint)});
}

/// yaml-cpp guesses other encodings, repairs broken characters in silence and takes byte 4 for the end of the text.
void require_text(std::string_view text, const std::string& who) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = utf8_front(text.substr(at));
    const uint32_t code = step.code;
    const bool control = (code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code == 0x7F;
    if (step.kind != Utf8Step::Kind::kCharacter) fail_at(who, place_of(text, at), "UTF-8 text", "a byte that is none");
    if (control) fail_at(who, place_of(text, at), "text", "a control character");
    at += step.length;
  }
}

/// False where the number does not fit or does not end with the text. `base` is for integers.
template <class T, class... Base>
bool parse_whole(std::string_view text, T& out, Base... base) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out, base...);
  return code == std::errc() && end == text.data() + text.size();
}

bool all_digits(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

/// [0-9]+ (. [0-9]*)? or . [0-9]+, then ([eE] [-+]? [0-9]+)?
bool is_float(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  if (const size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('+') || exponent.starts_with('-')) exponent.remove_prefix(1);
    if (!all_digits(exponent, kDigits)) return false;
    text = text.substr(0, e);
  }
  const size_t point = text.find('.');
  if (point == std::string_view::npos) return all_digits(text, kDigits);
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest = text.substr(point + 1);
  if (whole.empty()) return all_digits(rest, kDigits);
  return all_digits(whole, kDigits) && (rest.empty() || all_digits(rest, kDigits));
}

struct Spelled {
  json value;
  std::string problem = {};  ///< not empty: a number that JSON cannot carry
};

Spelled integer(std::string_view digits, int base, bool negative) {
  uint64_t size = 0;
  int64_t value = 0;
  if (!parse_whole(digits, size, base)) return {.value = nullptr, .problem = "an integer of more than 64 bits"};
  if (!negative) return {.value = size};
  const std::string spelled = cat('-', digits);
  if (!parse_whole(spelled, value, base)) return {.value = nullptr, .problem = "an integer of more than 64 bits"};
  return {.value = value};
}

/// A plain scalar by the core schema. Null is told apart by the parser already.
Spelled plain_scalar(const std::string& text) {
  constexpr std::array<std::string_view, 3> kTrue = {"true", "True", "TRUE"};
  constexpr std::array<std::string_view, 3> kFalse = {"false", "False", "FALSE"};
  constexpr std::array<std::string_view, 6> kNotFinite = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return {.value = true};
  if (std::ranges::find(kFalse, text) != kFalse.end()) return {.value = false};
  std::string_view rest = text;
  if (rest.starts_with("0x") && all_digits(rest.substr(2), "0123456789abcdefABCDEF")) {
    return integer(rest.substr(2), 16, /*negative=*/false);
  }
  if (rest.starts_with("0o") && all_digits(rest.substr(2), "01234567")) {
    return integer(rest.substr(2), 8, /*negative=*/false);
  }
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (all_digits(rest, "0123456789")) return integer(rest, 10, negative);
  if (is_float(rest)) {
    double value = 0;
    if (!parse_whole(rest, value)) return {.value = nullptr, .problem = "one that a double cannot hold"};
    return {.value = negative ? -value : value};
  }
  if (std::ranges::find(kNotFinite, rest) != kNotFinite.end()) return {.value = nullptr, .problem = text};
  return {.value = text};
}

/// What a value costs again wherever an alias stands for it.
struct Cost {
  uint64_t values = 1;
  uint64_t bytes = 0;
  int depth = 0;  ///< levels of maps and lists

  void add(const Cost& inner) {
    values += inner.values;
    bytes += inner.bytes;
    depth = std::max(depth, inner.depth + 1);
  }
};

Cost cost_of(const json& value) {
  Cost cost;
  if (value.is_string()) cost.bytes = value.get_ref<const std::string&>().size();
  if (value.is_structured()) cost.depth = 1;
  for (const auto& [key, element] : value.items()) {
    if (!value.is_structured()) break;  // items() of a scalar is the scalar itself
    cost.add(cost_of(element));
    if (value.is_object()) cost.bytes += key.size();
  }
  return cost;
}

/// Puts the value together from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const std::string& who, const YamlLimits& limits) : who_(who), limits_(limits) {}

  json take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) fail(mark, "one document", "a second one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (awaits_key()) fail(mark, "a key", "none, or null");
    add(mark, nullptr, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const bool quoted = tag == "!";
    if (!quoted) require_no_tag(mark, tag);
    if (awaits_key()) return set_key(mark, anchor, text, quoted);
    Spelled spelled = quoted ? Spelled{.value = text} : plain_scalar(text);
    if (!spelled.problem.empty()) {
      fail(mark, "a finite number that 64 bits hold", printable(spelled.problem), "text stands in quotes");
    }
    add(mark, std::move(spelled.value), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (awaits_key()) fail(mark, "a key that is a scalar", "an alias");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail(mark, "an alias of a value that is complete", "one inside its own anchor");
    const auto& [value, cost] = found->second;
    count(mark, cost);
    require_depth(mark, static_cast<int>(open_.size()) + cost.depth);
    put(value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, json::array());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, json::object());
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    json value;
    YAML::anchor_t anchor = 0;
    json* slot = nullptr;  ///< of a map: where the value of the key that was read last goes
  };

  [[noreturn]] void fail(const YAML::Mark& mark, std::string expected, std::string got, std::string hint = "") const {
    fail_at(who_, place_of(mark), std::move(expected), std::move(got), std::move(hint));
  }

  bool awaits_key() const { return !open_.empty() && open_.back().value.is_object() && open_.back().slot == nullptr; }

  void require_no_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?") return;
    fail(mark, "a value without a tag", printable(tag),
         "text stands in quotes, everything else is told by its spelling");
  }

  void require_depth(const YAML::Mark& mark, int depth) const {
    if (depth > limits_.max_depth) fail(mark, cat("at most ", limits_.max_depth, " levels of nesting"), "more");
  }

  void count(const YAML::Mark& mark, const Cost& cost) {
    values_ += cost.values;
    bytes_ += cost.bytes;
    if (values_ > limits_.max_values) {
      fail(mark, cat("at most ", limits_.max_values, " values, aliases counted as what they stand for"), "more");
    }
    if (bytes_ > limits_.max_bytes) {
      fail(mark, cat("at most ", limits_.max_bytes, " bytes of text, aliases counted as what they stand for"), "more");
    }
  }

  void set_key(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& name, bool quoted) {
    if (anchor != 0) fail(mark, "a key without an anchor", printable(name));
    if (!quoted && name == "<<") fail(mark, "only keys and values", "a merge key", "write the keys out");
    count(mark, {.values = 0, .bytes = name.size()});
    auto [slot, fresh] = open_.back().value.get_ref<json::object_t&>().try_emplace(name);
    if (!fresh) fail(mark, "every key once", cat("a second '", printable(name), "'"));
    open_.back().slot = &slot->second;
  }

  void add(const YAML::Mark& mark, json value, YAML::anchor_t anchor) {
    count(mark, cost_of(value));
    if (anchor != 0) anchors_[anchor] = {value, cost_of(value)};
    put(std::move(value));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, json empty) {
    if (awaits_key()) {
      // yaml-cpp takes a bracket that is never closed for the beginning of a key.
      fail(mark, "a key that is a scalar", empty.is_array() ? "a list" : "a map", "check that every bracket is closed");
    }
    require_no_tag(mark, tag);
    require_depth(mark, static_cast<int>(open_.size()) + 1);
    count(mark, {});
    open_.push_back({.value = std::move(empty), .anchor = anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = {done.value, cost_of(done.value)};
    put(std::move(done.value));
  }

  void put(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Open& parent = open_.back(); parent.value.is_array()) {
      parent.value.push_back(std::move(value));
    } else {
      *std::exchange(parent.slot, nullptr) = std::move(value);
    }
  }

  const std::string& who_;
  const YamlLimits& limits_;
  json root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::pair<json, Cost>> anchors_;
  int documents_ = 0;
  uint64_t values_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace

json parse_yaml(std::string_view text, const std::string& who, const YamlLimits& limits) {
  if (text.size() > limits.max_bytes) {
    throw Error({.who = who, .expected = cat("at most ", limits.max_bytes, " bytes"), .got = cat(text.size())});
  }
  require_text(text, who);
  std::istringstream stream{std::string(text)};
  Builder builder(who, limits);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    fail_at(who, place_of(error.mark), "valid YAML", printable(error.msg, 160));
  }
  return builder.take();
}

json read_yaml_file(const std::string& path, const YamlLimits& limits) {
  return parse_yaml(read_text_file(path, limits.max_bytes), path, limits);
}

}  // namespace fusion
