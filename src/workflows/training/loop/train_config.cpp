#include "workflows/training/loop/train_config.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "foundation/config/yaml_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "pipeline/model/fusion_config.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

/// A group of the file: a pattern and what holds for it.
struct GroupSettings {
  std::string match;
  std::optional<double> learning_rate;
  std::optional<double> weight_decay;
  bool frozen = false;

  static constexpr auto fields() {
    return std::tuple(field("match", &GroupSettings::match, "parameter names, * stands for any characters"),
                      field("learning_rate", &GroupSettings::learning_rate, "null: the run's"),
                      field("weight_decay", &GroupSettings::weight_decay, "null: the run's"),
                      defaulted("frozen", &GroupSettings::frozen, "not trained"));
  }
};

std::vector<GroupRule> read_groups(const JsonObject& object) {
  std::vector<GroupRule> groups;
  const nlohmann::json* list = object.find("groups");
  if (list == nullptr || list->is_null()) return groups;
  if (!list->is_array()) {
    throw Error({.who = object.who("groups"), .expected = "a list of groups", .got = list->type_name()});
  }
  for (size_t i = 0; i < list->size(); ++i) {
    const auto group = read_fields<GroupSettings>(JsonObject((*list)[i], object.file(), cat("groups.", i)));
    groups.push_back(
        {.match = group.match, .lr = group.learning_rate, .weight_decay = group.weight_decay, .frozen = group.frozen});
  }
  return groups;
}

nlohmann::ordered_json write_groups(const std::vector<GroupRule>& groups) {
  auto list = nlohmann::ordered_json::array();
  for (const GroupRule& rule : groups) {
    list.push_back(write_fields(GroupSettings{
        .match = rule.match, .learning_rate = rule.lr, .weight_decay = rule.weight_decay, .frozen = rule.frozen}));
  }
  return list;
}

template <class Settings>
Settings read_section(const JsonObject& object, const char* key) {
  const auto section = object.optional_object(key);
  return section ? read_fields<Settings>(*section) : Settings{};
}

/// The object without the keys that name sections: what fields() of TrainConfig reads.
nlohmann::json without_sections(const nlohmann::json& json) {
  nlohmann::json plain = json;
  for (const char* key : {"data", "optimizer", "groups", "lora", "schedule", "checkpoints", "validation"})
    plain.erase(key);
  return plain;
}

class Checker {
 public:
  explicit Checker(std::string file) : file_(std::move(file)) {}

  void require(bool holds, const char* key, const std::string& expected, const std::string& got) const {
    if (holds) return;
    throw Error({.who = cat(file_, ": key '", key, "'"), .expected = expected, .got = got});
  }
  void at_least(int64_t value, int64_t least, const char* key) const {
    require(value >= least && value <= kMost, key, cat("an integer from ", least, " to ", kMost), cat(value));
  }
  void between(double value, double least, double most, const char* key) const {
    require(value >= least && value <= most, key, cat("a number from ", least, " to ", most), cat(value));
  }
  void one_of(const std::string& value, const std::vector<std::string>& known, const char* key) const {
    if (std::ranges::find(known, value) != known.end()) return;
    const std::string near = closest_match(value, known);
    throw Error({.who = cat(file_, ": key '", key, "'"),
                 .expected = cat("one of ", join(known, ", ")),
                 .got = cat("'", printable(value), "'"),
                 .hint = near.empty() ? "" : cat("did you mean ", near, "?")});
  }

 private:
  static constexpr int64_t kMost = int64_t{1} << 40;
  std::string file_;
};

