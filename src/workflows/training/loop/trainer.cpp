#include "workflows/training/loop/trainer.h"

#include <sys/resource.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <utility>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/training/loop/bad_batch.h"
#include "workflows/training/loop/broken_share.h"
#include "workflows/training/loop/draws.h"
#include "workflows/training/loop/read_batch.h"
#include "workflows/training/loop/resume_check.h"
#include "workflows/training/loop/same_start.h"

namespace fusion {

namespace {

using Clock = std::chrono::steady_clock;

int64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

void make_folder(const std::string& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) throw Error({.who = path, .expected = "to make the folder of the run", .got = code.message()});
}

}  // namespace

/// Sums over the micro-batches of a step; their means are what the step is known by.
struct Trainer::StepSums {
  /// [4] float64 on the device: total, cross entropy, vision and instruct mapping losses.
  torch::Tensor losses;
  double micro_batches = 0;  ///< that had samples
  double with_instruct = 0;  ///< that had question tokens
  double tokens = 0;
  double samples = 0;
  double targets = 0;  ///< that the model has after its cut
  double stop = 0;     ///< processes that were asked to stop
  double read = 0;     ///< records
  double broken = 0;
  std::optional<int64_t> query_len = {};
};

Trainer::Trainer(const TrainConfig& config, torch::Device device, Communicator& communicator, TrainListener listener)
    : config_(config),
      device_(device),
      communicator_(communicator),
      listener_(std::move(listener)),
      checkpoints_(config.output) {
  require_even_share(config_, communicator_.world_size());
  parts_ = load_training_model(config_, device_);
  mixture_ = Mixture::open(config_.data.mixture, {.image_roots = config_.data.image_roots,
                                                  .seed = static_cast<uint64_t>(config_.seed),
                                                  .on_progress = leads() ? listener_.on_reading : nullptr});
  reader_ = std::make_shared<const SampleReader>(mixture_, *parts_.tokenizer, *parts_.format,
                                                 sample_options(parts_.model->config()));
  order_ = std::make_unique<BatchOrder>(
      mixture_->modality_lengths(),
      BatchOrderOptions{.batch_size = config_.batch_size,
                        .micro_batch_size = config_.micro_batch_size,
                        .seed = static_cast<uint64_t>(config_.seed),
                        .group_by_modality_length = config_.data.group_by_modality_length});
  const OptimizerSettings& settings = config_.optimizer;
  optimizer_ = std::make_unique<ShardedAdamW>(
      group_of_run(config_, *parts_.model),
      AdamWOptions{
          .beta1 = settings.beta1, .beta2 = settings.beta2, .eps = settings.epsilon, .ema_decay = settings.ema_decay},
      communicator_);
  if (config_.validation) validation_ = std::make_unique<Validation>(config_, parts_);

  position_.total_steps = total_steps(config_, order_->steps_per_epoch());
  position_.data_fingerprint = mixture_->fingerprint();
  position_.config = write_train_config(config_);
  position_.model_fingerprint = weights_fingerprint(Checkpoint(config_.model));
  position_.model_files = model_file_fingerprints(config_.model);
  if (leads()) {
    make_folder(config_.output);
    lock_ = std::make_unique<RunLock>(config_.output);
  }
  const auto stored = checkpoints_.steps();
  require_same_start(position_, stored.empty() ? 0 : stored.back(), device_, communicator_);
  if (!stored.empty()) resume(StoredState(checkpoints_.path_of(stored.back())));
}

Trainer::~Trainer() = default;

void Trainer::resume(const StoredState& state) {
  require_same_run(state, position_, *optimizer_);
  optimizer_->load([&state](const std::string& kind, const std::string& name) { return state.values(kind, name); });
  optimizer_->set_steps(state.position().step, state.position().skipped_steps);
  position_.step = state.position().step;
  position_.records_read = state.position().records_read;
  position_.records_broken = state.position().records_broken;
  position_.validation_due = state.position().validation_due;
  if (!same_validation(state, position_)) return;  // losses of other records do not compare
  position_.best_step = state.position().best_step;
  position_.best_loss = state.position().best_loss;
}

