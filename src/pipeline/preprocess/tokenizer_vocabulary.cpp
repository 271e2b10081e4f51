#include "pipeline/preprocess/tokenizer_vocabulary.h"

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

void TokenizerVocabulary::add(int64_t id, std::string name) {
  if (id < 0 || id >= kMaxVocabulary) {
    throw Error({.who = who_, .expected = cat("ids from 0 to ", kMaxVocabulary - 1), .got = cat(id)});
  }
  if (name.size() > kMaxTokenBytes) {
    throw Error({.who = cat(who_, ": id ", id),
                 .expected = cat("a token of at most ", kMaxTokenBytes, " bytes"),
                 .got = cat(name.size(), " bytes")});
  }
  if (static_cast<size_t>(id) >= names_.size()) names_.resize(static_cast<size_t>(id) + 1, nullptr);
  if (has(id)) {
    throw Error({.who = cat(who_, ": id ", id),
                 .expected = "one token",
                 .got = cat("'", printable(this->name(id)), "' and '", printable(name), "'"),
                 .hint = "fetch the tokenizer files again"});
  }
  const auto [entry, fresh] = ids_.try_emplace(std::move(name), id);
  if (!fresh) {
    throw Error({.who = cat(who_, ": token '", printable(entry->first), "'"),
                 .expected = "one id",
                 .got = cat(entry->second, " and ", id),
                 .hint = "fetch the tokenizer files again"});
  }
  names_[static_cast<size_t>(id)] = &entry->first;
}

void TokenizerVocabulary::add_added(const AddedToken& token) {
  const bool known = has(token.id) && name(token.id) == token.content;
  if (!known) add(token.id, token.content);
  const auto [entry, fresh] = added_index_.try_emplace(token.content, added_.size());
  if (fresh) {
    added_.push_back(token);
  } else {
    added_[entry->second] = token;
  }
}

void TokenizerVocabulary::add_with_any_id(AddedToken token) {
  token.id = find(token.content).value_or(size());
  add_added(token);
}

void TokenizerVocabulary::check_complete() const {
  if (names_.empty()) throw Error({.who = who_, .expected = "a vocabulary", .got = "no token at all"});
  const auto hole = std::ranges::find(names_, nullptr);
  if (hole == names_.end()) return;
  throw Error({.who = who_,
               .expected = cat("a token for every id from 0 to ", names_.size() - 1),
               .got = cat("none for id ", hole - names_.begin()),
               .cause = "added tokens of another vocabulary",
               .hint = "use the tokenizer files that belong together"});
}

std::optional<int64_t> TokenizerVocabulary::find(std::string_view name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

const AddedToken* TokenizerVocabulary::added_with_name(std::string_view name) const {
  const auto found = added_index_.find(name);
  return found == added_index_.end() ? nullptr : &added_[found->second];
}

SpecialIds TokenizerVocabulary::special_ids(const TokenizerSettings& settings) const {
  const auto id_of = [&](std::string_view role) -> std::optional<int64_t> {
    const auto& token = settings.role(role);
    return token ? find(token->content) : std::nullopt;
  };
  return {.bos = id_of("bos_token"), .eos = id_of("eos_token"), .pad = id_of("pad_token"), .unk = id_of("unk_token")};
}

}  // namespace fusion
