#pragma once
// Names and ids of a vocabulary with its added tokens, checked while it is put together.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/preprocess/added_tokens.h"
#include "pipeline/preprocess/tokenizer.h"
#include "pipeline/preprocess/tokenizer_settings.h"

namespace fusion {

/// Hash that lets a string_view look up a std::string.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// Every id has exactly one name and every name one id.
class TokenizerVocabulary {
 public:
  explicit TokenizerVocabulary(std::string who) : who_(std::move(who)) {}
  TokenizerVocabulary(const TokenizerVocabulary&) = delete;
  TokenizerVocabulary& operator=(const TokenizerVocabulary&) = delete;
  TokenizerVocabulary(TokenizerVocabulary&&) = default;
  TokenizerVocabulary& operator=(TokenizerVocabulary&&) = default;
  ~TokenizerVocabulary() = default;

  /// Throws Error on an id out of range, taken already, or a name taken already.
  void add(int64_t id, std::string name);
  /// An added token may repeat an entry of the vocabulary, or be new; a contradiction is an Error.
  void add_added(const AddedToken& token);
  /// As add_added, except that the id is found: that of the name, or the next free one.
  void add_with_any_id(AddedToken token);
  /// Throws Error where an id between 0 and size() - 1 has no name.
  void check_complete() const;

  int64_t size() const { return static_cast<int64_t>(ids_.size()); }
  bool has(int64_t id) const { return id >= 0 && id < static_cast<int64_t>(names_.size()) && names_[id] != nullptr; }
  const std::string& name(int64_t id) const { return *names_[static_cast<size_t>(id)]; }
  std::optional<int64_t> find(std::string_view name) const;
  const std::vector<AddedToken>& added() const { return added_; }
  const AddedToken* added_with_name(std::string_view name) const;
  /// Ids of bos, eos, pad and unk.
  SpecialIds special_ids(const TokenizerSettings& settings) const;

 private:
  std::string who_;
  TextMap<int64_t> ids_;
  std::vector<const std::string*> names_;  // by id, into the keys of ids_
  std::vector<AddedToken> added_;
  TextMap<size_t> added_index_;
};

}  // namespace fusion