void check_numbers(const TrainConfig& config, const Checker& check) {
  check.at_least(config.seed, 0, "seed");
  check.require(config.epochs > 0 && config.epochs <= 1e6, "epochs", "a number above 0, at most a million",
                cat(config.epochs));
  if (config.steps) check.at_least(*config.steps, 1, "steps");
  check.at_least(config.batch_size, 1, "batch_size");
  check.at_least(config.micro_batch_size, 1, "micro_batch_size");
  check.require(config.batch_size % config.micro_batch_size == 0, "batch_size",
                cat("a multiple of micro_batch_size, ", config.micro_batch_size), cat(config.batch_size));
  if (config.max_length) check.at_least(*config.max_length, 2, "max_length");
  for (const int64_t count : config.query_lengths) {
    check.require(count == 0 || is_latent_count(count), "query_lengths", cat("square numbers from 0 to ", kMaxLatents),
                  cat(count));
  }
  if (config.mapping_loss_weight) check.between(*config.mapping_loss_weight, 0, 1000, "mapping_loss_weight");

  const OptimizerSettings& optimizer = config.optimizer;
  check.between(optimizer.learning_rate, 0, 10, "optimizer.learning_rate");
  check.between(optimizer.weight_decay, 0, 10, "optimizer.weight_decay");
  for (const double beta : {optimizer.beta1, optimizer.beta2}) {
    check.require(beta >= 0 && beta < 1, "optimizer.beta1, beta2", "a number from 0 to below 1", cat(beta));
  }
  check.require(optimizer.epsilon > 0 && optimizer.epsilon < 1, "optimizer.epsilon", "a small number above 0",
                cat(optimizer.epsilon));
  if (optimizer.clip_norm) {
    check.require(*optimizer.clip_norm > 0, "optimizer.clip_norm", "a number above 0, or null",
                  cat(*optimizer.clip_norm));
  }
  if (optimizer.ema_decay) {
    check.require(*optimizer.ema_decay > 0 && *optimizer.ema_decay < 1, "optimizer.ema_decay",
                  "a number between 0 and 1", cat(*optimizer.ema_decay));
  }
  check.between(config.schedule.warmup_ratio, 0, 1, "schedule.warmup_ratio");
  check.at_least(config.data.workers, 0, "data.workers");
  check.require(config.data.workers <= 256, "data.workers", "at most 256", cat(config.data.workers));
  check.require(config.data.prefetch >= 1 && config.data.prefetch <= 1024, "data.prefetch", "an integer from 1 to 1024",
                cat(config.data.prefetch));
  check.between(config.data.max_broken_share, 0, 1, "data.max_broken_share");
  check.at_least(config.checkpoints.every, 1, "checkpoints.every");
  check.at_least(config.checkpoints.keep, 1, "checkpoints.keep");
  if (!config.validation) return;
  check.at_least(config.validation->every, 1, "validation.every");
  check.at_least(config.validation->samples, 1, "validation.samples");
  check.require(config.validation->answers >= 0 && config.validation->answers <= 1000, "validation.answers",
                "an integer from 0 to 1000", cat(config.validation->answers));
  check.require(config.validation->max_new_tokens >= 1 && config.validation->max_new_tokens <= 4096,
                "validation.max_new_tokens", "an integer from 1 to 4096", cat(config.validation->max_new_tokens));
}

void check_config(const TrainConfig& config, const std::string& file) {
  const Checker check(file);
  check_numbers(config, check);
  if (config.lora) check_lora(*config.lora, cat(file, ": lora"));
  check.one_of(config.precision, {"float32", "bfloat16"}, "precision");
  check.one_of(config.export_dtype, {"float32", "bfloat16", "float16"}, "export_dtype");
  check.one_of(config.schedule.kind, {"cosine", "linear", "constant"}, "schedule.kind");
  for (const auto& [value, key] : {std::pair{&config.model, "model"}, std::pair{&config.output, "output"},
                                   std::pair{&config.data.mixture, "data.mixture"}}) {
    check.require(!value->empty(), key, "a path", "an empty text");
  }
}

}  // namespace

TrainConfig read_train_config(const std::string& path) {
  return parse_train_config(read_yaml_file(path), path);
}