TrainEnd Trainer::run() {
  if (leads()) open_logs();
  loader_ = make_loader();
  if (validation_ && position_.validation_due) validate_and_record(/*saved=*/true);
  while (position_.step < position_.total_steps) {
    bool stop = false;
    const auto metrics = train_step(stop);
    if (!metrics) note(cat("step ", position_.step, " had no sound record: nothing was learnt"));
    if (metrics && leads()) {
      log_->add(*metrics);
      if (board_) board_->add(*metrics);
      if (listener_.on_step) listener_.on_step(*metrics, position_.total_steps);
    }
    const bool last = position_.step == position_.total_steps;
    const bool save = last || stop || position_.step % config_.checkpoints.every == 0;
    position_.validation_due = validation_ && (last || position_.step % config_.validation->every == 0);
    // A validation may take long and may fail: the steps before it are not to be lost with it.
    if (save) save_checkpoint();
    if (stop && !last) return TrainEnd::kStopped;  // a validation that is due comes first when the run goes on
    if (position_.validation_due) validate_and_record(save);
  }
  finish();
  return TrainEnd::kFinished;
}

void Trainer::open_logs() {
  log_ = std::make_unique<MetricsLog>(config_.output, position_.step);
  if (config_.tensorboard) board_ = std::make_unique<TensorBoardLog>(config_.output, position_.step);
  log_->start({{"total_steps", position_.total_steps},
               {"world_size", communicator_.world_size()},
               {"records", mixture_->size()},
               {"config", position_.config}});
  if (!listener_.on_start) return;
  listener_.on_start({.total_steps = position_.total_steps,
                      .first_step = position_.step,
                      .records = mixture_->size(),
                      .world_size = communicator_.world_size(),
                      .groups = group_table(optimizer_->parameters())});
}

std::unique_ptr<Loader> Trainer::make_loader() {
  // Each step is `rounds` micro-batches of each process, some of them empty where the data end.
  const int64_t world_size = communicator_.world_size();
  const int64_t rounds = config_.batch_size / (config_.micro_batch_size * world_size);
  const auto order = [this, world_size, rounds, first = position_.step,
                      rank = communicator_.rank()](int64_t k) -> std::optional<std::vector<int64_t>> {
    const int64_t step = first + k / rounds;
    if (step >= position_.total_steps) return std::nullopt;
    const auto micro_batches = order_->micro_batches(step);
    const int64_t own = (k % rounds) * world_size + rank;
    return own < std::ssize(micro_batches) ? micro_batches[own] : std::vector<int64_t>();
  };
  return std::make_unique<Loader>(
      reader_, order,
      LoaderOptions{.workers = config_.data.workers,
                    .prefetch = config_.data.prefetch,
                    .on_broken = [this](const BrokenRecord& record) { report_broken(record); }});
}

std::optional<StepMetrics> Trainer::train_step(bool& stop) {
  const auto start = Clock::now();
  const int64_t world_size = communicator_.world_size();
  const int64_t rounds = config_.batch_size / (config_.micro_batch_size * world_size);
  const int64_t count = std::ssize(order_->micro_batches(position_.step));
  StepSums sums;
  sums.losses = torch::zeros({4}, torch::TensorOptions(device_).dtype(torch::kFloat64));
  const int64_t read_before = loader_->records_read();
  const int64_t broken_before = loader_->records_broken();
  for (int64_t round = 0; round < rounds; ++round) {
    auto batch = loader_->next();
    if (batch && batch->samples > 0) {
      forward_backward(std::move(*batch), round * world_size + communicator_.rank(), count, sums);
    }
    optimizer_->finish_backward();
  }
  sums.stop = listener_.stop_requested && listener_.stop_requested() ? 1 : 0;
  sums.read = static_cast<double>(loader_->records_read() - read_before);
  sums.broken = static_cast<double>(loader_->records_broken() - broken_before);
  sum_over_processes(sums);
  judge_broken_records(sums);
  const auto losses = sums.losses.cpu() / std::max(sums.micro_batches, 1.0);
  const auto loss = [&losses](int64_t i) { return losses[i].item<double>(); };
  const double norm = optimizer_->gradient_norm();
  if (!std::isfinite(loss(0)) || !std::isfinite(norm)) {
    fail_on_step(cat("a loss of ", loss(0), " and a gradient of norm ", norm));
  }
  const Schedule schedule{.kind = schedule_kind(config_.schedule.kind),
                          .warmup_steps = warmup_steps_of(config_.schedule.warmup_ratio, position_.total_steps)};
  const double factor = rate_factor(schedule, position_.step, position_.total_steps);
  optimizer_->step(factor, config_.optimizer.clip_norm, norm);
  ++position_.step;
  stop = sums.stop > 0;
  if (sums.micro_batches == 0) return std::nullopt;
  note_missing_targets(sums);

  StepMetrics metrics;
  metrics.step = position_.step;
  metrics.epoch = static_cast<double>(position_.step) / static_cast<double>(order_->steps_per_epoch());
  metrics.loss = loss(0);
  metrics.loss_ce = loss(1);
  metrics.loss_cos_vision = loss(2);
  if (sums.with_instruct > 0) metrics.loss_cos_instruct = loss(3) * sums.micro_batches / sums.with_instruct;
  metrics.learning_rate = optimizer_->parameters().groups.front().lr * factor;
  metrics.grad_norm = norm;
  metrics.tokens = std::llround(sums.tokens);
  metrics.samples = std::llround(sums.samples);
  metrics.query_len = sums.query_len;
  metrics.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  metrics.memory_bytes = peak_memory();
  return metrics;
}

