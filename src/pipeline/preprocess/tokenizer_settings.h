#pragma once
// What lies around a vocabulary in a checkpoint folder: tokenizer_config.json, special_tokens_map.json,
// added_tokens.json.

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/preprocess/added_tokens.h"

namespace fusion {

/// The roles of the special map, in the order in which transformers adds missing ones to the vocabulary.
inline constexpr std::array<std::string_view, 7> kTokenRoles = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                                "pad_token", "cls_token", "mask_token"};

/// The limits of a tokenizer's files. Published vocabularies stay below a tenth of them.
inline constexpr int64_t kMaxVocabulary = int64_t{1} << 22;
inline constexpr size_t kMaxTokenBytes = 4096;
inline constexpr uint64_t kMaxTokenizerFile = uint64_t{256} << 20;

/// The settings of a folder. A flag that no file gives is empty: each tokenizer class has its own default.
struct TokenizerSettings {
  std::string who = {};              ///< the file in errors
  std::string tokenizer_class = {};  ///< "" where no file names one
  std::optional<bool> legacy = {};
  std::optional<bool> add_bos = {};
  std::optional<bool> add_eos = {};
  std::optional<bool> add_prefix_space = {};
  std::optional<bool> clean_up_spaces = {};
  /// By role of kTokenRoles; the flags matter where the token is new to the vocabulary.
  std::array<std::optional<AddedToken>, kTokenRoles.size()> roles = {};
  std::vector<AddedToken> additional = {};
  /// added_tokens_decoder of tokenizer_config.json by ascending id; without it the older added_tokens.json.
  std::vector<AddedToken> added = {};
  /// `added` is added_tokens_decoder: it has the last word on a token's flags.
  bool added_is_complete = false;

  /// bos, eos, ... and the additional ones: what transformers calls all_special_tokens.
  std::vector<AddedToken> all_special() const;
  const std::optional<AddedToken>& role(std::string_view name) const;
};

/// Reads the settings; every file may be missing. Throws Error on a malformed one.
TokenizerSettings read_tokenizer_settings(const std::string& folder);

/// The fields of one added token; `value` is an object. Throws Error on an empty or overlong content.
AddedToken read_added_token(const nlohmann::json& value, const std::string& who, int64_t id);

}  // namespace fusion
