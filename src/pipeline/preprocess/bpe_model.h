#pragma once
// The `model` of a byte-level BPE tokenizer.json: bytes to ids.

#include <atomic>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/preprocess/bpe_merges.h"
#include "pipeline/preprocess/tokenizer_vocabulary.h"

namespace fusion {

/// The bytes that a token of a byte-level vocabulary stands for ("Ġthe" is " the"): each of its characters is one
/// byte. Nothing where a character is none of those 256, as in "<｜begin▁of▁sentence｜>".
std::optional<std::string> byte_level_bytes(std::string_view token);

/// Vocabulary and merges over bytes. Immutable in effect: what encode() remembers never changes an answer.
class BpeModel {
 public:
  struct Scratch {
    BpeMerges::Scratch merges;
    std::vector<uint32_t> ids;
  };

  /// Reads `value`, the file's "model", and puts its tokens into `vocabulary`. Throws Error on a model of another
  /// type, on merges of unknown tokens and on options that byte-level models do not use.
  BpeModel(const nlohmann::json& value, const std::string& who, TokenizerVocabulary& vocabulary);

  /// Ids that encode() must never give: the text that a person wrote cannot spell a control token.
  void forbid(int64_t id);

  /// Appends the ids of one pre-tokenized piece.
  void encode(std::string_view bytes, Scratch& scratch, std::vector<int64_t>& out) const;

 private:
  enum Whole : uint8_t { kUnknown, kIsOneToken, kIsSeveral };

  void read_merges(const nlohmann::json& merges, const std::string& who, const TokenizerVocabulary& vocabulary);
  void bytes_to_ids(std::string_view bytes, std::vector<uint32_t>& ids) const;
  bool forbidden(uint32_t id) const { return id < forbidden_.size() && forbidden_[id]; }

  std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>> by_bytes_;
  std::vector<uint32_t> byte_ids_;  // by byte; kNone where the vocabulary lacks it
  std::optional<uint32_t> unknown_;
  BpeMerges merges_{0};
  std::vector<bool> forbidden_;
  bool ignore_merges_ = false;
  /// By id: whether the merges make one token of its bytes; found out when first asked.
  std::unique_ptr<std::atomic<uint8_t>[]> whole_;
};

}  // namespace fusion