void Trainer::forward_backward(MicroBatch batch, int64_t micro_batch, int64_t count, StepSums& sums) {
  const RunPlace place{.seed = static_cast<uint64_t>(config_.seed), .step = position_.step, .micro_batch = micro_batch};
  batch.input.query_len = drawn_query_len(place, parts_.model->config().query_lengths);
  const FusionConfig& model = parts_.model->config();
  const SequenceForm form{.image_tokens = model.num_image_tokens(),
                          .query_len = static_cast<double>(batch.input.query_len),
                          .max_length = model.max_length};
  sums.targets += static_cast<double>(targets_within(batch.input, form));
  // One process that computes the whole step in one piece can tell its latent count.
  if (count == 1) sums.query_len = batch.input.query_len;
  torch::manual_seed(drawn_torch_seed(place));
  const Losses losses = [&] {
    const AutocastGuard autocast(autocast_of(config_, device_));
    return parts_.model->losses(on_device(std::move(batch.input), device_));
  }();
  (losses.total / static_cast<double>(count)).backward();

  const auto instruct = losses.cos_instruct.defined() ? losses.cos_instruct : torch::zeros_like(losses.ce);
  const torch::NoGradGuard no_grad;
  sums.losses += torch::stack({losses.total, losses.ce, losses.cos_vision, instruct}).to(torch::kFloat64);
  sums.micro_batches += 1;
  sums.with_instruct += losses.cos_instruct.defined() ? 1 : 0;
  sums.tokens += static_cast<double>(batch.tokens);
  sums.samples += static_cast<double>(batch.samples);
}

void Trainer::sum_over_processes(StepSums& sums) {
  if (communicator_.world_size() == 1) return;
  const auto counted = torch::tensor({sums.micro_batches, sums.with_instruct, sums.tokens, sums.samples, sums.stop,
                                      sums.read, sums.broken, sums.targets},
                                     sums.losses.options());
  auto all = torch::cat({sums.losses, counted});
  communicator_.all_reduce_sum(all);
  const auto host = all.cpu();
  const auto value = [&host](int64_t i) { return host[i].item<double>(); };
  sums.losses = host.slice(0, 0, 4);
  sums.micro_batches = value(4);
  sums.with_instruct = value(5);
  sums.tokens = value(6);
  sums.samples = value(7);
  sums.stop = value(8);
  sums.read = value(9);
  sums.broken = value(10);
  sums.targets = value(11);
}

void Trainer::judge_broken_records(const StepSums& sums) {
  position_.records_read += std::llround(sums.read);
  position_.records_broken += std::llround(sums.broken);
  require_few_broken(position_.records_read, position_.records_broken, config_.data.max_broken_share, broken_examples_);
}

void Trainer::note_missing_targets(const StepSums& sums) {
  if (sums.targets > 0 || missing_targets_noted_) return;
  missing_targets_noted_ = true;
  note(cat("step ", position_.step, " had no word to learn: all of its answers are behind the cut at ",
           parts_.model->config().max_length, " positions; `fusion data check` counts such records"));
}

