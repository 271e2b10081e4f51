#pragma once
// What a run's folder says about the run.

#include <string>

#include "workflows/synthesis/catalogue/catalogue.h"
#include "workflows/synthesis/export/data_card.h"
#include "workflows/synthesis/report/report_page.h"
#include "workflows/synthesis/run/recipe.h"

namespace fusion {

/// Writes the recipe in full, and its kind files, so that the folder needs nothing else to be understood.
void keep_recipe(const Recipe& recipe, const std::string& folder);
/// Throws Error where the folder holds no run.
Recipe kept_recipe(const std::string& folder);

/// The name of the run: that of its folder.
std::string run_name(const std::string& folder);

/// \param catalogue  of the drawings in its pictures; null where there are none
CardFacts card_facts(const Recipe& recipe, const std::string& folder, const Catalogue* catalogue);

ReportFacts report_facts(const Recipe& recipe, const std::string& folder, StatusView status);

}  // namespace fusion
