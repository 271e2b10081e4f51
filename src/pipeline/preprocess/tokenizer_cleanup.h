#pragma once
// transformers' clean_up_tokenization_spaces: no space before punctuation and English contractions.

#include <memory>
#include <string>

#include "pipeline/preprocess/tokenizer.h"

namespace fusion {

/// " ." becomes ".", " 's" becomes "'s" and so on, one rule after the other over the whole text.
std::string clean_up_spaces(std::string text);

/// `inner` with clean_up_spaces over its text; holds back what a following character could still change.
std::unique_ptr<TokenDecoder> clean_up_decoder(std::unique_ptr<TokenDecoder> inner);

}  // namespace fusion
