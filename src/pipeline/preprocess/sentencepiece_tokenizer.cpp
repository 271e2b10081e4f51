#include "pipeline/preprocess/sentencepiece_tokenizer.h"

#include <algorithm>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/added_tokens.h"
#include "pipeline/preprocess/sentencepiece_decoder.h"
#include "pipeline/preprocess/sentencepiece_model.h"
#include "pipeline/preprocess/tokenizer_settings.h"
#include "pipeline/preprocess/tokenizer_utf8.h"
#include "pipeline/preprocess/tokenizer_vocabulary.h"

namespace fusion {

namespace {

/// A piece of text between added tokens, or an added token.
struct Segment {
  std::string text;
  const AddedToken* token = nullptr;
};

/// White space and words around a token with the flags, in the order of the reference's loop.
void apply_strips(std::vector<Segment>& segments) {
  for (size_t i = 0; i < segments.size(); ++i) {
    const AddedToken* token = segments[i].token;
    if (token == nullptr) continue;
    const std::string left = i > 0 ? segments[i - 1].text : "";
    const std::string right = i + 1 < segments.size() ? segments[i + 1].text : "";
    if (token->rstrip && !right.empty()) {
      segments[i + 1].text.erase(0, leading_space(right, SpaceRule::kPython));
      if (segments[i + 1].text != right) segments[i + 1].token = nullptr;
    }
    if (token->lstrip && !left.empty()) {
      segments[i - 1].text.resize(left.size() - trailing_space(left, SpaceRule::kPython));
      if (segments[i - 1].text != left) segments[i - 1].token = nullptr;
    }
    if (!token->single_word) continue;
    const bool joins_left = !left.empty() && left.back() != ' ';
    const bool joins_right = !right.empty() && right.front() != ' ';
    if (joins_left) {
      segments[i - 1] = {.text = segments[i - 1].text + segments[i].text};
    } else if (joins_right) {
      segments[i + 1] = {.text = segments[i].text + segments[i + 1].text};
    }
    if (joins_left || joins_right) segments[i] = {};
  }
}

/// "▁" in front of the text, and the text's own "▁" as spaces.
PromptText with_prefix(const PromptText& text, bool add_prefix) {
  PromptText out(add_prefix ? kUnderline : std::string_view());
  size_t done = 0;
  const auto append = [&](size_t end, bool literal) {
    const std::string part = replace_all(std::string_view(text.text()).substr(done, end - done), kUnderline, " ");
    literal ? out.append_literal(part) : out.append(part);
    done = end;
  };
  for (const TextRange& range : text.literal()) {
    append(range.begin, false);
    append(range.end, true);
  }
  append(text.text().size(), false);
  return out;
}

class SentencePieceTokenizer final : public Tokenizer {
 public:
  SentencePieceTokenizer(SlowTokens tokens, const TokenizerSettings& settings)
      : Tokenizer(tokens.vocabulary.size(), tokens.vocabulary.special_ids(settings),
                  settings.clean_up_spaces.value_or(false)),
        tokens_(std::move(tokens)),
        matcher_(tokens_.vocabulary.added()),
        unknown_(settings.role("unk_token").value_or(AddedToken{.content = "<unk>"}).content),
        unknown_length_(tokens_.model.encode(unknown_).size()),
        underline_(tokens_.vocabulary.find(kUnderline)),
        add_bos_(settings.add_bos.value_or(true)),
        add_eos_(settings.add_eos.value_or(false)) {}

  std::string token_bytes(int64_t id) const override;
  std::optional<int64_t> token_id(std::string_view name) const override { return tokens_.vocabulary.find(name); }
  bool legacy() const override { return tokens_.legacy; }
  std::string kind() const override { return "SentencePiece"; }

 protected:
  std::unique_ptr<TokenDecoder> plain_decoder(bool skip_special) const override {
    return std::make_unique<SlowDecoder>(tokens_, skip_special);
  }
  std::vector<int64_t> encode_valid(const PromptText& text, const EncodeOptions& options) const override;

 private:
  std::vector<Segment> cut(const PromptText& text) const;
  void encode_words(const std::string& text, std::vector<int64_t>& ids) const;

