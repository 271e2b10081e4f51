#pragma once
// A checkpoint folder as Hugging Face lays it out: one model.safetensors, or numbered shards and an index.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/checkpoint/safetensors.h"
#include "foundation/checkpoint/tensor_table.h"

namespace fusion {

/// A tensor and the mapping that holds its bytes.
struct StoredTensor {
  const TensorView* view;
  std::shared_ptr<SafetensorsFile> file;
};

/// The tensors of a checkpoint folder, whatever files they lie in.
///
///     const Checkpoint checkpoint(folder);
///     const TableDiff diff = compare_tables(model_table, checkpoint.table());
///     if (!diff.empty()) throw Error({.who = folder, .expected = "the model's tensors", .got = diff.describe()});
class Checkpoint {
 public:
  /// Reads `model.safetensors`, or else `model.safetensors.index.json` and its shards. Shards must be plain names of
  /// .safetensors files inside the folder (a link may point out of it), and index and shards must agree on every name.
  /// Throws Error that lists all disagreements. Pickles (`pytorch_model*.bin`) are never opened.
  explicit Checkpoint(std::string folder);

  const std::string& folder() const { return folder_; }
  /// By name, in alphabetical order.
  const std::map<std::string_view, StoredTensor>& tensors() const { return tensors_; }
  /// Null when there is no tensor of that name.
  const StoredTensor* find(std::string_view name) const;
  std::vector<TensorSpec> table() const;
  /// Bytes of all tensors.
  uint64_t total_bytes() const;
  /// Throws Error where another program has written into a file of tensors since it was opened.
  void require_unchanged() const;

 private:
  void open_single(const std::string& path);
  void open_sharded(const std::string& index_path);

  std::string folder_;
  std::vector<std::shared_ptr<const SafetensorsFile>> files_;
  std::map<std::string_view, StoredTensor> tensors_;
};

}  // namespace fusion
