#include "workflows/assembly/checkpoint_folder.h"

#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "foundation/config/output_file.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "config.json";
constexpr const char* kVisionConfig = "vision_config.json";
constexpr const char* kGenerationConfig = "generation_config.json";
constexpr std::array<const char*, 2> kWeightFiles = {"model.safetensors", "model.safetensors.index.json"};
constexpr uint64_t kSmallFiles = 16'000'000;  // room for config and tokenizer files

struct DtypeName {
  std::string_view name;
  DType dtype;
};
constexpr std::array<DtypeName, 3> kDtypes = {
    {{"float32", DType::kF32}, {"bfloat16", DType::kBF16}, {"float16", DType::kF16}}};
constexpr const char* kDtypeNames = "float32, bfloat16 or float16";

/// All files but the weights, the ones that make it a checkpoint last.
std::vector<std::string> small_file_names() {
  std::vector<std::string> names = tokenizer_file_names();
  names.insert(names.end(), {kVisionConfig, kGenerationConfig, kConfig});
  return names;
}

void refuse_checkpoint(const std::string& folder) {
  std::vector<std::string> names = small_file_names();
  names.insert(names.end(), kWeightFiles.begin(), kWeightFiles.end());
  for (const std::string& name : names) {
    std::error_code code;
    if (!fs::exists(fs::path(folder) / name, code)) continue;
    throw Error({.who = folder,
                 .expected = "a folder without a checkpoint",
                 .got = cat("one with ", name),
                 .hint = "use --force to replace it, or name another folder"});
  }
}

void check_room(const std::string& folder, uint64_t needed) {
  std::error_code code;
  fs::path place = fs::absolute(folder, code);
  while (!fs::exists(place, code) && place.has_relative_path()) place = place.parent_path();
  const fs::space_info space = fs::space(place, code);
  // A file system that cannot tell is found out while writing.
  if (code || space.available >= needed) return;
  throw Error({.who = folder,
               .expected = cat(bytes_text(needed), " of free disk space"),
               .got = bytes_text(space.available),
               .hint = "free some, or name a folder on another disk"});
}

/// A folder that goes away again unless something is kept in it.
class TargetFolder {
 public:
  explicit TargetFolder(std::string path) : path_(std::move(path)) {
    std::error_code code;
    made_ = fs::create_directories(path_, code);
    if (code) throw Error({.who = path_, .expected = "to make the folder", .got = code.message()});
  }
  ~TargetFolder() {
    std::error_code code;
    if (made_) fs::remove(path_, code);  // one that is not empty stays
  }
  TargetFolder(const TargetFolder&) = delete;
  TargetFolder& operator=(const TargetFolder&) = delete;

 private:
  std::string path_;
  bool made_ = false;
};

void remove_file(const fs::path& path) {
  std::error_code code;
  fs::remove(path, code);
  if (code) throw Error({.who = path.string(), .expected = "to remove the old file", .got = code.message()});
}

FileTexts small_files(const FolderContent& content) {
  FileTexts files = content.tokenizer;
  const auto put = [&](const char* name, const nlohmann::json& value) { files[name] = value.dump(2) + "\n"; };
  if (content.files.vision) put(kVisionConfig, *content.files.vision);
  if (content.files.generation) put(kGenerationConfig, *content.files.generation);
  put(kConfig, content.files.config);
  return files;
}

/// Lets `on_progress` hear of every piece that passes.
void report_progress(std::vector<TensorSource>& weights, uint64_t& done, uint64_t total,
                     const std::function<void(uint64_t, uint64_t)>& on_progress) {
  for (TensorSource& tensor : weights) {
    tensor.produce = [produce = std::move(tensor.produce), &done, total, &on_progress](const ByteSink& sink) {
      produce([&](std::span<const std::byte> bytes) {
        sink(bytes);
        done += bytes.size();
        on_progress(done, total);
      });
    };
  }
}

}  // namespace

void check_target(const std::string& folder, uint64_t weight_bytes, bool force) {
  std::error_code code;
  if (fs::exists(folder, code) && !fs::is_directory(folder, code)) {
    throw Error({.who = folder, .expected = "a folder to write to", .got = "a file"});
  }
  if (!force) refuse_checkpoint(folder);
  check_room(folder, weight_bytes + kSmallFiles);
}

void write_checkpoint_folder(const std::string& folder, FolderContent content, const SaveOptions& options) {
  const uint64_t bytes = total_bytes(content.weights);
  check_target(folder, bytes, options.force);
  const TargetFolder target(folder);
  const auto path_of = [&](const std::string& name) { return (fs::path(folder) / name).string(); };

  std::map<std::string, OutputFile> staged;
  for (const auto& [name, text] : small_files(content)) {
    OutputFile& file = staged.emplace(name, OutputFile(path_of(name))).first->second;
    file.write(text);
    file.finish();
  }
  uint64_t done = 0;
  if (options.on_progress) report_progress(content.weights, done, bytes, options.on_progress);
  StagedCheckpoint weights(folder, content.weights, options.max_shard_bytes, {{"format", "pt"}});

  if (content.last_check) content.last_check();

  // Only renames from here. Between the first and the last of them there is no config.json: what is cut off in that
  // moment is no checkpoint, rather than one of old and new parts.
  remove_file(path_of(kConfig));
  weights.commit();
  for (const std::string& name : small_file_names()) {
    const auto file = staged.find(name);
    file == staged.end() ? remove_file(path_of(name)) : file->second.commit();
  }
}

uint64_t total_bytes(const std::vector<TensorSource>& weights) {
  uint64_t bytes = 0;
  for (const TensorSource& tensor : weights) bytes += tensor.byte_count();
  return bytes;
}

DType weight_dtype(const std::string& name) {
  for (const DtypeName& each : kDtypes) {
    if (each.name == name) return each.dtype;
  }
  throw Error({.who = "dtype", .expected = kDtypeNames, .got = printable(name)});
}

std::string weight_dtype_name(DType dtype, const std::string& who) {
  for (const DtypeName& each : kDtypes) {
    if (each.dtype == dtype) return std::string(each.name);
  }
  throw Error({.who = who, .expected = cat(kDtypeNames, " weights"), .got = std::string(dtype_name(dtype))});
}

}  // namespace fusion
