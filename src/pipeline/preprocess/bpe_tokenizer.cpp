#include "pipeline/preprocess/bpe_tokenizer.h"

#include <utility>

#include "foundation/config/input_file.h"
#include "pipeline/preprocess/bpe_file.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {

namespace {

/// Decoding of the `tokenizers` library: bytes of all tokens, put together, read as UTF-8.
class ByteDecoder final : public TokenDecoder {
 public:
  ByteDecoder(const BpeParts& parts, bool skip_special) : parts_(parts), skip_special_(skip_special) {}

  void push(int64_t id, std::string& out) override {
    check_token_id(id, parts_.vocabulary.size());
    const auto index = static_cast<size_t>(id);
    if (skip_special_ && parts_.is_special[index]) return;
    held_ += parts_.bytes[index];
    std::string_view rest = held_;
    while (!rest.empty()) {
      const Utf8Step step = utf8_front(rest);
      if (step.kind == Utf8Step::Kind::kIncomplete) break;
      out += step.kind == Utf8Step::Kind::kCharacter ? rest.substr(0, step.length) : kReplacement;
      rest.remove_prefix(step.length);
    }
    held_.erase(0, held_.size() - rest.size());
  }

  void finish(std::string& out) override { out += replace_broken_utf8(std::exchange(held_, {})); }

 private:
  const BpeParts& parts_;
  bool skip_special_;
  std::string held_;
};

class BpeTokenizer final : public Tokenizer {
 public:
  BpeTokenizer(BpeParts parts, const TokenizerSettings& settings)
      : Tokenizer(parts.vocabulary.size(), parts.vocabulary.special_ids(settings),
                  settings.clean_up_spaces.value_or(false)),
        parts_(std::move(parts)),
        plain_(parts_.added_tokens(/*normalized=*/false)),
        normalized_(parts_.added_tokens(/*normalized=*/true)) {}

  std::string token_bytes(int64_t id) const override {
    check_token_id(id, vocab_size());
    return parts_.bytes[static_cast<size_t>(id)];
  }
  std::optional<int64_t> token_id(std::string_view name) const override { return parts_.vocabulary.find(name); }
  std::string kind() const override { return "byte-level BPE"; }

 protected:
  std::unique_ptr<TokenDecoder> plain_decoder(bool skip_special) const override {
    return std::make_unique<ByteDecoder>(parts_, skip_special);
  }
  std::vector<int64_t> encode_valid(const PromptText& text, const EncodeOptions& options) const override {
    std::vector<int64_t> ids;
    if (options.add_bos) ids = parts_.prefix;
    Pretokenizer::Splitter splitter(*parts_.pretokenizer);
    BpeModel::Scratch scratch;
    for (const TextFragment& outer : plain_.cut(text, 0, text.text().size())) {
      if (outer.token) {
        ids.push_back(*outer.token);
        continue;
      }
      for (const TextFragment& fragment : normalized_.cut(text, outer.begin, outer.end)) {
        if (fragment.token) {
          ids.push_back(*fragment.token);
          continue;
        }
        const auto words = std::string_view(text.text()).substr(fragment.begin, fragment.end - fragment.begin);
        for (const TextRange& piece : splitter.split(words)) {
          parts_.model->encode(words.substr(piece.begin, piece.end - piece.begin), scratch, ids);
        }
      }
    }
    if (options.add_bos) ids.insert(ids.end(), parts_.suffix.begin(), parts_.suffix.end());
    return ids;
  }

 private:
  BpeParts parts_;
  FastTokenCutter plain_;
  FastTokenCutter normalized_;
};

}  // namespace

std::unique_ptr<Tokenizer> parse_bpe_tokenizer(std::string_view json, const std::string& who,
                                               const TokenizerSettings& settings) {
  return std::make_unique<BpeTokenizer>(read_bpe_parts(json, who, settings), settings);
}

std::unique_ptr<Tokenizer> load_bpe_tokenizer(const std::string& folder) {
  const std::string path = folder + "/tokenizer.json";
  return parse_bpe_tokenizer(read_text_file(path, kMaxTokenizerFile), path, read_tokenizer_settings(folder));
}

}  // namespace fusion
