#include "foundation/checkpoint/safetensors_writer.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "foundation/core/error.h"
#include "foundation/core/text.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr size_t kHeaderAlignment = 8;
constexpr std::string_view kSingleName = "model.safetensors";
constexpr std::string_view kIndexName = "model.safetensors.index.json";

using SourceList = std::vector<const TensorSource*>;

std::string tensor_who(const std::string& path, const TensorSource& tensor) {
  return cat(path, ": tensor '", printable(tensor.name, 200), "'");
}

std::string dump(const ordered_json& value, const std::string& path, int indent) {
  try {
    return value.dump(indent);
  } catch (const nlohmann::json::type_error&) {
    throw Error({.who = path, .expected = "names and metadata in UTF-8", .got = "other bytes"});
  }
}

void check_names(const std::string& path, const std::vector<TensorSource>& tensors) {
  std::set<std::string_view> names;
  for (const TensorSource& tensor : tensors) {
    if (tensor.name == "__metadata__") {
      throw Error({.who = tensor_who(path, tensor), .expected = "another name", .got = "the one of the metadata"});
    }
    if (!names.insert(tensor.name).second) {
      throw Error({.who = tensor_who(path, tensor), .expected = "every name once", .got = "it twice"});
    }
  }
}

uint64_t total_bytes(const SourceList& tensors) {
  uint64_t total = 0;
  for (const TensorSource* tensor : tensors) total += tensor->byte_count();
  return total;
}

std::string header_of(const std::string& path, const SourceList& sorted, const TensorMetadata& metadata) {
  auto header = ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const TensorSource* tensor : sorted) {
    const uint64_t end = offset + tensor->byte_count();
    header[tensor->name] = {
        {"dtype", dtype_name(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = dump(header, path, /*indent=*/-1);
  text.resize((text.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
  return text;
}

/// Everything but the rename.
OutputFile write_uncommitted(const std::string& path, SourceList tensors, const TensorMetadata& metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const TensorSource* a, const TensorSource* b) {
    return a->dtype != b->dtype ? a->dtype > b->dtype : a->name < b->name;
  });
  const std::string header = header_of(path, tensors, metadata);
  const uint64_t header_bytes = header.size();
  OutputFile file(path);
  file.reserve(sizeof(header_bytes) + header_bytes + total_bytes(tensors));
  file.write(std::as_bytes(std::span(&header_bytes, 1)));
  file.write(header);
  for (const TensorSource* tensor : tensors) {
    const uint64_t expected = tensor->byte_count();
    uint64_t produced = 0;
    tensor->produce([&](std::span<const std::byte> bytes) {
      produced += bytes.size();
      if (produced <= expected) file.write(bytes);
    });
    if (produced != expected) {
      throw Error({.who = tensor_who(path, *tensor),
                   .expected = cat(expected, " bytes from its source"),
                   .got = cat(produced)});
    }
  }
  file.finish();
  return file;
}

/// Greedy: a shard is closed when the next tensor does not fit.
std::vector<SourceList> split(const std::vector<TensorSource>& tensors, uint64_t max_shard_bytes) {
  std::vector<SourceList> shards(1);
  uint64_t filled = 0;
  for (const TensorSource& tensor : tensors) {
    const uint64_t bytes = tensor.byte_count();
    if (!shards.back().empty() && bytes > max_shard_bytes - std::min(filled, max_shard_bytes)) {
      shards.emplace_back();
      filled = 0;
    }
    shards.back().push_back(&tensor);
    filled += bytes;
  }
  return shards;
}

std::string shard_name(size_t number, size_t count) {
  const auto padded = [](size_t value) {
    const std::string digits = cat(value);
    return std::string(5 - std::min<size_t>(5, digits.size()), '0') + digits;
  };
  return count == 1 ? std::string(kSingleName) : cat("model-", padded(number), "-of-", padded(count), ".safetensors");
}

bool is_checkpoint_file(std::string_view name) {
  const bool shard =
      name.starts_with("model-") && name.find("-of-") != std::string_view::npos && name.ends_with(".safetensors");
  return shard || name == kSingleName || name == kIndexName;
}

/// Files of an earlier checkpoint that the new one does not replace.
void remove_leftovers(const std::string& folder, const std::set<std::string>& kept) {
  std::error_code code;
  std::vector<fs::path> leftovers;
  for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (is_checkpoint_file(name) && !kept.contains(name)) leftovers.push_back(entry->path());
  }
  for (const fs::path& path : leftovers) fs::remove(path, code);
}

}  // namespace

uint64_t TensorSource::byte_count() const {
  if (const auto bytes = tensor_bytes(dtype, shape)) return *bytes;
  throw Error({.who = cat("tensor '", printable(name, 200), "'"),
               .expected = "a shape that fits a file",
               .got = cat("[", join(shape, ", "), "]")});
}

TensorSource source_of(const TensorView& tensor) {
  return {.name = tensor.name,
          .dtype = tensor.dtype,
          .shape = tensor.shape,
          .produce = [bytes = tensor.bytes](const ByteSink& sink) { sink(bytes); }};
}

void write_safetensors(const std::string& path, const std::vector<TensorSource>& tensors,
                       const TensorMetadata& metadata) {
  check_names(path, tensors);
  SourceList sources;
  for (const TensorSource& tensor : tensors) sources.push_back(&tensor);
  write_uncommitted(path, std::move(sources), metadata).commit();
}

StagedCheckpoint::StagedCheckpoint(std::string folder, const std::vector<TensorSource>& tensors,
                                   uint64_t max_shard_bytes, const TensorMetadata& metadata)
    : folder_(std::move(folder)) {
  check_names(folder_, tensors);
  const std::vector<SourceList> shards = split(tensors, max_shard_bytes);
  std::map<std::string, std::string> weight_map;
  uint64_t total = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    const std::string name = shard_name(i + 1, shards.size());
    for (const TensorSource* tensor : shards[i]) weight_map[tensor->name] = name;
    total += total_bytes(shards[i]);
    files_.push_back(write_uncommitted((fs::path(folder_) / name).string(), shards[i], metadata));
  }
  has_index_ = shards.size() > 1;
  if (!has_index_) return;
  const ordered_json index{{"metadata", {{"total_size", total}}}, {"weight_map", weight_map}};
  OutputFile& file = files_.emplace_back((fs::path(folder_) / kIndexName).string());
  file.write(dump(index, file.path(), /*indent=*/2) + "\n");
  file.finish();
}

void StagedCheckpoint::commit() {
  if (has_index_) {
    // From the first rename to the last, old and new shards stand side by side: without an index nobody can open them
    // as one checkpoint.
    std::error_code code;
    fs::remove(files_.back().path(), code);
  }
  std::set<std::string> names;
  for (OutputFile& file : files_) {
    file.commit();
    names.insert(fs::path(file.path()).filename().string());
  }
  remove_leftovers(folder_, names);
}

void save_sharded(const std::string& folder, const std::vector<TensorSource>& tensors, uint64_t max_shard_bytes,
                  const TensorMetadata& metadata) {
  StagedCheckpoint(folder, tensors, max_shard_bytes, metadata).commit();
}

}  // namespace fusion
