#include "workflows/training/plan/run_plan.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "pipeline/model/fusion_model.h"
#include "workflows/assembly/summary.h"
#include "workflows/training/adapters/lora.h"
#include "workflows/training/loop/training_model.h"
#include "workflows/training/optimization/learning_rate.h"
#include "workflows/training/optimization/parameter_groups.h"
#include "workflows/training/plan/data_outlook.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr double kFloat = 4;  // bytes

/// The model that the run starts from, as far as it is there.
struct PlannedModel {
  std::string name;
  std::string folder;  ///< "": there is none yet
  FusionConfig config = {};
  bool narrow = true;  ///< weights are bfloat16, as published ones and those of the presets are
  std::vector<std::string> notes = {};
};

PlannedModel find_model(const TrainConfig& config, const PlanOptions& options) {
  const std::string named = options.model.value_or(config.model);
  PlannedModel model{.name = named, .folder = named};
  if (!fs::exists(named)) {
    model.name = fs::path(named).filename().string();
    model.folder.clear();
    const auto presets = preset_names();
    if (std::ranges::find(presets, model.name) == presets.end()) {
      const std::string nearest = closest_match(model.name, presets);
      throw Error({.who = named,
                   .expected = cat("a checkpoint folder, or one of ", join(presets, ", "), " to plan with"),
                   .got = "nothing of that name",
                   .hint = nearest.empty() ? "check the path" : cat("did you mean ", nearest, "?")});
    }
  }
  const ModelSummary summary = summarise(model.folder.empty() ? model.name : model.folder);
  if (!summary.sees) {
    throw Error({.who = named, .expected = "a FUSION checkpoint", .got = "a plain language model"});
  }
  model.config = summary.config;
  if (summary.weights) {
    const auto& dtypes = summary.weights->parameters_by_dtype;
    model.narrow = dtypes.size() == 1 && dtypes.contains("BF16");
  }
  apply_settings(config, named, model.config);
  for (const std::string& note : summary.notes) model.notes.push_back(cat(model.name, ": ", note));
  if (model.folder.empty()) model.notes.push_back(cat("no folder ", named, ": the shapes are the preset's"));
  return model;
}

void check_options(const TrainConfig& config, const PlanOptions& options) {
  const auto require = [](bool holds, const char* who, const std::string& expected, const std::string& got) {
    if (!holds) throw Error({.who = who, .expected = expected, .got = got});
  };
  require(options.world_size >= 1 && options.world_size <= 1 << 20, "world size", "a number of processes from 1 on",
          cat(options.world_size));
  require(options.utilisation > 0 && options.utilisation <= 1, "utilisation", "a number above 0, up to 1",
          cat(options.utilisation));
  require(!options.records || *options.records > 0, "records", "a number above 0", cat(options.records.value_or(0)));
  require(!options.mean_length || *options.mean_length > 0, "mean length", "a number above 0",
          cat(options.mean_length.value_or(0)));
  require_even_share(config, options.world_size);
}

std::vector<PlannedTensor> planned_tensors(const GroupedParameters& grouped) {
  std::vector<PlannedTensor> tensors;
  const auto add = [&tensors](const std::vector<NamedParameter>& parameters, bool trained) {
    for (const NamedParameter& parameter : parameters) {
      tensors.push_back({.name = parameter.name, .shape = parameter.value.sizes().vec(), .trained = trained});
    }
  };
  for (const ParameterGroup& group : grouped.groups) add(group.parameters, true);
  add(grouped.frozen, false);
  return tensors;
}

std::string capped_bytes(double value) {
  constexpr double kMost = 1e18;
  return bytes_text(static_cast<uint64_t>(std::min(value, kMost)));
}

template <class Condition>
double elements_where(const std::vector<PlannedTensor>& tensors, const Condition& condition) {
  double sum = 0;
  for (const PlannedTensor& tensor : tensors) sum += condition(tensor) ? tensor.elements() : 0;
  return sum;
}

/// Of many processes, gradients that wait to be summed: those of parts that the tiles' and the view's pass share, until
/// both have gone, and one bucket, twice: from autograd and on its way.
double moving_gradients(const std::vector<PlannedTensor>& tensors) {
  constexpr std::array<std::string_view, 3> kShared = {"model.vision_tower.", "model.mm_projector.",
                                                       "model.aux_projector."};
  const double shared = elements_where(tensors, [&](const PlannedTensor& tensor) {
    return tensor.trained &&
           std::ranges::any_of(kShared, [&](std::string_view part) { return tensor.name.starts_with(part); });
  });
  double largest = 0;
  for (const PlannedTensor& tensor : tensors) {
    if (tensor.trained) largest = std::max(largest, tensor.elements());
  }
  return kFloat * (shared + 2 * largest);
}

/// As config, options and shapes of the plan now say.
MemoryPlan memory_of(const RunPlan& plan) {
  const TrainConfig& config = plan.config;
  const bool mixed = config.precision == "bfloat16";
  const auto world = static_cast<double>(plan.options.world_size);
  const auto trained = static_cast<double>(plan.trained);
  MemoryPlan memory;
  memory.weights = kFloat * trained + plan.frozen_bytes * static_cast<double>(plan.frozen);
  if (mixed) {
    memory.narrow_weights = 2 * elements_where(plan.tensors, [&](const PlannedTensor& tensor) {
                              return is_multiplied(tensor, plan.shapes) && (tensor.trained || plan.frozen_bytes > 2);
                            });
  }
  memory.gradients = kFloat * trained / world;
  if (world > 1) memory.gradients_moving = moving_gradients(plan.tensors);
  memory.optimizer = 2 * kFloat * trained / world;
  if (config.optimizer.ema_decay) memory.ema = kFloat * trained / world;
  memory.activations = activation_memory(plan.shapes, plan.longest, trained_parts(plan.tensors),
                                         {.mixed = mixed, .recompute = config.activation_checkpointing});
  return memory;
}