void Trainer::report_broken(const BrokenRecord& record) {
  constexpr size_t kExamples = 3;
  if (broken_examples_.size() < kExamples) broken_examples_.push_back(record.reason);
  if (leads()) return note(cat("left out: ", record.reason));
  if (!broken_list_) {
    broken_list_ = std::make_unique<AppendFile>(
        cat(config_.output, "/left-out-by-process-", communicator_.rank(), ".txt"), AppendFile::Existing::kExtend);
  }
  broken_list_->append(record.reason + "\n");
}

void Trainer::fail_on_step(const std::string& what) {
  const int64_t world_size = communicator_.world_size();
  const auto micro_batches = order_->micro_batches(position_.step);
  std::vector<std::vector<int64_t>> own;
  for (int64_t i = communicator_.rank(); i < std::ssize(micro_batches); i += world_size)
    own.push_back(micro_batches[i]);
  const std::string path =
      cat(config_.output, "/bad-step-", position_.step + 1, "-process-", communicator_.rank(), ".safetensors");
  std::string where = cat("the step's batch is in ", path);
  try {
    std::vector<int64_t> query_lens;
    for (int64_t i = communicator_.rank(); i < std::ssize(micro_batches); i += world_size) {
      query_lens.push_back(
          drawn_query_len({.seed = static_cast<uint64_t>(config_.seed), .step = position_.step, .micro_batch = i},
                          parts_.model->config().query_lengths));
    }
    save_batches(path, *reader_, own, query_lens);
  } catch (const Error& error) {
    where = cat("its batch could not be saved: ", error.what());
  }
  throw Error({.who = cat("step ", position_.step + 1),
               .expected = "finite losses and gradients",
               .got = what,
               .cause = "a learning rate that is too high, or a sample out of the ordinary",
               .hint = cat(where, "; the last checkpoint is as it was")});
}

bool Trainer::validate() {
  optimizer_->use_ema();
  const ValidationResult result = validation_->run(position_.step, device_, communicator_);
  optimizer_->use_weights();
  const double loss = result.metrics.loss;
  const bool best = std::isfinite(loss) && (!position_.best_loss || loss < *position_.best_loss);
  if (best) {
    position_.best_loss = loss;
    position_.best_step = position_.step;
  }
  if (!leads()) return best;
  log_->add(result.metrics);
  if (result.broken > 0) note(cat("validation: ", result.broken, " broken records are left out"));
  if (board_) {
    board_->add(result.metrics);
    board_->text("validation/answers", position_.step, answers_table(result));
  }
  const std::string folder = config_.output + "/validation";
  make_folder(folder);
  write_text_file(cat(folder, "/step-", position_.step, ".html"), answers_page(result));
  if (listener_.on_validation) listener_.on_validation(result.metrics);
  return best;
}

void Trainer::validate_and_record(bool saved) {
  const bool best = validate();
  position_.validation_due = false;
  if (!saved) {
    if (best) save_checkpoint();
    return;
  }
  if (leads()) {
    sync_logs();
    checkpoints_.record_validation(position_);
    checkpoints_.prune(config_.checkpoints.keep, position_.best_step);
  }
  communicator_.barrier();
}

void Trainer::sync_logs() {
  log_->sync();
  if (board_) board_->sync();
}

void Trainer::save_checkpoint() {
  if (leads()) sync_logs();
  position_.skipped_steps = optimizer_->skipped_steps();
  checkpoints_.write(position_, *optimizer_, communicator_);
  if (leads()) checkpoints_.prune(config_.checkpoints.keep, position_.best_step);
}

void Trainer::finish() {
  optimizer_->use_ema();
  if (leads()) {
    const std::string folder = config_.output + "/model";
    if (listener_.on_note) listener_.on_note(cat("writing the model to ", folder));
    export_model(config_, *parts_.model, folder);
    note(cat("the model is in ", folder));
    if (config_.lora) {
      const std::string adapter = config_.output + "/adapter";
      export_adapter(config_, *parts_.model, adapter);
      note(cat("the adapter is in ", adapter));
    }
  }
  optimizer_->use_weights();
  communicator_.barrier();
}

void Trainer::note(const std::string& text) {
  if (!leads()) return;
  log_->note(position_.step, text);
  if (listener_.on_note) listener_.on_note(text);
}

}  // namespace fusion
