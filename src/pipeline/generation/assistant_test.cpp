#include "pipeline/generation/assistant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "foundation/config/test_support.h"
#include "foundation/core/error.h"
#include "workflows/assembly/init_checkpoint.h"

namespace fusion {
namespace {

constexpr int64_t kTokens = 6;
constexpr int64_t kLatents = 16;
constexpr uint64_t kCacheBytes = uint64_t{64} << 20;

using Pictures = std::vector<std::shared_ptr<const Picture>>;

/// Stripes, of another kind for each number.
std::shared_ptr<const Picture> striped(int64_t number) {
  Picture picture = Picture::blank(40 + number, 32, PixelMode::kRgb);
  for (size_t i = 0; i < picture.pixels.size(); ++i) {
    picture.pixels[i] = static_cast<uint8_t>((i / static_cast<size_t>(3 + number)) * 67 + number * 31);
  }
  return std::make_shared<Picture>(std::move(picture));
}

Turn user(const std::string& text, bool picture) {
  return {.speaker = Speaker::kUser, .text = text, .picture = picture};
}

Turn assistant(const std::string& text) {
  return {.speaker = Speaker::kAssistant, .text = text};
}

Question conversation(std::vector<Turn> turns, Pictures pictures) {
  return {.turns = std::move(turns),
          .pictures = std::move(pictures),
          .query_len = kLatents,
          .generation = {.max_new_tokens = kTokens}};
}

Question about(std::shared_ptr<const Picture> picture, const std::string& text) {
  return conversation(single_question(text, true), {std::move(picture)});
}

/// An answer with the logits of its steps.
struct Traced {
  Answer answer;
  torch::Tensor logits;
};

Traced ask(const Assistant& assistant, const Question& question) {
  Trace trace;
  Answer answer = assistant.answer(question, {}, TraceScope(&trace));
  return {.answer = std::move(answer), .logits = trace.at("gen.logits")};
}

/// The same model with and without a cache of pictures.
class AssistantTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<ScratchFolder>();
    init_checkpoint(find_preset("nano"), *folder_ / "nano", {.seed = 5});
    caching_ = std::make_unique<Assistant>(*folder_ / "nano", AssistantOptions{.picture_cache_bytes = kCacheBytes});
    forgetful_ = std::make_unique<Assistant>(*folder_ / "nano", AssistantOptions{.picture_cache_bytes = 0});
  }
  static void TearDownTestSuite() {
    caching_.reset();
    forgetful_.reset();
    folder_.reset();
  }

  static inline std::unique_ptr<ScratchFolder> folder_;
  static inline std::unique_ptr<Assistant> caching_;
  static inline std::unique_ptr<Assistant> forgetful_;
};

TEST_F(AssistantTest, ASecondQuestionEncodesOneTileAndChangesNoBit) {
  const auto picture = striped(1);
  EXPECT_EQ(ask(*caching_, about(picture, "What is it?")).answer.encoded_tiles, 5);
  const Traced second = ask(*caching_, about(picture, "Which colour has it?"));
  const Traced again = ask(*caching_, about(picture, "Which colour has it?"));
  const Traced cold = ask(*forgetful_, about(picture, "Which colour has it?"));
  EXPECT_EQ(second.answer.encoded_tiles, 1);
  EXPECT_EQ(again.answer.encoded_tiles, 0);
  EXPECT_EQ(cold.answer.encoded_tiles, 5);
  EXPECT_TRUE(second.logits.equal(cold.logits));
  EXPECT_TRUE(again.logits.equal(cold.logits));
}

TEST_F(AssistantTest, PicturesThatDifferInOnePixelAreNotTakenForEachOther) {
  const auto picture = striped(2);
  Picture changed = *picture;
  changed.pixels.back() ^= 0xff;
  const auto other = std::make_shared<Picture>(std::move(changed));
  ask(*caching_, about(picture, "What is it?"));
  const Traced seen = ask(*caching_, about(other, "What is it?"));
  EXPECT_EQ(seen.answer.encoded_tiles, 5);
  EXPECT_TRUE(seen.logits.equal(ask(*forgetful_, about(other, "What is it?")).logits));
}

TEST_F(AssistantTest, TheSameAnswersForEveryBatchThreadCountAndCache) {
  std::vector<Question> questions{about(striped(3), "What?"), about(striped(4), "Where are the stripes of this one?"),
                                  conversation(single_question("Nothing to see?", false), {})};
  questions[1].generation.max_new_tokens = 3;
  std::vector<std::vector<int64_t>> expected;
  for (const Question& question : questions) expected.push_back(forgetful_->answer(question).generation.ids);
  const int before = at::get_num_threads();
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    for (const Assistant* assistant : {caching_.get(), forgetful_.get()}) {
      const auto batch = assistant->answer_all(questions);
      for (size_t i = 0; i < questions.size(); ++i) {
        EXPECT_EQ(batch[i].generation.ids, expected[i]) << "row " << i << ", threads " << threads;
        EXPECT_EQ(assistant->answer(questions[i]).generation.ids, expected[i]) << "alone " << i;
      }
    }
  }
  at::set_num_threads(before);
}

