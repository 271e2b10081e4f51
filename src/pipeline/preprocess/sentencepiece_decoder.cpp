#include "pipeline/preprocess/sentencepiece_decoder.h"

#include <utility>

namespace fusion {

SlowDecoder::SlowDecoder(const SlowTokens& tokens, bool skip_special)
    : tokens_(tokens),
      skip_special_(skip_special),
      hold_words_(tokens.legacy && !skip_special),
      pieces_(tokens.model) {}

void SlowDecoder::push(int64_t id, std::string& out) {
  check_token_id(id, tokens_.vocabulary.size());
  const SlowTokenRole role = tokens_.roles[static_cast<size_t>(id)];
  if (skip_special_ && role.special) return;
  const std::string& name = tokens_.vocabulary.name(id);
  if (role.stands_alone) {
    end_group(out);
    if (after_group_) out += ' ';
    out += name;
    after_group_ = true;
    return;
  }
  if (role.special) {
    push_special(name, out);
  } else {
    push_piece(id, name, out);
  }
  ++group_tokens_;
}

void SlowDecoder::push_special(const std::string& name, std::string& out) {
  std::string words = std::exchange(held_, {});
  pieces_.finish(words);
  if (tokens_.legacy && !after_special_ && group_tokens_ != 0) write(" ", out);
  write(words, out);
  write(name, out);
  after_special_ = true;
}

void SlowDecoder::push_piece(int64_t id, std::string_view piece, std::string& out) {
  const bool has_space = piece.starts_with(kUnderline);
  if (after_special_ && group_tokens_ == 1 && tokens_.add_prefix_space && !has_space) write(" ", out);
  after_special_ = false;
  if (group_tokens_ == 0 && tokens_.add_prefix_space && has_space) {
    piece.remove_prefix(kUnderline.size());
    id = tokens_.model.id_of(piece);
  }
  std::string words;
  pieces_.push(id, piece, words);
  if (hold_words_) {
    held_ += words;
  } else {
    write(words, out);
  }
}

void SlowDecoder::end_group(std::string& out) {
  std::string words = std::exchange(held_, {});
  pieces_.finish(words);
  write(words, out);
  after_group_ = after_group_ || group_has_text_;
  group_has_text_ = false;
  group_tokens_ = 0;
  after_special_ = false;
}

void SlowDecoder::finish(std::string& out) {
  const bool joined = after_group_ && group_tokens_ != 0;
  const size_t before = out.size();
  const bool had_text = group_has_text_;
  end_group(out);
  // The reference joins the last group even where it came out empty.
  if (joined && !had_text && out.size() == before) out += ' ';
}

void SlowDecoder::write(std::string_view text, std::string& out) {
  if (text.empty()) return;
  if (!group_has_text_ && after_group_) out += ' ';
  group_has_text_ = true;
  out += text;
}

}  // namespace fusion
