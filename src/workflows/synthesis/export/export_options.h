#pragma once
// What a finished run is written as.

#include <cstdint>
#include <string>
#include <tuple>

#include "foundation/config/fields.h"

namespace fusion {

/// The section `export` of a recipe.
struct ExportOptions {
  double validation = 0.01;
  double test = 0.01;
  bool rounds_apart = false;
  bool webdataset = false;
  int64_t shard_samples = 10'000;
  int64_t shard_megabytes = 512;

  static constexpr auto fields() {
    return std::tuple(
        defaulted("validation", &ExportOptions::validation, "share of the captions that goes to the validation part"),
        defaulted("test", &ExportOptions::test, "share of the captions that goes to the test part"),
        defaulted("rounds_apart", &ExportOptions::rounds_apart, "every round of a conversation is a record of its own"),
        defaulted("webdataset", &ExportOptions::webdataset, "also write tar files with every picture and its records"),
        defaulted("shard_samples", &ExportOptions::shard_samples, "pictures in a tar file, at most"),
        defaulted("shard_megabytes", &ExportOptions::shard_megabytes, "a tar file ends where it is as large as this"));
  }
};

/// Throws Error about `who` where a number is out of its range.
void require_valid(const ExportOptions& options, const std::string& who);

}  // namespace fusion
