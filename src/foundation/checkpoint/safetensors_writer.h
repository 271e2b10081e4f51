#pragma once
// Writing safetensors files, tensor by tensor: no more than one piece of one tensor is in memory.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "foundation/checkpoint/dtype.h"
#include "foundation/checkpoint/safetensors.h"
#include "foundation/config/output_file.h"

namespace fusion {

/// Takes the next bytes of a tensor.
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// A tensor that will be written.
struct TensorSource {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
  /// Called once, when it is the tensor's turn: hands all bytes (row-major, little-endian) to the sink, in pieces of
  /// any size.
  std::function<void(const ByteSink&)> produce;

  /// Bytes of the tensor. Throws Error when the shape is negative or overflows.
  uint64_t byte_count() const;
};

/// The source of bytes that are in memory already; the view must outlive the write.
TensorSource source_of(const TensorView& tensor);

using TensorMetadata = std::map<std::string, std::string>;

/// Writes `path` as the safetensors library does: sorted by dtype (widest first), then name; the header padded so that
/// the data begins at a multiple of 8. The file appears under its name only when it is whole and on the disk: on any
/// Error (a full disk, a source that fails or hands over too few or too many bytes) a previous file stays as it was.
///
/// Throws Error also on a name given twice, "__metadata__" as a name, and text that is not UTF-8.
void write_safetensors(const std::string& path, const std::vector<TensorSource>& tensors,
                       const TensorMetadata& metadata = {});

/// A checkpoint folder that Checkpoint (and transformers) reads, on the disk in full but not yet under its names: one
/// `model.safetensors`, or, above `max_shard_bytes`, `model-00001-of-0000N.safetensors` and an index. Without commit()
/// nothing stays of it.
class StagedCheckpoint {
 public:
  /// Writes everything. Tensors fill the shards in the order given; one larger than a shard gets a shard to itself. The
  /// folder must exist.
  StagedCheckpoint(std::string folder, const std::vector<TensorSource>& tensors, uint64_t max_shard_bytes,
                   const TensorMetadata& metadata = {});
  /// Puts the files in their places and removes leftover shards of a checkpoint that was there.
  void commit();

 private:
  std::string folder_;
  std::vector<OutputFile> files_;  ///< the index last
  bool has_index_ = false;
};

/// Stages a checkpoint and commits it: one that is already in the folder is whole until every new shard is on the disk.
void save_sharded(const std::string& folder, const std::vector<TensorSource>& tensors, uint64_t max_shard_bytes,
                  const TensorMetadata& metadata = {});

}  // namespace fusion