  SlowTokens tokens_;
  AddedTokenMatcher matcher_;
  std::string unknown_;
  size_t unknown_length_;
  std::optional<int64_t> underline_;
  bool add_bos_;
  bool add_eos_;
};

std::vector<Segment> SentencePieceTokenizer::cut(const PromptText& text) const {
  std::vector<Segment> segments;
  const std::string& bytes = text.text();
  size_t done = 0;
  for (const auto& match : matcher_.find_all(text, 0, bytes.size())) {
    if (match.begin > done) segments.push_back({.text = bytes.substr(done, match.begin - done)});
    const AddedToken& token = tokens_.vocabulary.added()[match.token];
    segments.push_back({.text = token.content, .token = &token});
    done = match.end;
  }
  if (done < bytes.size()) segments.push_back({.text = bytes.substr(done)});
  apply_strips(segments);
  return segments;
}

void SentencePieceTokenizer::encode_words(const std::string& text, std::vector<int64_t>& ids) const {
  std::vector<int64_t> pieces;
  // Without the dummy prefix the library drops a space at the front: the reference hides it behind the unknown token.
  if (!tokens_.legacy && (text.starts_with(kUnderline) || text.starts_with(' '))) {
    pieces = tokens_.model.encode(unknown_ + text);
    if (pieces.size() >= unknown_length_) {
      pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(unknown_length_));
    }
  } else {
    pieces = tokens_.model.encode(text);
  }
  ids.insert(ids.end(), pieces.begin(), pieces.end());
}

std::vector<int64_t> SentencePieceTokenizer::encode_valid(const PromptText& text, const EncodeOptions& options) const {
  std::vector<int64_t> ids;
  if (!text.empty()) {
    for (const Segment& segment : cut(tokens_.legacy ? text : with_prefix(text, tokens_.add_prefix_space))) {
      if (segment.token != nullptr) {
        ids.push_back(segment.token->id);
      } else if (!segment.text.empty()) {
        encode_words(segment.text, ids);
      }
    }
  }
  if (!tokens_.legacy && ids.size() > 1 && ids[0] == underline_ && tokens_.roles[static_cast<size_t>(ids[1])].special) {
    ids.erase(ids.begin());
  }
  const std::optional<int64_t> bos = special().bos;
  const std::optional<int64_t> eos = special().eos;
  if (options.add_bos && add_bos_ && bos) ids.insert(ids.begin(), *bos);
  if (options.add_bos && add_eos_ && eos) ids.push_back(*eos);
  return ids;
}

std::string SentencePieceTokenizer::token_bytes(int64_t id) const {
  check_token_id(id, vocab_size());
  const std::string& name = tokens_.vocabulary.name(id);
  if (id >= tokens_.model.size() || tokens_.model.kind(id) == SentencePieceModel::Kind::kControl) return name;
  if (tokens_.model.kind(id) == SentencePieceModel::Kind::kByte) {
    return std::string(1, static_cast<char>(tokens_.model.byte(id)));
  }
  return replace_all(name, kUnderline, " ");
}

}  // namespace

std::unique_ptr<Tokenizer> load_sentencepiece_tokenizer(const std::string& folder) {
  TokenizerSettings settings = read_tokenizer_settings(folder);
  for (auto [role, name] :
       {std::pair("bos_token", "<s>"), std::pair("eos_token", "</s>"), std::pair("unk_token", "<unk>")}) {
    auto& token = settings.roles[static_cast<size_t>(std::ranges::find(kTokenRoles, role) - kTokenRoles.begin())];
    if (!token) token = AddedToken{.content = name, .special = true};
  }
  const bool legacy = settings.legacy.value_or(true);
  const std::string path = folder + "/tokenizer.model";
  SlowTokens tokens{.model = SentencePieceModel(path, legacy),
                    .vocabulary = TokenizerVocabulary(path),
                    .roles = {},
                    .legacy = legacy,
                    .add_prefix_space = settings.add_prefix_space.value_or(true)};
  TokenizerVocabulary& vocabulary = tokens.vocabulary;
  for (int64_t id = 0; id < tokens.model.size(); ++id) vocabulary.add(id, tokens.model.piece(id));
  for (const AddedToken& token : settings.added) vocabulary.add_added(token);
  const std::vector<AddedToken> special = settings.all_special();
  for (const AddedToken& token : special) {
    if (vocabulary.added_with_name(token.content) == nullptr) vocabulary.add_with_any_id(token);
  }
  vocabulary.check_complete();

  tokens.roles.resize(static_cast<size_t>(vocabulary.size()));
  for (const AddedToken& token : vocabulary.added()) tokens.roles[static_cast<size_t>(token.id)].stands_alone = true;
  for (const AddedToken& token : special) {
    const int64_t id = vocabulary.find(token.content).value_or(0);  // it was added above
    const bool additional =
        std::ranges::find(settings.additional, token.content, &AddedToken::content) != settings.additional.end();
    tokens.roles[static_cast<size_t>(id)] = {.special = true, .stands_alone = additional && id >= tokens.model.size()};
  }
  return std::make_unique<SentencePieceTokenizer>(std::move(tokens), settings);
}

}  // namespace fusion
