#pragma once
// The regular expressions of a tokenizer.json, run by PCRE2 with Oniguruma's meaning.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/preprocess/prompt_text.h"

namespace fusion {

/// A compiled expression. Immutable; each thread searches with a Searcher of its own.
class Regex {
 public:
  /// Throws Error, naming `who`, on a syntax error or on what means something else in Oniguruma than here.
  Regex(std::string_view pattern, const std::string& who);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  /// Working memory of searches with one expression.
  class Searcher {
   public:
    explicit Searcher(const Regex& regex);
    ~Searcher();
    Searcher(Searcher&&) noexcept;
    Searcher& operator=(Searcher&&) noexcept;
    /// The first match at or after `from` in valid UTF-8. Throws Error where the expression backtracks without end.
    std::optional<TextRange> find(std::string_view text, size_t from);

   private:
    struct State;
    std::unique_ptr<State> state_;
  };

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace fusion
