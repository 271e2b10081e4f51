#pragma once
// Micro-batches, read ahead on worker threads.
//
//     Loader loader(reader, [&](int64_t k) { return order_of(k); }, {.workers = 4});
//     while (auto batch = loader.next()) train_on(*batch);
//
// Note [Broken records]
// A record that cannot be read is left out of its micro-batch and counted. Whether too many are, who reads for all
// processes together judges (training/loop/broken_share.h).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "workflows/datasets/micro_batch.h"
#include "workflows/datasets/sample.h"

namespace fusion {

/// The records of a process's k-th micro-batch, k = 0, 1, ...; nothing: there are no more. Called once for each k, in
/// order, by one thread at a time.
using Order = std::function<std::optional<std::vector<int64_t>>(int64_t k)>;

/// A record that could not be read, and why.
struct BrokenRecord {
  int64_t index = 0;
  std::string id = {};  ///< "" where it could not be read either
  std::string reason = {};
};

struct LoaderOptions {
  int64_t workers = 2;   ///< threads; 0: next() reads by itself
  int64_t prefetch = 4;  ///< micro-batches that may be in memory, besides the one that next() gave
  /// Hears once of each broken record, inside next(), in the order of the micro-batches.
  std::function<void(const BrokenRecord&)> on_broken = {};
};

/// Gives the same micro-batches in the same order whatever the number of workers. One thread may call it.
class Loader {
 public:
  /// Starts the workers. Throws Error on negative numbers and a prefetch below 1.
  Loader(std::shared_ptr<const SampleReader> reader, Order order, LoaderOptions options);
  /// Stops the workers; each leaves after the record that it reads.
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next micro-batch, nothing at the end. One whose records were all broken has no samples. Throws what the order
  /// threw; then there is nothing to go on with.
  std::optional<MicroBatch> next();

  /// Of the micro-batches that next() gave.
  int64_t records_read() const { return read_; }
  int64_t records_broken() const { return broken_; }

 private:
  class Workers;
  struct Loaded;

  void account(const Loaded& loaded);

  std::shared_ptr<const SampleReader> reader_;
  Order order_;
  LoaderOptions options_;
  std::unique_ptr<Workers> workers_;  // none: next() reads by itself
  int64_t next_ = 0;                  // of the micro-batch that next() reads by itself
  int64_t read_ = 0;
  int64_t broken_ = 0;
  std::set<int64_t> reported_;  // indices
};

}  // namespace fusion
