#include "pipeline/preprocess/streaming_detokenizer.h"

namespace fusion {

StreamingDetokenizer::StreamingDetokenizer(const Tokenizer& tokenizer, bool skip_special)
    : tokenizer_(tokenizer), skip_special_(skip_special), decoder_(tokenizer.decoder(skip_special)) {}

std::string StreamingDetokenizer::push(int64_t id) {
  std::string text;
  decoder_->push(id, text);
  return text;
}

std::string StreamingDetokenizer::flush() {
  std::string text;
  decoder_->finish(text);
  decoder_ = tokenizer_.decoder(skip_special_);
  return text;
}

}  // namespace fusion
