#include "workflows/training/loop/read_batch.h"

#include "foundation/core/error.h"

namespace fusion {

MicroBatch read_micro_batch(const SampleReader& reader, const std::vector<int64_t>& records) {
  std::vector<Sample> samples;
  for (const int64_t record : records) {
    try {
      samples.push_back(reader.read(record));
    } catch (const Error&) {
      continue;  // the loader says which records are broken, and why
    }
  }
  return samples.empty() ? MicroBatch() : collate(samples, reader.options().tiles(), reader.pad_id());
}

PreparedInput on_device(PreparedInput input, torch::Device device) {
  for (torch::Tensor* tensor : {&input.input_ids, &input.attention_mask, &input.labels, &input.pixels,
                                &input.instruct_ids, &input.instruct_lengths}) {
    *tensor = tensor->to(device, /*non_blocking=*/true);
  }
  return input;
}

}  // namespace fusion
