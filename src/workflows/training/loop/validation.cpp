#include "workflows/training/loop/validation.h"

#include <torch/types.h>

#include <algorithm>
#include <cctype>
#include <chrono>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/autocast.h"
#include "pipeline/generation/answer_text.h"
#include "pipeline/generation/generate.h"
#include "pipeline/model/detail.h"
#include "workflows/training/loop/read_batch.h"

namespace fusion {

namespace {

/// The model answers while it lives.
class EvaluationMode {
 public:
  explicit EvaluationMode(FusionModelImpl& model) : model_(model) { model_.eval(); }
  ~EvaluationMode() { model_.train(); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  FusionModelImpl& model_;
  torch::NoGradGuard no_grad_;
};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

/// A file's path as a URL.
std::string url_of(const std::string& path) {
  constexpr std::string_view kPlain = "/-_.~";
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string url = "file://";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || kPlain.find(c) != std::string_view::npos) {
      url += c;
    } else {
      url += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return url;
}

/// In a cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

}  // namespace

std::shared_ptr<const Mixture> open_validation_mixture(const TrainConfig& config) {
  return Mixture::open(config.validation->mixture,
                       {.image_roots = config.data.image_roots, .seed = static_cast<uint64_t>(config.seed)});
}

Validation::Validation(const TrainConfig& config, TrainingModel& model)
    : settings_(*config.validation), config_(config), parts_(model), mixture_(open_validation_mixture(config)) {
  reader_ = std::make_unique<SampleReader>(mixture_, *parts_.tokenizer, *parts_.format,
                                           sample_options(parts_.model->config()));
  require_sound_record();
}

void Validation::require_sound_record() const {
  const int64_t count = std::min(settings_.samples, mixture_->size());
  std::string first_reason;
  for (int64_t i = 0; i < count; ++i) {
    try {
      reader_->read_prompt(i);
      return;
    } catch (const Error& error) {
      if (first_reason.empty()) first_reason = error.what();
    }
  }
  throw Error({.who = settings_.mixture,
               .expected = "records to validate with",
               .got = cat("none that is sound among the first ", count),
               .cause = first_reason});
}

ValidationResult Validation::run(int64_t step, torch::Device device, Communicator& communicator) const {
  const auto start = std::chrono::steady_clock::now();
  const EvaluationMode evaluating(*parts_.model);
  const int64_t count = std::min(settings_.samples, mixture_->size());
  const int64_t size = config_.micro_batch_size;
  auto sums = torch::zeros({3}, torch::TensorOptions(device).dtype(torch::kFloat64));  // loss, cross entropy, samples
  for (int64_t k = communicator.rank(); k * size < count; k += communicator.world_size()) {
    std::vector<int64_t> records;
    for (int64_t i = k * size; i < std::min(count, (k + 1) * size); ++i) records.push_back(i);
    MicroBatch batch = read_micro_batch(*reader_, records);
    if (batch.samples == 0) continue;
    batch.input.query_len = latent_count(parts_.model->config(), "");
    const AutocastGuard autocast(autocast_of(config_, device));
    const Losses losses = parts_.model->losses(on_device(std::move(batch.input), device));
    const auto samples = static_cast<double>(batch.samples);
    sums += torch::stack({losses.total * samples, losses.ce * samples, torch::full_like(losses.ce, samples)})
                .to(torch::kFloat64);
  }
  communicator.all_reduce_sum(sums);
  const auto host = sums.cpu();
  const double samples = host[2].item<double>();
  if (samples == 0) {
    throw Error({.who = settings_.mixture, .expected = "records to validate with", .got = "only broken ones"});
  }

  ValidationResult result;
  if (communicator.rank() == 0) result.answers = answer_some(device);
  const auto exact = std::ranges::count_if(result.answers,
                                           [](const SampleAnswer& answer) { return answer.answer == answer.expected; });
  result.metrics.step = step;
  result.metrics.loss = host[0].item<double>() / samples;
  result.metrics.loss_ce = host[1].item<double>() / samples;
  result.metrics.samples = std::llround(samples);
  result.broken = count - result.metrics.samples;
  if (!result.answers.empty()) {
    result.metrics.exact_match = static_cast<double>(exact) / static_cast<double>(result.answers.size());
  }
  result.metrics.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::vector<SampleAnswer> Validation::answer_some(torch::Device device) const {
  std::vector<SampleAnswer> answers;
  for (int64_t i = 0; i < mixture_->size() && std::ssize(answers) < settings_.answers; ++i) {
    try {
      const Record record = mixture_->record(i);
      const auto turns = turns_of_sample(record.messages, record.image.has_value());
      if (turns.size() < 2) continue;
      answers.push_back({.id = record.id,
                         .picture = record.image ? mixture_->picture_path(record) : "",
                         .question = turns[0].text,
                         .expected = turns[1].text,
                         .answer = answer(reader_->read(i), turns[0], device)});
    } catch (const Error&) {
      continue;  // a broken record has no answer
    }
  }
  return answers;
}

std::string Validation::answer(const Sample& sample, const Turn& question, torch::Device device) const {
  const auto prompt = tokenize_for_answer(*parts_.tokenizer, *parts_.format, {&question, 1});
  Sample asked{.id = sample.id, .prompt = prompt, .tiles = sample.tiles};
  MicroBatch batch = collate({&asked, 1}, reader_->options().tiles(), reader_->pad_id());
  batch.input.query_len = latent_count(parts_.model->config(), "");
  // Frozen weights may be bfloat16 beside trained ones in float32: only mixed precision multiplies them.
  const AutocastGuard autocast(autocast_of(config_, device));
  const Reading reading = parts_.model->read(on_device(std::move(batch.input), device), /*with_pairs=*/false);
  const GenerationOptions options{.max_new_tokens = settings_.max_new_tokens};
  AnswerText text(*parts_.tokenizer, {});
  const auto& ends = parts_.model->config().eos_token_ids;
  const auto results = generate(*parts_.model, reading, {&options, 1});
  for (const int64_t id : results[0].ids) {
    if (std::ranges::find(ends, id) == ends.end()) text.push(id);
  }
  text.flush();
  return text.text();
}

std::string answers_page(const ValidationResult& result) {
  std::string page =
      cat("<!doctype html>\n<meta charset=\"utf-8\">\n<title>step ", result.metrics.step,
          "</title>\n<style>\nbody { font: 16px/1.45 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }\n"
          "article { display: flex; gap: 1.5em; border-top: 1px solid #ccc; padding: 1em 0; }\n"
          "img { width: 12em; height: 12em; object-fit: contain; background: #f2f2f2; flex: none; }\n"
          "dt { color: #666; font-size: 85%; } dd { margin: 0 0 .6em; white-space: pre-wrap; }\n"
          ".right { color: #116329; } .wrong { color: #a40e26; }\n</style>\n<h1>Step ",
          result.metrics.step, "</h1>\n<p>loss ", result.metrics.loss, ", cross entropy ", result.metrics.loss_ce,
          " over ", result.metrics.samples, " records</p>\n");
  for (const SampleAnswer& answer : result.answers) {
    const char* const verdict = answer.answer == answer.expected ? "right" : "wrong";
    page +=
        cat("<article>\n", answer.picture.empty() ? "" : cat("<img src=\"", url_of(answer.picture), "\" alt=\"\">\n"),
            "<dl><dt>", escaped(answer.id), "</dt><dd>", escaped(answer.question), "</dd>\n<dt>expected</dt><dd>",
            escaped(answer.expected), "</dd>\n<dt>answered</dt><dd class=\"", verdict, "\">", escaped(answer.answer),
            "</dd></dl>\n</article>\n");
  }
  return page;
}

std::string answers_table(const ValidationResult& result) {
  std::string table = "| record | question | expected | answer |\n|---|---|---|---|\n";
  for (const SampleAnswer& answer : result.answers) {
    table += cat("| ", cell(answer.id), " | ", cell(answer.question), " | ", cell(answer.expected), " | ",
                 cell(answer.answer), " |\n");
  }
  return table;
}

}  // namespace fusion
