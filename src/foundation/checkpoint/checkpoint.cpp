#include "foundation/checkpoint/checkpoint.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "foundation/config/json_file.h"
#include "foundation/config/json_object.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".safetensors";
constexpr size_t kMaxListed = 40;

/// What a folder without safetensors holds instead, for the message.
Error nothing_to_open(const std::string& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code)) {
    const bool exists = fs::exists(folder, code);
    return Error({.who = folder,
                  .expected = "a checkpoint folder",
                  .got = exists ? "a file" : "no such folder",
                  .hint = exists ? "give the folder it lies in" : "check the path"});
  }
  bool pickles = false;
  for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    pickles = pickles || (name.starts_with("pytorch_model") && name.ends_with(".bin"));
  }
  ErrorParts parts{.who = folder,
                   .expected = "model.safetensors or model.safetensors.index.json",
                   .got = "neither",
                   .hint = "check the path, or finish the download"};
  if (pickles) {
    parts.got = "pytorch_model*.bin";
    parts.cause = "a pickle can run any code and is never opened";
    parts.hint =
        "convert it once where you trust it, in Python: "
        "model.save_pretrained(FOLDER, safe_serialization=True)";
  }
  return Error(std::move(parts));
}

bool is_plain_shard_name(std::string_view name) {
  // Control characters, NUL among them, would also end up in messages.
  const bool strange = std::any_of(name.begin(), name.end(), [](char c) {
    return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return !strange && name.size() > kSuffix.size() && name.ends_with(kSuffix);
}

/// weight_map of the index: tensor name to shard file name, every shard name checked.
std::map<std::string, std::string> read_weight_map(const std::string& index_path) {
  const nlohmann::json value = read_json_file(index_path);
  const JsonObject index(value, index_path);
  const JsonObject entries = index.object("weight_map");
  std::map<std::string, std::string> shard_of;
  for (const std::string& name : entries.unread_keys()) {
    std::string shard = entries.required<std::string>(name);
    if (!is_plain_shard_name(shard)) {
      throw Error({.who = entries.who(name),
                   .expected = "the plain name of a .safetensors file in the same folder",
                   .got = cat("'", printable(shard), "'")});
    }
    shard_of.emplace(name, std::move(shard));
  }
  if (shard_of.empty()) throw Error({.who = index_path, .expected = "tensors in weight_map", .got = "none"});
  return shard_of;
}

void throw_if_any(const std::string& who, std::string expected, std::vector<std::string> problems, std::string hint) {
  if (problems.empty()) return;
  if (problems.size() > kMaxListed) {
    const size_t more = problems.size() - kMaxListed;
    problems.resize(kMaxListed);
    problems.push_back(cat("and ", more, " more"));
  }
  throw Error({.who = who, .expected = std::move(expected), .got = join(problems, ", "), .hint = std::move(hint)});
}

}  // namespace

Checkpoint::Checkpoint(std::string folder) : folder_(std::move(folder)) {
  const std::string single = (fs::path(folder_) / "model.safetensors").string();
  const std::string index = (fs::path(folder_) / "model.safetensors.index.json").string();
  std::error_code code;
  if (fs::exists(single, code)) {
    open_single(single);
  } else if (fs::exists(index, code)) {
    open_sharded(index);
  } else {
    throw nothing_to_open(folder_);
  }
}

void Checkpoint::open_single(const std::string& path) {
  const auto file = SafetensorsFile::open(path);
  files_.push_back(file);
  for (const TensorView& tensor : file->tensors()) tensors_.emplace(tensor.name, StoredTensor{&tensor, file});
}

void Checkpoint::open_sharded(const std::string& index_path) {
  const std::map<std::string, std::string> shard_of = read_weight_map(index_path);
  std::set<std::string> shards;
  for (const auto& [name, shard] : shard_of) shards.insert(shard);

  std::vector<std::string> absent;
  std::error_code code;
  for (const std::string& shard : shards) {
    if (!fs::exists(fs::path(folder_) / shard, code)) absent.push_back(cat("no file ", printable(shard)));
  }
  throw_if_any(index_path, "every shard that it names", std::move(absent), "finish the download");

  std::vector<std::string> problems;
  for (const std::string& shard : shards) {
    const auto file = SafetensorsFile::open((fs::path(folder_) / shard).string());
    files_.push_back(file);
    for (const TensorView& tensor : file->tensors()) {
      const auto planned = shard_of.find(tensor.name);
      if (planned == shard_of.end()) {
        problems.push_back(cat("'", printable(tensor.name, 200), "' in ", shard, " but not in the index"));
      } else if (planned->second != shard) {
        problems.push_back(
            cat("'", printable(tensor.name, 200), "' in ", shard, " but the index has it in ", planned->second));
      } else {
        tensors_.emplace(tensor.name, StoredTensor{&tensor, file});
      }
    }
  }
  for (const auto& [name, shard] : shard_of) {
    if (!tensors_.contains(name)) {
      problems.push_back(cat("'", printable(name, 200), "' not in ", shard));
    }
  }
  throw_if_any(index_path, "the index and its shards to agree", std::move(problems), "fetch the whole folder again");
}

const StoredTensor* Checkpoint::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

std::vector<TensorSpec> Checkpoint::table() const {
  std::vector<TensorSpec> table;
  table.reserve(tensors_.size());
  for (const auto& [name, stored] : tensors_) table.push_back({.name = std::string(name), .shape = stored.view->shape});
  return table;
}

uint64_t Checkpoint::total_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [name, stored] : tensors_) bytes += stored.view->bytes.size();
  return bytes;
}

void Checkpoint::require_unchanged() const {
  for (const auto& file : files_) file->require_unchanged();
}

}  // namespace fusion
