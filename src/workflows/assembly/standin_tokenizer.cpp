#include "workflows/assembly/standin_tokenizer.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/bpe_model.h"
#include "workflows/assembly/phi_control_tokens.h"

namespace fusion {

namespace {

using nlohmann::ordered_json;

constexpr int64_t kBytes = 256;

/// How a family's tokenizer is laid out.
struct Layout {
  std::vector<std::string_view> first;  ///< control tokens before the bytes
  int64_t tail;                         ///< ids from the first control token after the bytes to the end
  std::vector<ControlToken> control;
  std::string_view bos;
  std::string_view eos;
  std::string_view unknown;
  std::string_view padding;
  bool begins_texts;  ///< bos stands before every text
};

Layout phi_layout() {
  return {.first = {"<unk>", "<s>", "</s>"},
          .tail = kPhiControlIds,
          .control = {kPhiControlTokens.begin(), kPhiControlTokens.end()},
          .bos = "<s>",
          .eos = "<|endoftext|>",
          .unknown = "<unk>",
          .padding = "<unk>",
          .begins_texts = false};
}

Layout llama_layout() {
  return {.first = {},
          .tail = 258,
          .control = {{0, "<|begin_of_text|>"},
                      {1, "<|end_of_text|>"},
                      {2, "<|reserved_special_token_0|>"},
                      {6, "<|start_header_id|>"},
                      {7, "<|end_header_id|>"},
                      {8, "<|eom_id|>"},
                      {9, "<|eot_id|>"},
                      {256, "<vision_start>"},
                      {257, "<vision_end>"}},
          .bos = "<|begin_of_text|>",
          .eos = "<|eot_id|>",
          .unknown = "<|reserved_special_token_0|>",
          .padding = "<|reserved_special_token_0|>",
          .begins_texts = true};
}

Layout layout_of(const std::string& model_type) {
  if (model_type == "fusion_phi") return phi_layout();
  if (model_type == "fusion_llama") return llama_layout();
  throw Error({.who = "stand-in tokenizer",
               .expected = "model_type fusion_phi or fusion_llama",
               .got = printable(model_type),
               .hint = "name a folder with tokenizer files"});
}

/// UTF-8 of a character below U+0800.
std::string utf8(int code) {
  if (code < 0x80) return {static_cast<char>(code)};
  return {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
}

/// The names of the 256 byte tokens in the order of GPT-2's vocabulary, which is that of their characters.
std::vector<std::string> byte_tokens() {
  std::vector<std::string> names;
  for (int code = 0; code < 0x200; ++code) {
    if (const std::string name = utf8(code); byte_level_bytes(name)) names.push_back(name);
  }
  return names;
}

/// Control tokens by id.
std::map<int64_t, ControlToken> control_tokens(const Layout& layout, int64_t vocab_size) {
  std::map<int64_t, ControlToken> tokens;
  for (const std::string_view name : layout.first) {
    tokens[static_cast<int64_t>(tokens.size())] = {.offset = 0, .name = name};
  }
  for (const ControlToken& token : layout.control) tokens[vocab_size - layout.tail + token.offset] = token;
  return tokens;
}

ordered_json vocabulary(const Layout& layout, const std::map<int64_t, ControlToken>& control, int64_t vocab_size) {
  const std::vector<std::string> bytes = byte_tokens();
  const auto first_byte = static_cast<int64_t>(layout.first.size());
  // Not key by key: an ordered_json looks for each new key among all that it has.
  std::vector<std::pair<std::string, int64_t>> entries;
  for (int64_t id = 0; id < vocab_size; ++id) {
    const auto found = control.find(id);
    if (found != control.end()) {
      entries.emplace_back(found->second.name, id);
    } else if (id >= first_byte && id < first_byte + kBytes) {
      entries.emplace_back(bytes[static_cast<size_t>(id - first_byte)], id);
    } else {
      entries.emplace_back(cat("<|unused_", id, "|>"), id);
    }
  }
  ordered_json object = ordered_json::object();
  auto& map = object.get_ref<ordered_json::object_t&>();
  map.reserve(entries.size());
  for (auto& [name, id] : entries) map.push_back({std::move(name), id});
  return object;
}

ordered_json added_token(const ControlToken& token) {
  return {{"content", token.name},      {"single_word", false}, {"lstrip", false},
          {"rstrip", token.eats_space}, {"normalized", false},  {"special", true}};
}

ordered_json byte_level() {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
}

/// What stands around a text: bos, where the family puts it.
ordered_json post_processor(const Layout& layout, int64_t bos_id) {
  if (!layout.begins_texts) return byte_level();
  const auto token = [&](int type) { return ordered_json{{"SpecialToken", {{"id", layout.bos}, {"type_id", type}}}}; };
  const auto text = [](const char* name, int type) {
    return ordered_json{{"Sequence", {{"id", name}, {"type_id", type}}}};
  };
  ordered_json special = ordered_json::object();
  special[std::string(layout.bos)] = {
      {"id", layout.bos}, {"ids", ordered_json::array({bos_id})}, {"tokens", ordered_json::array({layout.bos})}};
  return {{"type", "TemplateProcessing"},
          {"single", {token(0), text("A", 0)}},
          {"pair", {token(0), text("A", 0), token(1), text("B", 1)}},
          {"special_tokens", special}};
}

}  // namespace

FileTexts standin_tokenizer(const std::string& model_type, int64_t vocab_size) {
  const Layout layout = layout_of(model_type);
  const int64_t least = static_cast<int64_t>(layout.first.size()) + kBytes + layout.tail;
  if (vocab_size < least) {
    throw Error({.who = "stand-in tokenizer",
                 .expected = cat("a vocabulary of at least ", least, ", for bytes and control tokens"),
                 .got = cat(vocab_size)});
  }
  const auto control = control_tokens(layout, vocab_size);
  ordered_json added = ordered_json::array();
  ordered_json decoder = ordered_json::object();
  int64_t bos_id = 0;
  for (const auto& [id, token] : control) {
    if (token.name == layout.bos) bos_id = id;
    decoder[std::to_string(id)] = added_token(token);
    ordered_json entry{{"id", id}};
    entry.update(added_token(token));
    added.push_back(entry);
  }
  const ordered_json roles{{"bos_token", layout.bos},
                           {"eos_token", layout.eos},
                           {"unk_token", layout.unknown},
                           {"pad_token", layout.padding}};
  const ordered_json tokenizer{{"version", "1.0"},
                               {"truncation", nullptr},
                               {"padding", nullptr},
                               {"added_tokens", added},
                               {"normalizer", nullptr},
                               {"pre_tokenizer", byte_level()},
                               {"post_processor", post_processor(layout, bos_id)},
                               {"decoder", byte_level()},
                               {"model",
                                {{"type", "BPE"},
                                 {"dropout", nullptr},
                                 {"unk_token", nullptr},
                                 {"continuing_subword_prefix", nullptr},
                                 {"end_of_word_suffix", nullptr},
                                 {"fuse_unk", false},
                                 {"byte_fallback", false},
                                 {"ignore_merges", false},
                                 {"vocab", vocabulary(layout, control, vocab_size)},
                                 {"merges", ordered_json::array()}}}};
  ordered_json config{{"added_tokens_decoder", decoder},
                      {"clean_up_tokenization_spaces", false},
                      {"tokenizer_class", "PreTrainedTokenizerFast"}};
  config.update(roles);
  return {{"tokenizer.json", tokenizer.dump(1) + "\n"},
          {"tokenizer_config.json", config.dump(1) + "\n"},
          {"special_tokens_map.json", roles.dump(1) + "\n"}};
}

}  // namespace fusion
