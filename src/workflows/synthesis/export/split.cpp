#include "workflows/synthesis/export/split.h"

#include "workflows/synthesis/report/round_text.h"

namespace fusion {

std::string_view split_name(Split split) {
  constexpr std::array<std::string_view, 3> kNames = {"train", "validation", "test"};
  return kNames[static_cast<size_t>(split)];
}

Split split_of(const std::string& caption, const SplitShares& shares) {
  constexpr uint64_t kSplitSeed = 0x73706c6974;
  const double place = static_cast<double>(text_hash(normal_text(caption), kSplitSeed) >> 11) * 0x1p-53;
  if (place < shares.test) return Split::kTest;
  return place < shares.test + shares.validation ? Split::kValidation : Split::kTrain;
}

}  // namespace fusion
