#pragma once
// How well a model in training does on records it does not learn from.

#include <memory>
#include <string>
#include <vector>

#include "workflows/datasets/mixture.h"
#include "workflows/datasets/sample.h"
#include "workflows/training/communication/communicator.h"
#include "workflows/training/loop/train_config.h"
#include "workflows/training/loop/training_model.h"
#include "workflows/training/run_log/metrics.h"

namespace fusion {

/// A first question of a validation record, answered greedily.
struct SampleAnswer {
  std::string id;
  std::string picture;  ///< its file; empty: none
  std::string question;
  std::string expected;
  std::string answer;
};

struct ValidationResult {
  ValidationMetrics metrics = {};
  std::vector<SampleAnswer> answers = {};  ///< in process 0
  int64_t broken = 0;                      ///< records that could not be read
};

/// The mixture of a run that has a section "validation". Throws Error where it is wrong.
std::shared_ptr<const Mixture> open_validation_mixture(const TrainConfig& config);

/// Always the same records with the checkpoint's default latent count, so that passes compare.
class Validation {
 public:
  /// Throws Error where the mixture is wrong, and where none of the records that it would read is sound. Both must
  /// outlive it.
  Validation(const TrainConfig& config, TrainingModel& model);

  /// All processes together, each a part of the records. Broken ones are left out.
  ValidationResult run(int64_t step, torch::Device device, Communicator& communicator) const;

 private:
  void require_sound_record() const;
  std::vector<SampleAnswer> answer_some(torch::Device device) const;
  std::string answer(const Sample& sample, const Turn& question, torch::Device device) const;

  ValidationSettings settings_;
  const TrainConfig& config_;
  TrainingModel& parts_;
  std::shared_ptr<const Mixture> mixture_;
  std::unique_ptr<SampleReader> reader_;
};

/// The answers as a page that shows each picture beside what was asked and said.
std::string answers_page(const ValidationResult& result);

/// The same as a Markdown table, for TensorBoard.
std::string answers_table(const ValidationResult& result);

}  // namespace fusion
