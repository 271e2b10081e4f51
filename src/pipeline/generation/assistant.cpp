#include "pipeline/generation/assistant.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/generation/answer_text.h"
#include "pipeline/model/detail.h"

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

/// Rows of different lengths, right-padded: [B, longest].
torch::Tensor padded(std::span<const std::vector<int64_t>* const> rows, int64_t padding, torch::Device device) {
  size_t longest = 0;
  for (const auto* row : rows) longest = std::max(longest, row->size());
  std::vector<torch::Tensor> tensors;
  for (const auto* row : rows) {
    std::vector<int64_t> values = *row;
    values.resize(longest, padding);
    tensors.push_back(torch::tensor(values, torch::kInt64));
  }
  return torch::stack(tensors).to(device);
}

/// The template named, else the one that the model was trained with.
ChatTemplate choose_template(const std::string& folder, const LoadedModel& model, const std::string& name) {
  if (name.empty() && model.fusion) return {.format = &default_template(model.language->language_config().model_type)};
  if (name.empty()) return read_chat_template(folder);
  const ConversationTemplate& format = find_template(name);
  if (!model.fusion && format.has_latents()) {
    throw Error({.who = "conversation template",
                 .expected = "one without latent tokens, for this model has no vision tower",
                 .got = cat("'", name, "'")});
  }
  return {.format = &format};
}

ChatTemplate choose_conversation(const std::string& folder, const LoadedModel& model, const AssistantOptions& options) {
  ChatTemplate chat = choose_template(folder, model, options.conversation_template);
  if (options.system.empty()) return chat;
  require_system_place(*chat.format, options.system);
  chat.system = options.system;
  return chat;
}

/// Each picture belongs to a turn, and the model can look at it.
void require_pictures(const Question& question, bool sees) {
  const auto shown = std::ranges::count_if(question.turns, &Turn::picture);
  const bool missing = std::ranges::any_of(question.pictures, [](const auto& picture) { return picture == nullptr; });
  if (shown != std::ssize(question.pictures) || missing) {
    throw Error({.who = "conversation",
                 .expected = cat(shown, " pictures, one for each turn that shows one"),
                 .got = missing ? "an empty one" : cat(question.pictures.size())});
  }
  if (shown > 0 && !sees) {
    throw Error({.who = "picture",
                 .expected = "a question without one",
                 .got = "a picture",
                 .cause = "the model is a plain language model without a vision tower",
                 .hint = "ask about text only, or load a FUSION checkpoint"});
  }
}

/// Features of each row's pictures, [rows, most pictures, ..]; a row with fewer repeats its first.
torch::Tensor stacked(std::span<const SeenPictures> rows, torch::Tensor SeenPicture::* part) {
  size_t most = 0;
  for (const SeenPictures& row : rows) most = std::max(most, row.pictures.size());
  std::vector<torch::Tensor> all;
  for (const SeenPictures& row : rows) {
    std::vector<torch::Tensor> own;
    for (size_t i = 0; i < most; ++i) own.push_back(row.pictures[i < row.pictures.size() ? i : 0].*part);
    all.push_back(torch::stack(own));
  }
  return torch::stack(all);
}

}  // namespace

/// A question as numbers.
struct Assistant::Request {
  const Question* question;
  TokenizedPrompt prompt;
};

std::vector<Turn> single_question(const std::string& text, bool has_picture) {
  return {{.speaker = Speaker::kUser, .text = text, .picture = has_picture}};
}

Assistant::Assistant(const std::string& folder, const AssistantOptions& options)
    : model_(load_model(folder, options.load)),
      tokenizer_(load_tokenizer(folder)),
      chat_(choose_conversation(folder, model_, options)) {
  require_vocabulary(folder, tokenizer_->vocab_size(), config().decoder.vocab_size, /*may_be_padded=*/!sees());
  if (sees()) encoder_ = std::make_unique<PictureEncoder>(model_.fusion, options.picture_cache_bytes);
}

Answer Assistant::answer(const Question& question, const AnswerListener& listener, const TraceScope& trace) const {
  return std::move(answer_all({&question, 1}, listener, trace)[0]);
}

