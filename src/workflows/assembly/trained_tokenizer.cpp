#include "workflows/assembly/trained_tokenizer.h"

#include <sentencepiece_trainer.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/assembly/phi_control_tokens.h"

namespace fusion {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view kCapitals = "A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S,T,U,V,W,X,Y,Z";
/// `<unk>`, `<s>`, `</s>` and 256 bytes.
constexpr int64_t kBeforePieces = 259;

/// The trainer asks for one text after another.
class Texts : public sentencepiece::SentenceIterator {
 public:
  explicit Texts(std::span<const std::string> texts) : texts_(texts) {}
  bool done() const override { return next_ >= texts_.size(); }
  void Next() override { ++next_; }
  const std::string& value() const override { return texts_[next_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  std::span<const std::string> texts_;
  size_t next_ = 0;
};

std::string train_model(std::span<const std::string> texts, const TokenizerTraining& options) {
  const int64_t pieces = options.vocab_size - kPhiControlIds;
  std::unordered_map<std::string, std::string> settings = {{"model_type", "bpe"},
                                                           {"vocab_size", std::to_string(pieces)},
                                                           {"character_coverage", "1.0"},
                                                           {"byte_fallback", "true"},
                                                           {"split_digits", "true"},
                                                           {"normalization_rule_name", "identity"},
                                                           {"remove_extra_whitespaces", "false"},
                                                           {"num_threads", "1"},
                                                           {"max_sentence_length", "1000000"},
                                                           {"minloglevel", "2"}};
  if (options.single_capitals) settings["user_defined_symbols"] = kCapitals;
  Texts iterator(texts);
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(settings, &iterator, &model);
  if (status.ok()) return model;
  throw Error({.who = "tokenizer",
               .expected = cat("texts that ", options.vocab_size, " tokens can be learnt from"),
               .got = cat(texts.size(), " texts that do not have them"),
               .cause = printable(status.message()),
               .hint = "ask for another size, or give more texts; the cause says which"});
}

ordered_json added_token(std::string_view name, bool eats_space) {
  return {{"content", name},      {"lstrip", false},      {"normalized", false},
          {"rstrip", eats_space}, {"single_word", false}, {"special", true}};
}

ordered_json config_of(int64_t first_control) {
  ordered_json decoder = ordered_json::object();
  int64_t id = 0;
  for (const std::string_view name : {"<unk>", "<s>", "</s>"}) decoder[std::to_string(id++)] = added_token(name, false);
  int64_t placeholders = 0;
  size_t next = 0;
  for (int64_t offset = 0; offset < kPhiControlIds; ++offset) {
    const bool named = kPhiControlTokens[next].offset == offset;
    const ControlToken token =
        named ? kPhiControlTokens[next++] : ControlToken{.offset = offset, .name = {}, .eats_space = true};
    const std::string name = named ? std::string(token.name) : cat("<|placeholder", ++placeholders, "|>");
    decoder[std::to_string(first_control + offset)] = added_token(name, token.eats_space);
  }
  return {{"add_bos_token", false},
          {"add_eos_token", false},
          {"added_tokens_decoder", decoder},
          {"additional_special_tokens", {"<vision_start>", "<vision_end>"}},
          {"bos_token", "<s>"},
          {"clean_up_tokenization_spaces", false},
          {"eos_token", "<|endoftext|>"},
          {"legacy", false},
          {"pad_token", "<unk>"},
          {"padding_side", "right"},
          {"tokenizer_class", "LlamaTokenizer"},
          {"unk_token", "<unk>"},
          {"use_default_system_prompt", false}};
}

ordered_json special_map() {
  return {{"additional_special_tokens", {"<vision_start>", "<vision_end>"}},
          {"bos_token", "<s>"},
          {"eos_token", "<|endoftext|>"},
          {"pad_token", "<unk>"},
          {"unk_token", "<unk>"}};
}

}  // namespace

FileTexts train_tokenizer(std::span<const std::string> texts, const TokenizerTraining& options) {
  const int64_t least = kBeforePieces + kPhiControlIds + 26;
  if (options.vocab_size < least) {
    throw Error({.who = "tokenizer",
                 .expected = cat("at least ", least, " tokens, for bytes, letters and control tokens"),
                 .got = cat(options.vocab_size)});
  }
  if (texts.empty()) throw Error({.who = "tokenizer", .expected = "texts to learn from", .got = "none"});
  return {{"tokenizer.model", train_model(texts, options)},
          {"tokenizer_config.json", config_of(options.vocab_size - kPhiControlIds).dump(2) + "\n"},
          {"special_tokens_map.json", special_map().dump(2) + "\n"}};
}

}  // namespace fusion