TEST_F(AssistantTest, SixteenRequestsAtOnceAreAnsweredAsOneByOne) {
  constexpr int64_t kRequests = 16;
  const auto question = [](int64_t i) { return about(striped(i), "Question " + std::to_string(i % 3)); };
  std::vector<Traced> serial;
  for (int64_t i = 0; i < kRequests; ++i) serial.push_back(ask(*forgetful_, question(i)));
  std::vector<std::future<Traced>> at_once;
  for (int64_t i = 0; i < kRequests; ++i) {
    at_once.push_back(std::async(std::launch::async, [&, i] { return ask(*caching_, question(i)); }));
  }
  for (int64_t i = 0; i < kRequests; ++i) {
    const Traced answered = at_once[i].get();
    EXPECT_EQ(answered.answer.generation.ids, serial[i].answer.generation.ids) << i;
    EXPECT_TRUE(answered.logits.equal(serial[i].logits)) << i;
  }
  EXPECT_FALSE(serial[0].logits.equal(serial[3].logits)) << "pictures make no difference";
}

TEST_F(AssistantTest, PicturesInTurn) {
  const auto first = striped(7);
  const auto second = striped(8);
  const std::vector<Turn> turns{user("What?", true), assistant("Stripes."), user("And this?", true)};
  const Traced both = ask(*forgetful_, conversation(turns, {first, second}));
  EXPECT_EQ(both.answer.encoded_tiles, 10);
  EXPECT_FALSE(both.logits.equal(ask(*forgetful_, conversation(turns, {first, striped(9)})).logits));
  EXPECT_FALSE(both.logits.equal(ask(*forgetful_, conversation(turns, {striped(9), second})).logits));

  // In a batch the row with one picture is not disturbed by the row with two.
  const std::vector<Question> questions{about(first, "What?"), conversation(turns, {first, second})};
  const auto batch = forgetful_->answer_all(questions);
  EXPECT_EQ(batch[0].generation.ids, forgetful_->answer(questions[0]).generation.ids);
  EXPECT_EQ(batch[1].generation.ids, both.answer.generation.ids);
}

TEST_F(AssistantTest, APictureShownTwiceIsEncodedOnce) {
  const auto picture = striped(7);
  const auto again = std::make_shared<Picture>(*picture);
  const std::vector<Turn> turns{user("What?", true), assistant("Stripes."), user("And this?", true)};
  int64_t announced = 0;
  const AnswerListener listener{.on_progress = [&](const GenerationProgress& progress) {
    if (progress.stage == GenerationStage::kLooking) announced = progress.total;
  }};
  const Answer answer = forgetful_->answer(conversation(turns, {picture, again}), listener);
  EXPECT_EQ(answer.encoded_tiles, 5);
  EXPECT_EQ(announced, 5);
  // Each place still gets its own picture.
  const Traced both = ask(*forgetful_, conversation(turns, {picture, again}));
  EXPECT_FALSE(both.logits.equal(ask(*forgetful_, conversation(turns, {picture, striped(8)})).logits));
  EXPECT_FALSE(both.logits.equal(ask(*forgetful_, conversation(turns, {striped(8), again})).logits));
}

TEST_F(AssistantTest, WithoutAPictureOneTileOfNothingIsSeenOnce) {
  const Assistant fresh(*folder_ / "nano", {.picture_cache_bytes = kCacheBytes});
  const Question question = conversation(single_question("Hello?", false), {});
  EXPECT_EQ(fresh.answer(question).encoded_tiles, 1);
  EXPECT_EQ(fresh.answer(question).encoded_tiles, 0);
}

TEST_F(AssistantTest, IsCancelledBetweenTwoTiles) {
  int64_t tiles = 0;
  const AnswerListener listener{.on_progress = [&](const GenerationProgress& progress) { tiles = progress.done; },
                                .cancelled = [&] { return tiles == 2; }};
  const Answer answer = forgetful_->answer(about(striped(1), "What?"), listener);
  EXPECT_EQ(answer.generation.stop_reason, StopReason::kCancelled);
  EXPECT_TRUE(answer.text.empty());
  EXPECT_EQ(tiles, 2);
}

TEST_F(AssistantTest, EndsBeforeAStopText) {
  Question question = about(striped(1), "What?");
  const std::string whole = forgetful_->answer(question).text;
  ASSERT_GE(whole.size(), 4u);
  question.stop_texts = {whole.substr(2, 2)};
  const Answer stopped = forgetful_->answer(question);
  EXPECT_EQ(stopped.generation.stop_reason, StopReason::kStopText);
  EXPECT_EQ(stopped.text, whole.substr(0, whole.find(question.stop_texts[0])));
  question.stop_texts = {""};
  EXPECT_THROW(forgetful_->answer(question), Error);
}

