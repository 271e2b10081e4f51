#include "workflows/datasets/word_count.h"

#include "foundation/core/utf8.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

int64_t count_words(std::string_view text) {
  int64_t words = 0;
  bool inside = false;
  while (!text.empty()) {
    const Utf8Step step = utf8_front(text);
    const bool space = step.kind == Utf8Step::Kind::kCharacter && is_space(step.code, SpaceRule::kPython);
    if (!space && !inside) ++words;
    inside = !space;
    text.remove_prefix(step.length);
  }
  return words;
}

}  // namespace fusion
