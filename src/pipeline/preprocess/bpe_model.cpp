#include "pipeline/preprocess/bpe_model.h"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

using nlohmann::json;

constexpr size_t kMaxMerges = size_t{1} << 23;

/// GPT-2's alphabet: printable bytes are themselves, the others U+0100 onwards in order.
std::array<int, 512> byte_by_code() {
  std::array<int, 512> bytes{};
  bytes.fill(-1);
  uint32_t next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    bytes[printable ? static_cast<uint32_t>(byte) : next++] = byte;
  }
  return bytes;
}

/// "a b", or ["a", "b"] in newer files.
std::pair<std::string_view, std::string_view> parts_of(const json& merge, const std::string& who) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return {merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>()};
  }
  if (merge.is_string()) {
    const std::string_view text = merge.get_ref<const std::string&>();
    const size_t space = text.find(' ');
    if (space != std::string_view::npos && text.find(' ', space + 1) == std::string_view::npos) {
      return {text.substr(0, space), text.substr(space + 1)};
    }
  }
  throw Error({.who = who, .expected = "merges like \"a b\" or [\"a\", \"b\"]", .got = printable(merge.dump())});
}

void refuse_if_set(const JsonObject& model, std::string_view key) {
  const json* value = model.find(key);
  const bool off = value == nullptr || value->is_null() || *value == false || *value == 0.0 ||
                   (value->is_string() && value->get_ref<const std::string&>().empty());
  if (!off) {
    throw Error({.who = model.who(key),
                 .expected = "null, as in byte-level tokenizers",
                 .got = printable(value->dump()),
                 .hint = "this tokenizer is not supported"});
  }
}

}  // namespace

std::optional<std::string> byte_level_bytes(std::string_view token) {
  static const std::array<int, 512> kBytes = byte_by_code();
  std::string bytes;
  while (!token.empty()) {
    const Utf8Step step = utf8_front(token);
    if (step.kind != Utf8Step::Kind::kCharacter || step.code >= kBytes.size() || kBytes[step.code] < 0) {
      return std::nullopt;
    }
    bytes += static_cast<char>(kBytes[step.code]);
    token.remove_prefix(step.length);
  }
  return bytes;
}

BpeModel::BpeModel(const json& value, const std::string& who, TokenizerVocabulary& vocabulary)
    : byte_ids_(256, BpeMerges::kNone) {
  const JsonObject model(value, who);
  const auto type = model.optional<std::string>("type").value_or("BPE");
  if (type != "BPE") throw Error({.who = model.who("type"), .expected = "BPE", .got = printable(type)});
  for (const auto* key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"}) {
    refuse_if_set(model, key);
  }
  ignore_merges_ = model.optional<bool>("ignore_merges").value_or(false);
  const json* tokens = model.find("vocab");
  if (tokens == nullptr || !tokens->is_object() || tokens->size() > static_cast<size_t>(kMaxVocabulary)) {
    throw Error({.who = model.who("vocab"),
                 .expected = cat("an object of at most ", kMaxVocabulary, " tokens"),
                 .got = "other"});
  }
  int64_t most = 0;
  for (const auto& [token, id] : tokens->items()) {
    int64_t number = 0;
    if (!JsonType<int64_t>::read(id, number)) {
      throw Error({.who = cat(who, ": token '", printable(token), "'"),
                   .expected = "an integer id",
                   .got = printable(id.dump())});
    }
    vocabulary.add(number, token);
    most = std::max(most, number);
    auto bytes = byte_level_bytes(token);
    if (!bytes || bytes->empty()) continue;
    if (bytes->size() == 1) byte_ids_[static_cast<uint8_t>((*bytes)[0])] = static_cast<uint32_t>(number);
    by_bytes_.emplace(std::move(*bytes), static_cast<uint32_t>(number));
  }
  whole_ = std::make_unique<std::atomic<uint8_t>[]>(static_cast<size_t>(most) + 1);
  if (const auto unknown = model.optional<std::string>("unk_token")) {
    const auto id = vocabulary.find(*unknown);
    if (!id)
      throw Error({.who = model.who("unk_token"), .expected = "a token of the vocabulary", .got = printable(*unknown)});
    unknown_ = static_cast<uint32_t>(*id);
  }
  const json* merges = model.find("merges");
  if (merges == nullptr || !merges->is_array() || merges->size() > kMaxMerges) {
    throw Error(
        {.who = model.who("merges"), .expected = cat("a list of at most ", kMaxMerges, " merges"), .got = "other"});
  }
  read_merges(*merges, model.who("merges"), vocabulary);
}

void BpeModel::read_merges(const json& merges, const std::string& who, const TokenizerVocabulary& vocabulary) {
  merges_ = BpeMerges(merges.size());
  uint32_t rank = 0;
  std::string merged;
  for (const json& merge : merges) {
    const auto [left, right] = parts_of(merge, who);
    merged.assign(left).append(right);
    const auto left_id = vocabulary.find(left);
    const auto right_id = vocabulary.find(right);
    const auto merged_id = vocabulary.find(merged);
    if (!left_id || !right_id || !merged_id) {
      throw Error({.who = cat(who, "[", rank, "]"),
                   .expected = "tokens of the vocabulary",
                   .got = cat("'", printable(left), "' and '", printable(right), "'"),
                   .cause = "vocabulary and merges of different tokenizers"});
    }
    merges_.add(static_cast<uint32_t>(*left_id), static_cast<uint32_t>(*right_id),
                {.rank = rank, .merged = static_cast<uint32_t>(*merged_id)});
    ++rank;
  }
}

void BpeModel::forbid(int64_t id) {
  if (static_cast<size_t>(id) >= forbidden_.size()) forbidden_.resize(static_cast<size_t>(id) + 1, false);
  forbidden_[static_cast<size_t>(id)] = true;
}

void BpeModel::bytes_to_ids(std::string_view bytes, std::vector<uint32_t>& ids) const {
  ids.clear();
  for (const char c : bytes) {
    const uint32_t id = byte_ids_[static_cast<uint8_t>(c)];
    if (id != BpeMerges::kNone) {
      ids.push_back(id);
    } else if (unknown_) {
      ids.push_back(*unknown_);
    }
  }
}

void BpeModel::encode(std::string_view bytes, Scratch& scratch, std::vector<int64_t>& out) const {
  const auto found = by_bytes_.find(bytes);
  const bool known = found != by_bytes_.end() && !forbidden(found->second);
  if (known && (ignore_merges_ || whole_[found->second].load(std::memory_order_relaxed) == kIsOneToken)) {
    out.push_back(found->second);
    return;
  }
  bytes_to_ids(bytes, scratch.ids);
  merges_.merge(scratch.ids, scratch.merges);
  if (known) {
    const bool one = scratch.ids.size() == 1 && scratch.ids[0] == found->second;
    whole_[found->second].store(one ? kIsOneToken : kIsSeveral, std::memory_order_relaxed);
  }
  if (std::ranges::any_of(scratch.ids, [this](uint32_t id) { return forbidden(id); })) bytes_to_ids(bytes, scratch.ids);
  out.insert(out.end(), scratch.ids.begin(), scratch.ids.end());
}

}  // namespace fusion
