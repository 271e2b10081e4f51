#pragma once
// What each stage does for one item.

#include <stop_token>
#include <string>

#include "workflows/synthesis/stages/run_stages.h"

namespace fusion {

class StageSteps {
 public:
  /// `roles` and `options` must outlive it.
  StageSteps(const Roles& roles, const StageOptions& options, std::string folder)
      : roles_(roles), options_(options), folder_(std::move(folder)) {}

  /// Does kExpand, kDraw or kAsk for the item. Any number of threads may call. What was used is booked in `usage`, also
  /// where it throws: what the role threw, PictureNotWritten, or an Error where the role's result cannot be used.
  void run(Stage stage, Item& item, const std::stop_token& stop, UsageTable& usage) const;

 private:
  void expand(Item& item, const std::stop_token& stop, UsageTable& usage) const;
  void draw(Item& item, const std::stop_token& stop, UsageTable& usage) const;
  void ask(Item& item, const std::stop_token& stop, UsageTable& usage) const;

  const Roles& roles_;
  const StageOptions& options_;
  std::string folder_;
};

/// The item as it was before it was drawn.
void forget_picture(Item& item);

}  // namespace fusion