void plan_groups(const GroupedParameters& grouped, RunPlan& plan) {
  const auto count = [](const std::vector<NamedParameter>& parameters) {
    uint64_t sum = 0;
    for (const NamedParameter& parameter : parameters) sum += static_cast<uint64_t>(parameter.value.numel());
    return sum;
  };
  for (const ParameterGroup& group : grouped.groups) {
    plan.groups.push_back({.name = group.name,
                           .tensors = group.parameters.size(),
                           .parameters = count(group.parameters),
                           .learning_rate = group.lr,
                           .weight_decay = group.weight_decay});
    plan.trained += plan.groups.back().parameters;
  }
  plan.frozen = count(grouped.frozen);
}

void plan_data(const DataOutlook& data, RunPlan& plan) {
  const TrainConfig& config = plan.config;
  plan.from_data = data.measured;
  plan.records = data.records;
  plan.longest = data.longest;
  plan.ordinary = data.ordinary;
  plan.longest.samples = plan.ordinary.samples = static_cast<double>(config.micro_batch_size);
  plan.notes.insert(plan.notes.end(), data.notes.begin(), data.notes.end());
  if (data.steps_per_epoch || config.steps) plan.steps = total_steps(config, data.steps_per_epoch.value_or(1));
  if (plan.steps) plan.warmup_steps = warmup_steps_of(config.schedule.warmup_ratio, *plan.steps);
  if (!plan.steps) plan.notes.emplace_back("how long the run takes is not known without data, steps or records");
}

/// The plan with its longest batch and memory as the changed settings make them.
RunPlan changed(RunPlan plan) {
  plan.longest.samples = static_cast<double>(plan.config.micro_batch_size);
  plan.memory = memory_of(plan);
  return plan;
}

std::string what_would_help(RunPlan plan) {
  std::vector<std::string> help;
  const auto propose = [&](const std::string& name) {
    const double before = plan.memory.total();
    plan = changed(std::move(plan));
    const double now = plan.memory.total();
    if (now >= before) return;
    const bool fits = now <= static_cast<double>(plan.options.device.memory);
    help.push_back(cat(help.empty() ? "" : "then ", name, ": ", capped_bytes(now), fits ? " (fits)" : ""));
  };
  if (!plan.config.activation_checkpointing) {
    plan.config.activation_checkpointing = true;
    propose("activation_checkpointing");
  }
  if (plan.config.micro_batch_size > 1) {
    plan.config.micro_batch_size = 1;
    propose("micro_batch_size 1");
  }
  if (plan.config.batch_size > plan.options.world_size) {
    plan.options.world_size = plan.config.batch_size;
    propose(cat(plan.config.batch_size, " processes"));
  }
  help.emplace_back("lora, frozen groups and a shorter max_length need less, too");
  return join(help, "; ");
}

}  // namespace

double RunPlan::speed() const {
  const double one = config.precision == "bfloat16" ? options.device.bfloat16 : options.device.float32;
  return one * static_cast<double>(options.world_size) * options.utilisation;
}

std::optional<double> RunPlan::total_flops() const {
  if (!steps) return std::nullopt;
  return step.total() * static_cast<double>(*steps);
}

std::optional<double> RunPlan::hours() const {
  const auto flops = total_flops();
  if (!flops || speed() == 0) return std::nullopt;
  return *flops / speed() / 3600;
}

std::optional<double> RunPlan::device_hours() const {
  const auto each = hours();
  if (!each) return std::nullopt;
  return *each * static_cast<double>(options.world_size);
}

RunPlan plan_run(const TrainConfig& config, const PlanOptions& options) {
  check_options(config, options);
  const PlannedModel model = find_model(config, options);
  RunPlan plan;
  plan.model = model.name;
  plan.config = config;
  plan.options = options;
  plan.shapes = model.config;
  plan.notes = model.notes;
  FusionModel blank(model.config, torch::TensorOptions(torch::kMeta));
  if (config.lora) add_adapters(*blank, *config.lora, static_cast<uint64_t>(config.seed));
  const GroupedParameters grouped = group_of_run(config, *blank);
  plan.frozen_bytes = config.lora && config.precision == "bfloat16" && model.narrow ? 2 : 4;
  plan_groups(grouped, plan);
  plan.micro_batches = config.batch_size / (config.micro_batch_size * options.world_size);
  plan_data(
      look_at_data(config, model.config, model.folder, {.records = options.records, .length = options.mean_length}),
      plan);
  plan.tensors = planned_tensors(grouped);
  plan.memory = memory_of(plan);
  const double micro_batches = static_cast<double>(config.batch_size) / static_cast<double>(config.micro_batch_size);
  plan.step =
      compute_of(plan.shapes, plan.tensors, plan.ordinary, config.activation_checkpointing).times(micro_batches);
  return plan;
}

void require_fit(const RunPlan& plan) {
  const auto most = static_cast<double>(plan.options.device.memory);
  const MemoryPlan& memory = plan.memory;
  if (memory.total() <= most) return;
  std::vector<std::string> parts = {cat("weights ", capped_bytes(memory.weights + memory.narrow_weights)),
                                    cat("gradients ", capped_bytes(memory.gradients + memory.gradients_moving)),
                                    cat("optimizer ", capped_bytes(memory.optimizer + memory.ema)),
                                    cat("activations ", capped_bytes(memory.activations.total()))};
  throw Error({.who = "memory of each process",
               .expected = cat("at most ", capped_bytes(most)),
               .got = cat(capped_bytes(memory.total()), ": ", join(parts, ", ")),
               .hint = what_would_help(plan)});
}

}  // namespace fusion
