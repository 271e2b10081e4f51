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

}  // namespace fusion
