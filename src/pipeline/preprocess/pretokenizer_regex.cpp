#include "pipeline/preprocess/pretokenizer_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/pretokenizer_unicode.h"

namespace fusion {

namespace {

// White space is spelled out: PCRE2's \s holds U+180E, which Unicode and Oniguruma took out.
constexpr std::string_view kSpaces =
    R"(\t-\r\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
constexpr size_t kMaxPattern = 64 << 10;
// LLaMA-3's expression takes fewer than 100 steps a match on any text; these stop an expression made to run for ever.
constexpr uint32_t kMatchLimit = 20'000'000;
constexpr uint32_t kHeapLimitKiB = 256 << 10;
constexpr size_t kJitStackStart = 64 << 10;
constexpr size_t kJitStackMax = 64 << 20;

[[noreturn]] void refuse_pattern(const std::string& who, std::string_view part) {
  throw Error({.who = who,
               .expected = "a split expression that means the same in Oniguruma and PCRE2",
               .got = cat("'", printable(part), "'"),
               .hint = "this tokenizer is not supported"});
}

/// The pattern with Oniguruma's white space and Unicode version.
std::string translate(std::string_view pattern, const std::string& who) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char escaped = pattern[++i];
      const bool braced = i + 3 < pattern.size() && pattern[i + 1] == '{' && pattern[i + 3] == '}';
      const std::string_view category = braced ? pattern.substr(i + 2, 1) : std::string_view();
      const std::string_view newer = newer_characters(category);
      if (escaped == 's') {
        out += in_class ? std::string(kSpaces) : cat("[", kSpaces, "]");
      } else if (escaped == 'S' && !in_class) {
        out += cat("[^", kSpaces, "]");
      } else if ((escaped == 'p' || (escaped == 'P' && !in_class)) && !newer.empty()) {
        const std::string members = cat("\\p{", category, "}", newer);
        out += in_class ? members : cat(escaped == 'P' ? "[^" : "[", members, "]");
        i += 3;
      } else if (std::string_view("ShHRXKGyYMg").find(escaped) != std::string_view::npos) {
        refuse_pattern(who, pattern.substr(i - 1, 2));
      } else {
        out += c;
        out += escaped;
      }
      continue;
    }
    if (in_class && c == '[' && pattern.substr(i, 2) != "[:") refuse_pattern(who, "a class inside a class");
    if (in_class && pattern.substr(i, 2) == "&&") refuse_pattern(who, "&&");
    if (!in_class && (pattern.substr(i, 3) == "(?m" || pattern.substr(i, 2) == "(*" || pattern.substr(i, 3) == "(?C")) {
      refuse_pattern(who, pattern.substr(i, 3));
    }
    if (c == '[' && !in_class) {
      in_class = true;
      // "[]" and "[^]" begin with a literal bracket in PCRE2.
      if (pattern.substr(i, 2) == "[]" || pattern.substr(i, 3) == "[^]") refuse_pattern(who, "an empty class");
    } else if (c == ']') {
      in_class = false;
    }
    out += c;
  }
  return out;
}

}  // namespace

struct Regex::Compiled {
  pcre2_code* code = nullptr;
  std::string who;
  ~Compiled() { pcre2_code_free(code); }
};

Regex::Regex(std::string_view pattern, const std::string& who) : compiled_(std::make_unique<Compiled>()) {
  if (pattern.size() > kMaxPattern) {
    throw Error(
        {.who = who, .expected = cat("an expression of at most ", kMaxPattern, " bytes"), .got = cat(pattern.size())});
  }
  const std::string text = translate(pattern, who);
  int error = 0;
  size_t offset = 0;
  compiled_->who = who;
  compiled_->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &error, &offset, nullptr);
  if (compiled_->code == nullptr) {
    std::array<PCRE2_UCHAR, 256> message{};
    pcre2_get_error_message(error, message.data(), message.size());
    throw Error({.who = who,
                 .expected = "a regular expression",
                 .got = cat("'", printable(text.substr(std::min(offset, text.size()))),
                            "': ", reinterpret_cast<const char*>(message.data()))});
  }
  // Without a just-in-time compiler the interpreter gives the same matches, slower.
  pcre2_jit_compile(compiled_->code, PCRE2_JIT_COMPLETE);
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

struct Regex::Searcher::State {
  const Compiled& compiled;
  pcre2_match_data* match;
  pcre2_match_context* context;
  pcre2_jit_stack* stack;

  explicit State(const Compiled& of)
      : compiled(of),
        match(pcre2_match_data_create(1, nullptr)),
        context(pcre2_match_context_create(nullptr)),
        stack(pcre2_jit_stack_create(kJitStackStart, kJitStackMax, nullptr)) {
    if (match == nullptr || context == nullptr || stack == nullptr) {
      throw Error({.who = compiled.who, .expected = "memory for a search", .got = "none"});
    }
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_heap_limit(context, kHeapLimitKiB);
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
    pcre2_match_data_free(match);
  }
};

Regex::Searcher::Searcher(const Regex& regex) : state_(std::make_unique<State>(*regex.compiled_)) {}
Regex::Searcher::~Searcher() = default;
Regex::Searcher::Searcher(Searcher&&) noexcept = default;
Regex::Searcher& Regex::Searcher::operator=(Searcher&&) noexcept = default;

std::optional<TextRange> Regex::Searcher::find(std::string_view text, size_t from) {
  const int found = pcre2_match(state_->compiled.code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                                PCRE2_NO_UTF_CHECK, state_->match, state_->context);
  if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (found < 0) {
    std::array<PCRE2_UCHAR, 256> message{};
    pcre2_get_error_message(found, message.data(), message.size());
    throw Error({.who = state_->compiled.who,
                 .expected = "a split expression that ends",
                 .got = reinterpret_cast<const char*>(message.data()),
                 .cause = "the expression backtracks without end on this text"});
  }
  const size_t* bounds = pcre2_get_ovector_pointer(state_->match);
  // A match that ends before its begin needs \K, which is refused.
  return TextRange{.begin = bounds[0], .end = bounds[1]};
}

}  // namespace fusion
