#include "workflows/training/loop/run_checkpoint.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>

#include "foundation/checkpoint/safetensors_writer.h"
#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPositionFile = "trainer.json";
constexpr std::string_view kStepPrefix = "step-";
constexpr std::string_view kPartial = ".partial";
constexpr int64_t kFormat = 1;
constexpr int64_t kMostSteps = int64_t{1} << 48;

std::string padded(const char* format, int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, format, static_cast<long long>(number));
  return text;
}

std::string state_file(int64_t rank, int64_t world_size) {
  return cat("state-", padded("%05lld", rank + 1), "-of-", padded("%05lld", world_size), ".safetensors");
}

/// "weight:model.norm.weight:128": what it is, of which parameter, from which element on.
std::string part_name(const std::string& kind, const ParameterPiece& piece) {
  return cat(kind, ":", piece.name, ":", piece.begin);
}

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

void sync_folder(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

template <class Json>
void write_validation(const RunPosition& position, Json& json) {
  json["best_step"] = position.best_step ? Json(*position.best_step) : Json(nullptr);
  json["best_loss"] = position.best_loss ? Json(*position.best_loss) : Json(nullptr);
  json["validation_due"] = position.validation_due;
}

nlohmann::ordered_json json_of(const RunPosition& position, int64_t world_size) {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["step"] = position.step;
  json["total_steps"] = position.total_steps;
  json["world_size"] = world_size;
  json["data_fingerprint"] = cat(position.data_fingerprint);
  json["model_fingerprint"] = cat(position.model_fingerprint);
  for (const auto& [name, fingerprint] : position.model_files) json["model_files"][name] = cat(fingerprint);
  json["records_read"] = position.records_read;
  json["records_broken"] = position.records_broken;
  write_validation(position, json);
  json["skipped_steps"] = position.skipped_steps;
  json["config"] = position.config;
  return json;
}

uint64_t read_fingerprint(const JsonObject& object, const std::string& key) {
  const auto text = object.required<std::string>(key);
  uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc() && end == text.data() + text.size()) return number;
  throw Error({.who = object.who(key), .expected = "a whole number", .got = printable(text)});
}

/// Goes away again unless it is kept.
class PartialFolder {
 public:
  explicit PartialFolder(std::string path) : path_(std::move(path)) {}
  ~PartialFolder() {
    std::error_code code;
    if (!path_.empty()) fs::remove_all(path_, code);
  }
  PartialFolder(const PartialFolder&) = delete;
  PartialFolder& operator=(const PartialFolder&) = delete;

  void rename_to(const std::string& name) {
    std::error_code code;
    fs::rename(path_, name, code);
    if (code) throw Error({.who = name, .expected = "to rename the checkpoint into place", .got = code.message()});
    path_.clear();
  }

 private:
  std::string path_;
};

}  // namespace

RunCheckpoints::RunCheckpoints(const std::string& folder) : folder_(folder + "/checkpoints") {}

std::vector<int64_t> RunCheckpoints::steps() const {
  std::vector<int64_t> steps;
  std::error_code code;
  for (fs::directory_iterator entry(folder_, code), end; !code && entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kStepPrefix)) continue;
    const auto step = whole_number(std::string_view(name).substr(kStepPrefix.size()));
    if (step && fs::path(path_of(*step)).filename() == name) steps.push_back(*step);
  }
  // A run that took an unreadable folder for an empty one would begin anew.
  if (code && code != std::errc::no_such_file_or_directory) {
    throw Error({.who = folder_, .expected = "the checkpoints of the run", .got = code.message()});
  }
  std::ranges::sort(steps);
  return steps;
}

std::string RunCheckpoints::path_of(int64_t step) const {
  return cat(folder_, "/", kStepPrefix, padded("%08lld", step));
}

void RunCheckpoints::write(const RunPosition& position, const ShardedAdamW& optimizer,
                           Communicator& communicator) const {
  const std::string path = path_of(position.step);
  const std::string partial = cat(path, kPartial);
  const bool leads = communicator.rank() == 0;
  std::error_code code;
  if (leads) {
    fs::remove_all(partial, code);
    fs::create_directories(partial, code);
    if (code) throw Error({.who = partial, .expected = "to make the folder", .got = code.message()});
  }
  PartialFolder guard(leads ? partial : "");  // the others must not touch what it may have renamed already
  communicator.barrier();

  std::vector<TensorSource> sources;
  for (const std::string& kind : optimizer.kinds()) {
    for (const ParameterPiece& piece : optimizer.pieces(kind))
      sources.push_back(source_of(part_name(kind, piece), piece.values));
  }
  write_safetensors(cat(partial, "/", state_file(communicator.rank(), communicator.world_size())), sources);
  communicator.barrier();

  if (leads) {
    write_text_file(cat(partial, "/", kPositionFile), json_of(position, communicator.world_size()).dump(2) + "\n");
    guard.rename_to(path);
    sync_folder(folder_);
  }
  communicator.barrier();
}

