#pragma once
// How many records a run has, and how long they are.

#include <optional>
#include <string>
#include <vector>

#include "pipeline/model/fusion_config.h"
#include "workflows/training/loop/train_config.h"
#include "workflows/training/plan/batch_shape.h"

namespace fusion {

struct DataOutlook {
  bool measured = false;           ///< of the data; otherwise assumed
  std::optional<int64_t> records;  ///< of an epoch
  std::optional<int64_t> steps_per_epoch;
  BatchShape longest;   ///< each size the largest of all that was looked at; one sample, the largest latent count
  BatchShape ordinary;  ///< means; one sample, the mean latent count
  std::vector<std::string> notes;
};

/// What to believe where there are no data.
struct AssumedData {
  std::optional<int64_t> records;
  std::optional<int64_t> length;  ///< positions of an ordinary sequence
};

/// Opens the mixture where it is there, and tokenizes the records with most words and some others. Without data, or
/// without the tokenizer (`model_folder` empty), sequences are as long as `model.max_length` allows: picture and
/// latents of one question, and of the words half asked and half answered. Throws Error on a mixture that is there and
/// wrong, the one to validate with too.
/// \param model  with the run's settings, see apply_settings()
DataOutlook look_at_data(const TrainConfig& config, const FusionConfig& model, const std::string& model_folder,
                         const AssumedData& assumed);

}  // namespace fusion
