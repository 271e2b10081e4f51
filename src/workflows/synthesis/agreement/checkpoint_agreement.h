#pragma once
// A checkpoint of ours as the one who looks whether a picture shows what it should.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/generation/assistant.h"
#include "workflows/synthesis/items/roles.h"

namespace fusion {

/// Asks the model of each sentence of the descriptions whether it is true of the picture. Greedy: it depends on the
/// picture and the descriptions alone.
class CheckpointAgreement : public AgreementModel {
 public:
  /// Throws Error where the folder holds no model that sees (Assistant).
  CheckpointAgreement(const std::string& folder, const AssistantOptions& options);

  /// The share of the sentences that the model says yes to; one that it answers with neither yes nor no counts half.
  /// One picture at a time: the model uses all cores for it.
  double agreement(const Item& item, const EncodedPicture& picture, const CallContext& context) override;

 private:
  double ask(const std::string& question, const std::shared_ptr<const Picture>& picture,
             const CallContext& context) const;

  Assistant assistant_;
  std::mutex asking_;
};

/// One with the program's own defaults, as a run opens it (OpenAgreementModel).
std::unique_ptr<AgreementModel> open_checkpoint_agreement(const std::string& folder);

/// The item's descriptions as sentences, each a question to be answered with yes or no.
std::vector<std::string> agreement_questions(const Item& item);

/// 1 for an answer that begins with yes, 0 for no, 0.5 for another one.
double agreement_of_answer(std::string_view answer);

}  // namespace fusion
