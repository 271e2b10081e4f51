#include "pipeline/generation/assistant.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/preprocess/prompt.h"
#include "pipeline/preprocess/streaming_detokenizer.h"
#include "pipeline/preprocess/tiles.h"

namespace fusion {

namespace {

/// Seconds since it was made.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

constexpr const char* kSpaces = " \t\n\v\f\r";

/// Passes text on without the white space around the whole of it: that at the start is dropped, that at the end never
/// comes (the published tools strip answers).
class Stripped {
 public:
  std::string push(const std::string& text) {
    held_ += text;
    if (!started_) held_.erase(0, std::min(held_.find_first_not_of(kSpaces), held_.size()));
    const size_t last = held_.find_last_not_of(kSpaces);
    if (last == std::string::npos) return "";
    started_ = true;
    std::string certain = held_.substr(0, last + 1);
    held_.erase(0, last + 1);
    return certain;
  }

 private:
  bool started_ = false;
  std::string held_;
};

torch::Tensor row_of(const std::vector<int64_t>& ids, torch::Device device) {
  return torch::tensor(ids, torch::kInt64).unsqueeze(0).to(device);
}

void require_same_vocabulary(const std::string& folder, int64_t tokens, int64_t rows) {
  if (tokens == rows) return;
  throw Error({.who = folder,
               .expected = cat("a tokenizer of ", rows, " tokens, one for each row of the embedding table"),
               .got = cat(tokens),
               .cause = "the tokenizer files belong to another model, or its added tokens are missing",
               .hint = "copy the tokenizer files of this checkpoint into the folder"});
}

}  // namespace

std::vector<Turn> single_question(const std::string& text, bool has_picture) {
  return {{.speaker = Speaker::kUser, .text = text, .picture = has_picture}};
}

Assistant::Assistant(const std::string& folder, const LoadOptions& options)
    : model_(load_fusion_model(folder, options)),
      tokenizer_(load_tokenizer(folder)),
      format_(&default_template(config().model_type)) {
  require_same_vocabulary(folder, tokenizer_->vocab_size(), config().decoder.vocab_size);
}

Answer Assistant::answer(const Question& question, const AnswerListener& listener) {
  const Stopwatch watch;
  Answer answer;
  StreamingDetokenizer words(*tokenizer_);
  Stripped stripped;
  const auto say = [&](const std::string& decoded) {
    const std::string text = stripped.push(decoded);
    answer.text += text;
    return text.empty() || !listener.on_text || listener.on_text(text);
  };
  const GenerationListener inner{.on_stage =
                                     [&](GenerationStage stage) {
                                       if (stage == GenerationStage::kReading) answer.times.picture = watch.seconds();
                                       if (listener.on_stage) listener.on_stage(stage);
                                     },
                                 .on_token =
                                     [&](int64_t id) {
                                       if (answer.times.first_token == 0) answer.times.first_token = watch.seconds();
                                       return say(words.push(id));
                                     }};
  GenerationOptions options = question.generation;
  if (const auto stop = tokenizer_->token_id(format_->stop())) options.stop_token_ids.push_back(*stop);
  answer.generation = generate(model_, prepare(question), options, inner);
  say(words.flush());
  answer.times.total = watch.seconds();
  return answer;
}

PreparedInput Assistant::prepare(const Question& question) const {
  const TokenizedPrompt prompt = tokenize_for_answer(*tokenizer_, *format_, question.turns);
  const auto device = model_->options().device();
  PreparedInput input;
  input.input_ids = row_of(prompt.input_ids, device);
  input.attention_mask = torch::ones_like(input.input_ids, torch::kBool);
  input.labels = row_of(prompt.labels, device);
  input.instruct_ids = row_of(prompt.instruct_ids, device);
  input.instruct_lengths = torch::full({1}, input.instruct_ids.size(1), input.instruct_ids.options());
  input.pixels = pixels_of(question.picture);
  input.query_len = question.query_len;
  return input;
}

torch::Tensor Assistant::pixels_of(const Picture* picture) const {
  const VisionConfig& vision = config().vision;
  const int64_t side = vision.image_size;
  if (picture == nullptr) return torch::zeros({1, kTileCount, kTileChannels, side, side}, model_->options());
  const TileOptions options{.tile_size = side, .mean = vision.image_mean, .std = vision.image_std};
  auto values = normalise(make_tiles(*picture, options), options);
  return torch::from_blob(values.data(), {1, kTileCount, kTileChannels, side, side})
      .to(model_->options(), /*non_blocking=*/false, /*copy=*/true);
}

}  // namespace fusion