std::vector<Answer> Assistant::answer_all(std::span<const Question> questions, const AnswerListener& listener,
                                          const TraceScope& trace) const {
  const Stopwatch watch;
  const torch::NoGradGuard no_grad;
  std::vector<Request> requests;
  std::vector<GenerationOptions> options;
  std::vector<AnswerText> texts;
  for (const Question& question : questions) {
    requests.push_back(prepare(question));
    options.push_back(question.generation);
    options.back().vocabulary = tokenizer_->vocab_size();
    if (const auto stop = tokenizer_->token_id(chat_.format->stop())) options.back().stop_token_ids.push_back(*stop);
    texts.emplace_back(*tokenizer_, question.stop_texts);
  }
  std::vector<Answer> answers(questions.size());
  if (questions.empty()) return answers;
  model_.require_unchanged();

  AnswerTimes times;
  std::vector<bool> hung_up(questions.size(), false);
  const auto say = [&](size_t i, const std::string& text) {
    if (!text.empty() && listener.on_text && !hung_up[i]) hung_up[i] = !listener.on_text(i, text);
    return !hung_up[i];
  };
  const GenerationListener inner{.on_progress = listener.on_progress,
                                 .on_token =
                                     [&](size_t i, int64_t id) {
                                       if (times.first_token == 0) times.first_token = watch.seconds();
                                       return say(i, texts[i].push(id)) && !texts[i].stopped();
                                     },
                                 .cancelled = listener.cancelled};
  std::vector<GenerationResult> results(questions.size(), {.stop_reason = StopReason::kCancelled});
  try {
    const Reading reading = read(requests, listener, answers);
    times.picture = watch.seconds();
    results = generate(*model_.language, reading, options, inner, trace);
  } catch (const Cancelled&) {
    // Nothing was said yet.
  }
  model_.require_unchanged();
  for (size_t i = 0; i < answers.size(); ++i) {
    say(i, texts[i].flush());
    answers[i].text = texts[i].text();
    answers[i].generation = std::move(results[i]);
    if (texts[i].stopped()) answers[i].generation.stop_reason = StopReason::kStopText;
  }
  times.total = watch.seconds();
  for (Answer& answer : answers) answer.times = times;
  return answers;
}

int64_t Assistant::latent_count(const std::string& detail) const {
  return sees() ? fusion::latent_count(model_.fusion->config(), detail) : 0;
}

Assistant::Request Assistant::prepare(const Question& question) const {
  require_pictures(question, sees());
  check(question.generation.sampling);
  const std::vector<Turn> turns = chat_.complete(question.turns);
  return {.question = &question, .prompt = tokenize_for_answer(*tokenizer_, *chat_.format, turns)};
}

SeenPictures Assistant::look(const Request& request, const std::function<void(int64_t, int64_t)>& before_tile) const {
  if (request.question->pictures.empty()) return encoder_->look_at_nothing(before_tile);
  std::vector<const Picture*> pictures;
  for (const auto& picture : request.question->pictures) pictures.push_back(picture.get());
  return encoder_->look(pictures, request.prompt.instruct_ids, before_tile);
}

Reading Assistant::read(std::span<const Request> requests, const AnswerListener& listener,
                        std::vector<Answer>& answers) const {
  std::vector<const std::vector<int64_t>*> ids;
  std::vector<const std::vector<int64_t>*> labels;
  for (const Request& request : requests) {
    ids.push_back(&request.prompt.input_ids);
    labels.push_back(&request.prompt.labels);
    if (request.question->query_len == requests[0].question->query_len) continue;
    throw Error({.who = "batch",
                 .expected = "the same number of latent tokens for all questions",
                 .got = cat(requests[0].question->query_len, " and ", request.question->query_len)});
  }
  if (sees() && (requests[0].question->query_len > 0) != model_.fusion->config().has_latents()) {
    throw Error({.who = "query_len",
                 .expected = model_.fusion->config().has_latents() ? "a square number of latent tokens"
                                                                   : "0: this model has no latent tokens",
                 .got = cat(requests[0].question->query_len),
                 .hint = "Assistant::latent_count() knows the model's"});
  }
  const auto device = model_.language->options().device();
  constexpr int64_t kNoToken = 0;  // any token would do, for padding is masked
  PreparedInput input;
  input.input_ids = padded(ids, kNoToken, device);
  input.labels = padded(labels, kIgnoreLabel, device);
  const auto place = torch::arange(input.input_ids.size(1), input.input_ids.options());
  std::vector<int64_t> lengths;
  for (const auto* row : ids) lengths.push_back(std::ssize(*row));
  input.attention_mask = place < torch::tensor(lengths, input.input_ids.options()).unsqueeze(1);
  input.query_len = requests[0].question->query_len;

  for (size_t i = 0; i < requests.size(); ++i) {
    const Question& question = *requests[i].question;
    const int64_t image_tokens = sees() ? model_.fusion->config().num_image_tokens() : 0;
    PreparedInput row;
    row.input_ids = input.input_ids.slice(0, i, i + 1);
    row.attention_mask = input.attention_mask.slice(0, i, i + 1);
    row.query_len = input.query_len;
    // Before anything is computed: an overlong question would cost the tower hours.
    require_room(uncut_length(row, image_tokens, std::ssize(question.pictures)), config(), question.generation);
  }
  if (!sees()) return read_words(*model_.language, input);

  std::vector<SeenPictures> seen;
  for (size_t i = 0; i < requests.size(); ++i) {
    seen.push_back(look(requests[i], [&](int64_t done, int64_t total) {
      if (listener.on_progress) {
        listener.on_progress({.stage = GenerationStage::kLooking, .done = done, .total = total});
      }
      if (listener.cancelled && listener.cancelled()) throw Cancelled();
    }));
    answers[i].encoded_tiles = seen[i].encoded_tiles;
  }
  return model_.fusion->put_together(
      input, {.image_tokens = stacked(seen, &SeenPicture::image_tokens), .grid = stacked(seen, &SeenPicture::grid)});
}

}  // namespace fusion
