#include "pipeline/generation/generate.h"

#include <torch/types.h>

#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

bool contains(const std::vector<int64_t>& ids, int64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// A row that is still being answered.
struct Row {
  size_t index;  // in the batch as it was given
  int64_t context_length;
  int64_t budget;
  int64_t vocabulary;
  Sampler sampler;
  std::vector<int64_t> end_ids;
};

std::vector<int64_t> lengths_of(const torch::Tensor& mask) {
  const auto lengths = mask.sum(1).to(torch::kCPU);
  return {lengths.const_data_ptr<int64_t>(), lengths.const_data_ptr<int64_t>() + lengths.numel()};
}

/// One batch on its way to its answers.
class Batch {
 public:
  Batch(LanguageModelImpl& model, const Reading& reading, std::span<const GenerationOptions> options,
        const GenerationListener& listener, const TraceScope& trace)
      : model_(model),
        reading_(reading),
        listener_(listener),
        trace_(trace),
        lengths_(lengths_of(reading.sequence.attention_mask)),
        results_(lengths_.size()),
        cache_(make_rows(options)) {}

  std::vector<GenerationResult> answer() {
    try {
      torch::Tensor last = prefill();  // [B, 1, H]
      for (int64_t step = 0; !rows_.empty(); ++step) {
        progress(GenerationStage::kAnswering, step, longest_budget_);
        stop_if_cancelled();
        const std::vector<int64_t> chosen = choose(last);
        if (!rows_.empty()) last = decode(chosen);
      }
    } catch (const Cancelled&) {
      for (const Row& row : rows_) results_[row.index].stop_reason = StopReason::kCancelled;
    }
    if (!steps_.empty()) {
      trace_.record(torch::stack(steps_).unsqueeze(0), "gen.logits");
      trace_.record(torch::tensor(results_[0].ids, torch::kInt64).unsqueeze(0), "gen.output_ids");
    }
    return std::move(results_);
  }

 private:
  /// Room for all that the rows may come to.
  KvCache make_rows(std::span<const GenerationOptions> options) {
    int64_t capacity = 0;
    for (size_t i = 0; i < lengths_.size(); ++i) {
      require_room(lengths_[i], model_.language_config(), options[i]);
      const int64_t limit = context_limit(model_.language_config(), options[i]);
      const int64_t budget = std::clamp<int64_t>(options[i].max_new_tokens, 0, limit - lengths_[i]);
      Row row{.index = i,
              .context_length = lengths_[i] + budget,
              .budget = budget,
              .vocabulary = options[i].vocabulary,
              .sampler = Sampler(options[i].sampling),
              .end_ids = options[i].stop_token_ids};
      const auto& own = model_.language_config().eos_token_ids;
      row.end_ids.insert(row.end_ids.end(), own.begin(), own.end());
      capacity = std::max(capacity, row.context_length);
      longest_budget_ = std::max(longest_budget_, budget);
      results_[i].prompt_length = lengths_[i];
      rows_.push_back(std::move(row));
    }
    const DecoderConfig& config = model_.language_config().decoder;
    return {config.num_layers,
            {static_cast<int64_t>(rows_.size()), config.num_kv_heads, capacity, config.head_dim},
            model_.options()};
  }

  /// \return [B, 1, H] the hidden state at the end of each prompt
  torch::Tensor prefill() {
    const MergedSequence& sequence = reading_.sequence;
    const int64_t layers = model_.language_config().decoder.num_layers;
    progress(GenerationStage::kReading, 0, layers);
    const auto hidden =
        model_.decoder()->forward({.embeds = sequence.embeds,
                                   .position_ids = sequence.position_ids,
                                   .context_lengths = context_lengths(),
                                   .phase = Phase::kPrefill,
                                   .latents = reading_.latents.windows.defined() ? &reading_.latents : nullptr,
                                   .cache = &cache_,
                                   .after_layer =
                                       [&](int64_t layer, const torch::Tensor&) {
                                         progress(GenerationStage::kReading, layer + 1, layers);
                                         stop_if_cancelled();
                                       }},
                                  {});  // [B, S, H]
    cache_.set_lengths(lengths_);
    const auto ends = torch::tensor(lengths_, index_options()) - 1;
    const auto last = hidden.take_along_dim(ends.unsqueeze(1).unsqueeze(2), 1);
    return keep(last, [](const Row& row) { return row.budget > 0; });
  }

  /// The next token of every row. Rows that end with it are gone afterwards; the others' tokens are returned.
  std::vector<int64_t> choose(const torch::Tensor& last) {
    // [rows, vocab]; a float64 checkpoint computes float64 ones.
    const auto logits = model_.logits_of(last).squeeze(1).to(torch::kCPU, torch::kFloat32).contiguous();
    const auto width = static_cast<size_t>(logits.size(1));
    if (trace_.active() && rows_[0].index == 0) steps_.push_back(logits[0]);
    std::vector<int64_t> chosen;
    std::vector<bool> goes_on(results_.size(), false);
    for (size_t i = 0; i < rows_.size(); ++i) {
      Row& row = rows_[i];
      const size_t known = row.vocabulary > 0 ? std::min(static_cast<size_t>(row.vocabulary), width) : width;
      const int64_t id = row.sampler.sample({logits.const_data_ptr<float>() + i * width, known});
      goes_on[row.index] = take(row, id);
      if (goes_on[row.index]) chosen.push_back(id);
    }
    keep({}, [&](const Row& row) { return goes_on[row.index]; });
    return chosen;
  }

  /// Adds a token to a row's answer. Whether there is to be another one.
  bool take(const Row& row, int64_t id) {
    GenerationResult& result = results_[row.index];
    result.ids.push_back(id);
    if (contains(row.end_ids, id)) {
      result.stop_reason = StopReason::kEndToken;
      return false;
    }
    if (listener_.on_token && !listener_.on_token(row.index, id)) {
      result.stop_reason = StopReason::kCancelled;
      return false;
    }
    return static_cast<int64_t>(result.ids.size()) < row.budget;
  }

  /// Reads the tokens just chosen: [rows, 1, H].
  torch::Tensor decode(const std::vector<int64_t>& chosen) {
    const auto ids = torch::tensor(chosen, index_options()).unsqueeze(1);
    return model_.decoder()->forward({.embeds = model_.decoder()->embed(ids),
                                      .position_ids = torch::tensor(cache_.lengths(), index_options()).unsqueeze(1),
                                      .context_lengths = context_lengths(),
                                      .phase = Phase::kDecode,
                                      .cache = &cache_},
                                     {});
  }

  /// Drops the rows that do not pass, here and in the cache. \return what is left of `states` [rows, ..]
  template <class Passes>
  torch::Tensor keep(const torch::Tensor& states, const Passes& passes) {
    std::vector<int64_t> kept;
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (passes(rows_[i])) kept.push_back(static_cast<int64_t>(i));
    }
    if (kept.size() == rows_.size()) return states;
    std::erase_if(rows_, [&](const Row& row) { return !passes(row); });
    if (rows_.empty()) return {};
    cache_.keep_rows(kept);
    return states.defined() ? states.index_select(0, torch::tensor(kept, index_options())) : states;
  }

  std::vector<int64_t> context_lengths() const {
    std::vector<int64_t> lengths;
    for (const Row& row : rows_) lengths.push_back(row.context_length);
    return lengths;
  }

  torch::TensorOptions index_options() const { return model_.options().dtype(torch::kInt64); }

  void progress(GenerationStage stage, int64_t done, int64_t total) const {
    if (listener_.on_progress) listener_.on_progress({.stage = stage, .done = done, .total = total});
  }

  void stop_if_cancelled() const {
    if (listener_.cancelled && listener_.cancelled()) throw Cancelled();
  }

  LanguageModelImpl& model_;
  const Reading& reading_;
  const GenerationListener& listener_;
  const TraceScope& trace_;
  std::vector<int64_t> lengths_;
  std::vector<GenerationResult> results_;
  std::vector<Row> rows_;
  int64_t longest_budget_ = 0;
  KvCache cache_;
  std::vector<torch::Tensor> steps_;  // logits of the first row's steps, kept only for a trace
};

}  // namespace

