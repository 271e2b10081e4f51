#pragma once
// A sample as the model sees it, for people.

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/preprocess/prompt.h"
#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

/// A stretch of a prompt of one kind.
struct PromptPiece {
  enum class Kind {
    kMasked,        ///< words without loss
    kTarget,        ///< words to learn
    kQuestionMark,  ///< no position of its own: the token before it is the last of a question (label kQuestionLabel)
    kImage,         ///< the picture's features stand here
    kLatents        ///< the latent tokens of a question stand here
  } kind = Kind::kMasked;
  int64_t tokens = 0;     ///< ids of the prompt in it
  std::string text = {};  ///< of words: their text, valid UTF-8, special tokens by name
};

std::vector<PromptPiece> view_prompt(const TokenizedPrompt& prompt, const Tokenizer& tokenizer);

}  // namespace fusion
