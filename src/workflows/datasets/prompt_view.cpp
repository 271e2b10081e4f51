#include "workflows/datasets/prompt_view.h"

#include "pipeline/preprocess/tokenizer_utf8.h"
#include "workflows/datasets/micro_batch.h"

namespace fusion {

namespace {

using Kind = PromptPiece::Kind;

Kind kind_of(int64_t id, int64_t label) {
  if (id == kImageToken) return Kind::kImage;
  if (id == kLatentToken) return Kind::kLatents;
  return is_target(label) ? Kind::kTarget : Kind::kMasked;
}

}  // namespace

std::vector<PromptPiece> view_prompt(const TokenizedPrompt& prompt, const Tokenizer& tokenizer) {
  std::vector<PromptPiece> pieces;
  for (size_t i = 0; i < prompt.input_ids.size(); ++i) {
    const int64_t id = prompt.input_ids[i];
    const Kind kind = kind_of(id, prompt.labels[i]);
    const bool words = kind == Kind::kMasked || kind == Kind::kTarget;
    if (!words || pieces.empty() || pieces.back().kind != kind) pieces.push_back({.kind = kind});
    ++pieces.back().tokens;
    if (words) pieces.back().text += tokenizer.token_bytes(id);
    if (prompt.labels[i] == kQuestionLabel) pieces.push_back({.kind = Kind::kQuestionMark});
  }
  // A character may be spread over tokens, so a piece is mended as a whole.
  for (PromptPiece& piece : pieces) piece.text = replace_broken_utf8(piece.text);
  return pieces;
}

}  // namespace fusion
