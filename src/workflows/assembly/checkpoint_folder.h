#pragma once
// A whole checkpoint folder, written so that one is there in full or not at all.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "foundation/checkpoint/safetensors_writer.h"
#include "pipeline/model/fusion_config.h"
#include "workflows/assembly/tokenizer_files.h"

namespace fusion {

struct SaveOptions {
  uint64_t max_shard_bytes = 5'000'000'000;
  /// Replace a checkpoint that is there already.
  bool force = false;
  /// Hears of the bytes of weights written so far, and of all.
  std::function<void(uint64_t done, uint64_t total)> on_progress = {};
};

/// Everything that the folder will hold.
struct FolderContent {
  ConfigFiles files;
  FileTexts tokenizer;
  std::vector<TensorSource> weights;
  /// Called when all of it is on the disk and nothing shows yet; throws where it must not.
  std::function<void()> last_check = {};
};

/// Throws Error where `folder` is a file, holds a checkpoint already while `force` is off, or lies on a disk without
/// the room for so many bytes of weights.
void check_target(const std::string& folder, uint64_t weight_bytes, bool force);

/// Writes the folder, which is made where it does not exist, after check_target. Every file is on the disk before the
/// first one shows: on an Error, and when the program is killed, an earlier checkpoint is as it was and a folder that
/// was made is gone again. Tokenizer files and shards of the earlier one do not stay.
void write_checkpoint_folder(const std::string& folder, FolderContent content, const SaveOptions& options);

uint64_t total_bytes(const std::vector<TensorSource>& weights);

/// Of "float32", "bfloat16" and "float16". Throws Error on another name.
DType weight_dtype(const std::string& name);
/// The name of one of those three. Throws Error, naming `who`, on another dtype.
std::string weight_dtype_name(DType dtype, const std::string& who);

}  // namespace fusion