TEST_F(AssistantTest, TellsAListenerThatHasHeardEnoughNoMore) {
  Question question = about(striped(1), "What?");
  const std::string whole = forgetful_->answer(question).text;
  // Each character is held back until the next one shows that it begins no stop text.
  for (const char c : whole) question.stop_texts.push_back({c, '\x7f'});
  int calls = 0;
  std::string heard;
  const AnswerListener listener{.on_text = [&](size_t, const std::string& text) {
    ++calls;
    heard = text;
    return false;
  }};
  const Answer answer = forgetful_->answer(question, listener);
  EXPECT_EQ(answer.generation.stop_reason, StopReason::kCancelled);
  EXPECT_EQ(calls, 1);
  EXPECT_GT(answer.text.size(), heard.size()) << "nothing was held back";
}

TEST_F(AssistantTest, WithoutLatentTokensOnlyTheViewIsSeen) {
  Preset preset = find_preset("nano");
  preset.files.config["query_len"] = "0";
  preset.files.config["num_of_vision_sampler_layers"] = 0;
  init_checkpoint(preset, *folder_ / "plain", {.seed = 5});
  const Assistant plain(*folder_ / "plain", AssistantOptions{.picture_cache_bytes = kCacheBytes});
  EXPECT_EQ(plain.latent_count(""), 0);

  Question question = about(striped(1), "What?");
  const int64_t with_latents = forgetful_->answer(question).generation.prompt_length;
  question.query_len = plain.latent_count("");
  const Answer answer = plain.answer(question);
  EXPECT_EQ(answer.encoded_tiles, 1);
  EXPECT_EQ(answer.generation.prompt_length, with_latents - kLatents);
  EXPECT_EQ(plain.answer(question).encoded_tiles, 0);

  EXPECT_THROW(plain.latent_count("best"), Error);
  question.query_len = kLatents;
  EXPECT_THROW(plain.answer(question), Error);
  question.query_len = 0;
  EXPECT_THROW(forgetful_->answer(question), Error);

  Question words = conversation(single_question("What?", false), {});
  words.query_len = 0;
  EXPECT_EQ(plain.answer(words).encoded_tiles, 0);
}

TEST_F(AssistantTest, FewerImageTokensOnAnyCheckpoint) {
  const LoadOptions load{.image_tokens = TokenGrid{.height = 2, .width = 3}};
  const Assistant coarse(*folder_ / "nano", {.load = load});
  const Question question = about(striped(1), "What?");
  const int64_t full = forgetful_->answer(question).generation.prompt_length;
  const int64_t patches = read_fusion_config(*folder_ / "nano").vision.num_patches();
  EXPECT_EQ(coarse.answer(question).generation.prompt_length, full - patches + 6);
}

TEST_F(AssistantTest, RefusesTurnsAndPicturesThatDoNotFitTogether) {
  EXPECT_THROW(forgetful_->answer(conversation(single_question("What?", true), {})), Error);
  EXPECT_THROW(forgetful_->answer(conversation(single_question("What?", false), {striped(1)})), Error);
  EXPECT_THROW(forgetful_->answer(conversation(single_question("What?", true), {nullptr})), Error);
  EXPECT_THROW(forgetful_->answer(conversation({}, {})), Error);
  std::vector<Question> uneven{about(striped(1), "What?"), about(striped(1), "What?")};
  uneven[1].query_len = 4;
  EXPECT_THROW(forgetful_->answer_all(uneven), Error);
  EXPECT_TRUE(forgetful_->answer_all({}).empty());
}

TEST_F(AssistantTest, NoticesThatItsFilesHaveChanged) {
  const ScratchFolder copy;
  std::filesystem::copy(*folder_ / "nano", copy.path(), std::filesystem::copy_options::recursive);
  const std::string weights = copy / "model.safetensors";
  const Assistant assistant(copy.path(), {});
  const Question question = about(striped(1), "What?");
  // A rename takes the name away and leaves the mapped file as it is.
  std::filesystem::copy_file(weights, copy / "new");
  std::filesystem::rename(copy / "new", weights);
  EXPECT_FALSE(assistant.answer(question).generation.ids.empty());

  const Assistant of_new_file(copy.path(), {});
  std::filesystem::resize_file(weights, std::filesystem::file_size(weights) - 4096);
  EXPECT_THAT(error_of([&] { of_new_file.answer(question); }), testing::HasSubstr("model.safetensors"));
  EXPECT_FALSE(assistant.answer(question).generation.ids.empty());
}

TEST_F(AssistantTest, RefusesAConversationThatIsTooLongBeforeItLooks) {
  Question question = about(striped(1), std::string(100'000, 'x'));
  bool looked = false;
  const AnswerListener listener{.on_progress = [&](const GenerationProgress&) { looked = true; }};
  EXPECT_THROW(forgetful_->answer(question, listener), Error);
  EXPECT_FALSE(looked);
}

}  // namespace
}  // namespace fusion
