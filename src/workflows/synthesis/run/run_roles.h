#pragma once
// Who does a recipe's work.

#include <functional>
#include <memory>
#include <string>

#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/filters/leakage/leak_index.h"
#include "workflows/synthesis/items/judge.h"
#include "workflows/synthesis/items/roles.h"
#include "workflows/synthesis/kinds/kind_registry.h"
#include "workflows/synthesis/run/recipe.h"
#include "workflows/synthesis/stages/run_stages.h"

namespace fusion {

/// Loads the checkpoint of a folder. It is handed in, for the stages know nothing of libtorch.
using OpenAgreementModel = std::function<std::unique_ptr<AgreementModel>(const std::string& folder)>;

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
  std::shared_ptr<const LeakIndex> benchmarks;
  std::unique_ptr<Judge> judge;

  Roles roles() const;
};

/// Throws Error where a file, a package, a kind or a key's variable that the recipe names is not there.
/// \param open_model     for a recipe that asks a checkpoint; may be empty for others
/// \param on_benchmarks  LeakIndex::read
RunRoles make_roles(const Recipe& recipe, const OpenAgreementModel& open_model = {},
                    const LeakIndex::OnFile& on_benchmarks = {});

/// How the stages are run: limit, workers, providers' names, caps.
StageOptions stage_options(const Recipe& recipe, int64_t threads);

}  // namespace fusion