void RunCheckpoints::record_validation(const RunPosition& position) const {
  const std::string path = cat(path_of(position.step), "/", kPositionFile);
  nlohmann::json json = read_json_file(path);  // for what else it says may be of another number of processes
  write_validation(position, json);
  json["config"] = position.config;  // names the validation set that the best loss is of
  write_text_file(path, json.dump(2) + "\n");
}

void RunCheckpoints::prune(int64_t keep, std::optional<int64_t> best_step) const {
  std::vector<int64_t> all = steps();
  std::set<int64_t> kept(all.end() - std::min<std::ptrdiff_t>(keep, std::ssize(all)), all.end());
  if (best_step) kept.insert(*best_step);
  std::error_code code;
  for (const int64_t step : all) {
    if (kept.contains(step)) continue;
    // First the name: what is half removed must not look complete.
    const std::string doomed = cat(path_of(step), kPartial);
    fs::rename(path_of(step), doomed, code);
    fs::remove_all(doomed, code);
  }
  std::vector<fs::path> leftovers;
  for (fs::directory_iterator entry(folder_, code), end; !code && entry != end; entry.increment(code)) {
    if (entry->path().filename().string().ends_with(kPartial)) leftovers.push_back(entry->path());
  }
  for (const fs::path& leftover : leftovers) fs::remove_all(leftover, code);
}

StoredState::StoredState(const std::string& folder) : folder_(folder) {
  const std::string path = cat(folder, "/", kPositionFile);
  const nlohmann::json json = read_json_file(path);
  const JsonObject object(json, path);
  object.required_in_range("format", kFormat, kFormat);
  position_.total_steps = object.required_in_range("total_steps", 0, kMostSteps);
  position_.step = object.required_in_range("step", 0, position_.total_steps);
  position_.data_fingerprint = read_fingerprint(object, "data_fingerprint");
  position_.model_fingerprint = read_fingerprint(object, "model_fingerprint");
  if (const auto files = object.optional_object("model_files")) {
    for (const auto& [name, unused] : json.at("model_files").items()) {
      position_.model_files[name] = read_fingerprint(*files, name);
    }
  }
  position_.records_read = object.required_in_range("records_read", 0, kMostSteps);
  position_.records_broken = object.required_in_range("records_broken", 0, position_.records_read);
  if (object.optional<int64_t>("best_step")) {
    position_.best_step = object.required_in_range("best_step", 0, position_.step);
  }
  position_.best_loss = object.optional<double>("best_loss");
  position_.validation_due = object.optional<bool>("validation_due").value_or(false);  // older ones lack it
  const JsonObject skipped = object.object("skipped_steps");
  for (const auto& [name, unused] : json.at("skipped_steps").items()) {
    position_.skipped_steps[name] = skipped.required_in_range(name, 0, position_.step);
  }
  const JsonObject config = object.object("config");
  position_.config = json.at("config");
  const int64_t writers = object.required_in_range("world_size", 1, 1 << 20);

  for (int64_t rank = 0; rank < writers; ++rank) {
    const auto file = SafetensorsFile::open(cat(folder, "/", state_file(rank, writers)));
    for (const TensorView& view : file->tensors()) {
      const size_t end = view.name.rfind(':');
      const auto begin = end == std::string::npos ? std::nullopt : whole_number(view.name.substr(end + 1));
      if (!begin || view.dtype != DType::kF32 || view.shape.size() != 1) {
        throw Error({.who = file->path(),
                     .expected = "float32 parts of parameters, each with its place",
                     .got = cat("a tensor ", printable(view.name)),
                     .cause = "not a checkpoint of a training run"});
      }
      parts_[view.name.substr(0, end)][*begin] = {.file = file, .view = &view};
    }
  }
}

torch::Tensor StoredState::values(const std::string& kind, const std::string& name) const {
  std::vector<torch::Tensor> values;
  int64_t next = 0;
  bool whole = true;
  const auto found = parts_.find(cat(kind, ":", name));
  if (found != parts_.end()) {
    for (const auto& [begin, part] : found->second) {
      whole = whole && begin == next;
      values.push_back(tensor_of(part.file, *part.view));
      next = begin + part.view->element_count();
    }
  }
  if (values.empty() || !whole) {
    throw Error({.who = folder_,
                 .expected = cat("all values of ", kind, " of ", name),
                 .got = values.empty() ? "none" : "a part of them",
                 .cause = "a file of the checkpoint was replaced or damaged",
                 .hint = "remove this checkpoint: the run then goes on from the one before"});
  }
  return values.size() == 1 ? values[0] : torch::cat(values);
}

std::vector<std::string> StoredState::parameter_names() const {
  const std::string prefix = "weight:";
  std::vector<std::string> names;
  for (const auto& [key, unused] : parts_) {
    if (key.starts_with(prefix)) names.push_back(key.substr(prefix.size()));
  }
  return names;
}

}  // namespace fusion
