// The tokenizers against what the reference tokenizers made of the same texts (tests/data/words/make_words.py).

#include "pipeline/preprocess/tokenizer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "foundation/config/json_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/streaming_detokenizer.h"
#include "pipeline/preprocess/tokenizer_utf8.h"

namespace fusion {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Ids = std::vector<int64_t>;

const std::string kWords = std::string(FUSION_SOURCE_DIR) + "/tests/data/words";
const std::string kTokenizerGoldens = std::string(FUSION_SOURCE_DIR) + "/parity/goldens/tokenizers";

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string streamed(const Tokenizer& tokenizer, const Ids& ids, bool skip_special) {
  StreamingDetokenizer words(tokenizer, skip_special);
  std::string text;
  for (const int64_t id : ids) {
    const std::string part = words.push(id);
    EXPECT_EQ(replace_broken_utf8(part), part) << "half a character was printed";
    text += part;
  }
  return text + words.flush();
}

/// Every text and id list of `folder`/words.json.
void expect_equal_to_reference(const Tokenizer& tokenizer, const std::string& words_file) {
  const json texts = read_json_file(kWords + "/texts.json");
  const json words = read_json_file(words_file);
  ASSERT_GE(texts.size(), 2000U);
  ASSERT_EQ(texts.size(), words["ids"].size());
  EXPECT_EQ(tokenizer.vocab_size(), words["size"].get<int64_t>());
  const SpecialIds& special = tokenizer.special();
  for (const auto& [role, id] : {std::pair("bos", special.bos), std::pair("eos", special.eos),
                                 std::pair("pad", special.pad), std::pair("unk", special.unk)}) {
    const json& expected = words["roles"][role];
    EXPECT_EQ(id, expected.is_null() ? std::nullopt : std::optional(expected.get<int64_t>())) << role;
  }
  size_t wrong = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string text = from_hex(texts[i]);
    const Ids ids = tokenizer.encode(text);
    if (ids != words["ids"][i].get<Ids>() && ++wrong <= 5) ADD_FAILURE() << "text " << i << ": " << printable(text);
  }
  EXPECT_EQ(wrong, 0U);
  for (const json& row : words["decoded"]) {
    const auto ids = row[0].get<Ids>();
    EXPECT_EQ(tokenizer.decode(ids, false), row[1].get<std::string>());
    EXPECT_EQ(tokenizer.decode(ids, true), row[2].get<std::string>());
    EXPECT_EQ(streamed(tokenizer, ids, false), row[1].get<std::string>());
    EXPECT_EQ(streamed(tokenizer, ids, true), row[2].get<std::string>());
  }
}