TrainConfig parse_train_config(const nlohmann::json& json, const std::string& path) {
  const JsonObject object(json, path);
  const nlohmann::json plain = without_sections(json);
  auto config = read_fields<TrainConfig>(JsonObject(plain, path));
  config.data = read_fields<DataSettings>(object.object("data"));
  config.optimizer = read_fields<OptimizerSettings>(object.object("optimizer"));
  config.groups = read_groups(object);
  if (const auto section = object.optional_object("lora")) config.lora = read_fields<LoraSettings>(*section);
  config.schedule = read_section<ScheduleSettings>(object, "schedule");
  config.checkpoints = read_section<CheckpointSettings>(object, "checkpoints");
  if (const auto section = object.optional_object("validation")) {
    config.validation = read_fields<ValidationSettings>(*section);
  }
  check_config(config, path);

  const fs::path folder = fs::absolute(path).parent_path();
  const auto resolve = [&folder](std::string& file) { file = (folder / file).lexically_normal().string(); };
  resolve(config.model);
  resolve(config.output);
  resolve(config.data.mixture);
  for (std::string& root : config.data.image_roots) resolve(root);
  if (config.validation) resolve(config.validation->mixture);
  return config;
}

nlohmann::ordered_json write_train_config(const TrainConfig& config) {
  nlohmann::ordered_json json = write_fields(config);
  json["data"] = write_fields(config.data);
  json["optimizer"] = write_fields(config.optimizer);
  json["groups"] = write_groups(config.groups);
  if (config.lora) json["lora"] = write_fields(*config.lora);
  json["schedule"] = write_fields(config.schedule);
  json["checkpoints"] = write_fields(config.checkpoints);
  if (config.validation) json["validation"] = write_fields(*config.validation);
  return json;
}

std::string describe_train_config() {
  return cat("of the run:\n", describe_fields<TrainConfig>(), "\ndata:\n", describe_fields<DataSettings>(),
             "\noptimizer:\n", describe_fields<OptimizerSettings>(),
             "\ngroups: (a list; the first that matches a parameter decides)\n", describe_fields<GroupSettings>(),
             "\nlora: (none: everything is trained)\n", describe_fields<LoraSettings>(), "\nschedule:\n",
             describe_fields<ScheduleSettings>(), "\ncheckpoints:\n", describe_fields<CheckpointSettings>(),
             "\nvalidation: (none: there is none)\n", describe_fields<ValidationSettings>());
}

std::vector<std::string> differences_that_matter(const TrainConfig& run, const TrainConfig& now) {
  TrainConfig same = now;
  // Where things lie, what is written and how memory is saved change no number. The data are compared by themselves.
  same.model = run.model;
  same.output = run.output;
  same.export_dtype = run.export_dtype;
  same.activation_checkpointing = run.activation_checkpointing;
  same.tensorboard = run.tensorboard;
  std::vector<std::string> lines = differing_fields(run, same);
  const auto add = [&lines](const std::string& section, const std::vector<std::string>& differing) {
    for (const std::string& line : differing) lines.push_back(cat(section, ".", line));
  };
  add("optimizer", differing_fields(run.optimizer, now.optimizer));
  add("schedule", differing_fields(run.schedule, now.schedule));
  if (run.data.group_by_modality_length != now.data.group_by_modality_length) {
    lines.push_back("data.group_by_modality_length");
  }
  if (write_groups(run.groups) != write_groups(now.groups)) lines.push_back("groups");
  if (run.lora && now.lora) {
    add("lora", differing_fields(*run.lora, *now.lora));
  } else if (run.lora || now.lora) {
    lines.push_back(run.lora ? "lora: some and none" : "lora: none and some");
  }
  return lines;
}

ScheduleKind schedule_kind(const std::string& name) {
  if (name == "linear") return ScheduleKind::kLinear;
  return name == "constant" ? ScheduleKind::kConstant : ScheduleKind::kCosine;
}

int64_t total_steps(const TrainConfig& config, int64_t steps_per_epoch) {
  if (config.steps) return *config.steps;
  return std::max<int64_t>(1, std::llround(std::ceil(config.epochs * static_cast<double>(steps_per_epoch))));
}

void require_even_share(const TrainConfig& config, int64_t world_size) {
  const int64_t at_once = config.micro_batch_size * world_size;
  if (config.batch_size % at_once == 0) return;
  throw Error({.who = "batch_size",
               .expected = cat("a multiple of ", at_once, ": micro_batch_size ", config.micro_batch_size, " times ",
                               world_size, " processes"),
               .got = cat(config.batch_size),
               .hint = "change batch_size, micro_batch_size or the number of processes"});
}

}  // namespace fusion
