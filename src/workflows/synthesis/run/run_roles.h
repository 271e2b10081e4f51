#pragma once
// Who does a recipe's work.

#include <memory>
#include <string>

#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/items/judge.h"
#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/kinds/kind_registry.h"
#include "workflows/synthesis/run/recipe.h"
#include "workflows/synthesis/stages/run_stages.h"

namespace fusion {

struct RunRoles {
  std::shared_ptr<const KindRegistry> kinds;
  std::shared_ptr<const Catalogue> catalogue;  ///< of the embedded world; null where it is not asked
  std::unique_ptr<CaptionSource> captions;
  /// Writes the descriptions, where the pictures are drawn from scenes that a text model has not seen: what it made up
  /// would not be in them. Null: the writer does.
  std::unique_ptr<Writer> describer;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<Painter> painter;
  std::unique_ptr<AgreementModel> agreement;  ///< null where none is asked
  std::unique_ptr<Judge> judge;

  Roles roles() const;
};

/// Throws Error where a file, a package, a kind or a key's variable that the recipe names is not there.
RunRoles make_roles(const Recipe& recipe);

/// How the stages are run: limit, workers, providers' names, caps.
StageOptions stage_options(const Recipe& recipe, int64_t threads);

}  // namespace fusion
