#include "workflows/training/loop/bad_batch.h"

#include "foundation/checkpoint/safetensors_writer.h"
#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "foundation/nn/tensor_io.h"
#include "workflows/training/loop/read_batch.h"

namespace fusion {

void save_batches(const std::string& path, const SampleReader& reader,
                  const std::vector<std::vector<int64_t>>& micro_batches, const std::vector<int64_t>& query_lens) {
  std::vector<TensorSource> tensors;
  TensorMetadata metadata;
  for (size_t i = 0; i < micro_batches.size(); ++i) {
    const MicroBatch batch = read_micro_batch(reader, micro_batches[i]);
    if (batch.samples == 0) continue;
    tensors.push_back(source_of(cat(i, ".input_ids"), batch.input.input_ids));
    tensors.push_back(source_of(cat(i, ".attention_mask"), batch.input.attention_mask));
    tensors.push_back(source_of(cat(i, ".labels"), batch.input.labels));
    tensors.push_back(source_of(cat(i, ".instruct_ids"), batch.input.instruct_ids));
    tensors.push_back(source_of(cat(i, ".pixels"), batch.input.pixels));
    metadata[cat(i, ".ids")] = join(batch.ids, "\n");
    metadata[cat(i, ".query_len")] = cat(query_lens[i]);
  }
  write_safetensors(path, tensors, metadata);
}

}  // namespace fusion