const char* stop_name(StopReason reason) {
  switch (reason) {
    case StopReason::kEndToken:
      return "end";
    case StopReason::kStopText:
      return "stop";
    case StopReason::kTokenLimit:
      return "length";
    case StopReason::kCancelled:
      break;
  }
  return "cancelled";
}

int64_t context_limit(const LanguageConfig& config, const GenerationOptions& options) {
  const int64_t made_for = config.decoder.rope.max_positions;
  return options.max_context > 0 ? std::min(options.max_context, made_for) : made_for;
}

void require_room(int64_t length, const LanguageConfig& config, const GenerationOptions& options) {
  const int64_t most = std::min(config.max_length, context_limit(config, options) - 1);
  if (length <= most) return;
  throw Error({.who = "the prompt",
               .expected = cat("at most ", most, " positions"),
               .got = cat(length),
               .cause = "the conversation, with its pictures' tokens, is too long for this model",
               .hint = "shorten it or begin a new one, or use fewer latent tokens (--detail)"});
}

std::vector<GenerationResult> generate(LanguageModelImpl& model, const Reading& reading,
                                       std::span<const GenerationOptions> rows, const GenerationListener& listener,
                                       const TraceScope& trace) {
  const torch::NoGradGuard no_grad;
  const auto batch = static_cast<size_t>(reading.sequence.embeds.size(0));
  if (rows.size() != batch) {
    throw Error({.who = "generate", .expected = cat(batch, " options, one for each row"), .got = cat(rows.size())});
  }
  trace.record(reading.sequence.question_positions, "gen.instruct_pos");
  trace.record(reading.sequence.latent_positions, "gen.vision_pos");
  return Batch(model, reading, rows, listener, trace).answer();
}

}  // namespace fusion