/// A folder of its own for a test that changes files.
class TokenizerFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              cat("fusion-words-", testing::UnitTest::GetInstance()->current_test_info()->name(), "-", getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void copy(const std::string& from) {
    fs::copy(from, folder_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  void write(const std::string& name, std::string_view content) { std::ofstream(folder_ / name) << content; }
  json read(const std::string& name) { return read_json_file((folder_ / name).string()); }
  std::unique_ptr<Tokenizer> load() { return load_tokenizer(folder_.string()); }
  /// Loading must fail, in one line that holds `words`.
  void expect_refused(const std::string& words) {
    try {
      load();
      ADD_FAILURE() << "loaded; expected an error with: " << words;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(words), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }

  fs::path folder_;
};

class EqualToReference : public testing::TestWithParam<const char*> {};

TEST_P(EqualToReference, OnEveryText) {
  const std::string folder = cat(kWords, "/", GetParam());
  expect_equal_to_reference(*load_tokenizer(folder), folder + "/words.json");
}

INSTANTIATE_TEST_SUITE_P(Words, EqualToReference, testing::Values("phi_form", "bpe_form", "digits_form"),
                         [](const auto& name) { return std::string(name.param); });

TEST_F(TokenizerFolder, LegacyFilesEqualReference) {
  copy(kWords + "/llama2_form");
  copy(kWords + "/phi_form/tokenizer.model");
  const auto tokenizer = load();
  EXPECT_TRUE(tokenizer->legacy());
  expect_equal_to_reference(*tokenizer, kWords + "/llama2_form/words.json");
}

// Tokenizers that are too large, or not free enough, to lie in the repository: folders made by make_words.py real.
TEST(RealTokenizers, EqualToReference) {
  const char* folders = std::getenv("FUSION_TOKENIZER_FOLDERS");
  if (folders == nullptr) GTEST_SKIP() << "set FUSION_TOKENIZER_FOLDERS to a folder of folders with words.json";
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folders)) {
    if (!fs::exists(entry.path() / "words.json")) continue;
    SCOPED_TRACE(entry.path().filename().string());
    expect_equal_to_reference(*load_tokenizer(entry.path().string()), (entry.path() / "words.json").string());
    ++count;
  }
  EXPECT_GT(count, 0U);
}

class Goldens : public testing::TestWithParam<const char*> {};

TEST_P(Goldens, IdsAndText) {
  const std::string folder = cat(kTokenizerGoldens, "/", GetParam());
  const auto tokenizer = load_tokenizer(folder);
  const json golden = read_json_file(folder + "/golden.json");
  const json& meta = golden["meta"];
  EXPECT_EQ(tokenizer->vocab_size(), meta["len"].get<int64_t>());
  EXPECT_EQ(tokenizer->special().bos, meta["bos"].get<int64_t>());
  EXPECT_EQ(tokenizer->special().eos, meta["eos"].get<int64_t>());
  EXPECT_EQ(tokenizer->special().pad, meta["pad"].get<int64_t>());
  EXPECT_EQ(tokenizer->special().unk, meta["unk"].get<int64_t>());
  EXPECT_EQ(tokenizer->token_id("<vision_start>"), meta["vision_start"].get<int64_t>());
  EXPECT_EQ(tokenizer->token_id("<vision_end>"), meta["vision_end"].get<int64_t>());
  for (const json& item : golden["encode"]) {
    const auto ids = item["ids"].get<Ids>();
    EXPECT_EQ(tokenizer->encode(item["text"].get<std::string>()), ids) << item["text"];
    EXPECT_EQ(tokenizer->decode(ids, false), item["decoded"].get<std::string>());
    EXPECT_EQ(tokenizer->decode(ids, true), item["decoded_skip"].get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(Words, Goldens, testing::Values("phi_like", "llama3_like"),
                         [](const auto& name) { return std::string(name.param); });

TEST(Tokenizer, AddsItsStartOnlyWhenAsked) {
  const auto llama = load_tokenizer(kTokenizerGoldens + "/llama3_like");
  const Ids with = llama->encode("hello");
  const Ids without = llama->encode("hello", {.add_bos = false});
  ASSERT_EQ(with.size(), without.size() + 1);
  EXPECT_EQ(with[0], llama->special().bos);
}

TEST(Tokenizer, TokenBytesPutTogetherAreTheText) {
  for (const char* name : {"/phi_like", "/llama3_like"}) {
    const auto tokenizer = load_tokenizer(kTokenizerGoldens + name);
    std::string bytes;
    for (const int64_t id : tokenizer->encode("naïve 🙂", {.add_bos = false})) bytes += tokenizer->token_bytes(id);
    EXPECT_EQ(std::string(strip(bytes)), "naïve 🙂");
    EXPECT_EQ(tokenizer->token_bytes(tokenizer->token_id("<vision_end>").value_or(-1)), "<vision_end>");
  }
}

TEST(Tokenizer, RefusesIdsItDoesNotHave) {
  for (const char* name : {"/phi_like", "/llama3_like"}) {
    const auto tokenizer = load_tokenizer(kTokenizerGoldens + name);
    for (const int64_t id : {int64_t{-200}, int64_t{-1}, tokenizer->vocab_size(), INT64_MAX, INT64_MIN}) {
      EXPECT_THROW(tokenizer->decode(Ids{id}), Error);
      EXPECT_THROW(tokenizer->token_bytes(id), Error);
      EXPECT_THROW(StreamingDetokenizer(*tokenizer).push(id), Error);
    }
  }
}

TEST(Tokenizer, LiteralTextHoldsNoAddedToken) {
  const char* names[] = {"<|end|>", "<|eot_id|>", "</s>", "<vision_start>", "<|start_header_id|>"};
  for (const char* folder : {"/phi_like", "/llama3_like"}) {
    const auto tokenizer = load_tokenizer(kTokenizerGoldens + folder);
    for (const char* name : names) {
      PromptText prompt("a ");
      prompt.append_literal(cat("b ", name, " c"));
      for (const int64_t id : tokenizer->encode(prompt, {.add_bos = false})) {
        EXPECT_NE(id, tokenizer->token_id(name)) << folder << " " << name;
      }
      // A name may not come together from text on both sides of the border either.
      PromptText torn(std::string_view(name).substr(0, 3));
      torn.append_literal(std::string_view(name).substr(3));
      for (const int64_t id : tokenizer->encode(torn, {.add_bos = false})) EXPECT_NE(id, tokenizer->token_id(name));
    }
  }
}

TEST(Tokenizer, OrdinaryTextHasTheSameIdsLiteralOrNot) {
  const json texts = read_json_file(kWords + "/texts.json");
  for (const char* name : {"phi_form", "bpe_form"}) {
    const auto tokenizer = load_tokenizer(cat(kWords, "/", name));
    size_t compared = 0;
    for (const json& hex : texts) {
      const std::string text = from_hex(hex);
      if (text.find('<') != std::string::npos || text.find('[') != std::string::npos) continue;
      PromptText literal;
      literal.append_literal(text);
      EXPECT_EQ(tokenizer->encode(literal), tokenizer->encode(text)) << printable(text);
      ++compared;
    }
    EXPECT_GT(compared, 500U);
  }
}

TEST(Tokenizer, LongTextsTakeNoQuadraticTime) {
  for (const char* name : {"phi_form", "bpe_form"}) {
    const auto tokenizer = load_tokenizer(cat(kWords, "/", name));
    for (const char* unit : {"a", " ", "!", "abcdefghij", "\n ", "好"}) {
      std::string text;
      while (text.size() < 300'000) text += unit;
      // About a second in all; hours if any step were quadratic.
      const Ids ids = tokenizer->encode(text);
      EXPECT_LT(ids.size(), text.size() + 3);
      // A long run of spaces keeps its "▁" in the reference's decoding too.
      EXPECT_TRUE(text[0] == ' ' || tokenizer->decode(ids) == text);
    }
  }
}

TEST_F(TokenizerFolder, EmptyFolder) {
  expect_refused("tokenizer.model or tokenizer.json");
}

TEST_F(TokenizerFolder, BrokenSentencePieceModels) {
  copy(kTokenizerGoldens + "/phi_like");
  std::string model;
  {
    std::ifstream file(folder_ / "tokenizer.model", std::ios::binary);
    model.assign(std::istreambuf_iterator<char>(file), {});
  }
  for (const std::string& bytes : {std::string(), std::string("version https://git-lfs.github.com/spec/v1\n"),
                                   model.substr(0, model.size() / 2)}) {
    write("tokenizer.model", bytes);
    expect_refused("a SentencePiece model");
  }
}

TEST_F(TokenizerFolder, FolderInPlaceOfAFile) {
  fs::create_directories(folder_ / "tokenizer.model");
  expect_refused("tokenizer.model");
}

TEST_F(TokenizerFolder, AddedTokensThatDoNotFit) {
  copy(kTokenizerGoldens + "/phi_like");
  const json config = read("tokenizer_config.json");
  const auto with = [&](const char* id, const char* content) {
    json changed = config;
    changed["added_tokens_decoder"][id] = {{"content", content}};
    write("tokenizer_config.json", changed.dump());
  };
  with("500", "<far>");
  expect_refused("none for id 473");
  with("5", "<taken>");
  expect_refused("id 5: expected one token");
  with("473", "<|end|>");
  expect_refused("expected one id, got 467 and 473");
  with("99999999999", "<x>");
  expect_refused("expected ids from 0 to");
  with("-1", "<x>");
  expect_refused("expected ids from 0 to");
  with("473", "");
  expect_refused("a token of 1 to");
}

TEST_F(TokenizerFolder, FastClassWinsOverModelFile) {
  copy(kTokenizerGoldens + "/llama3_like");
  write("tokenizer.model", "not a SentencePiece model: LLaMA-3's own file, in tiktoken form");
  EXPECT_EQ(load()->kind(), "byte-level BPE");
}

}  // namespace
}  // namespace fusion
