#pragma once
// The files of definitions/, which are part of the program.

#include <span>
#include <string_view>

#include "foundation/core/embedded_file.h"

namespace fusion {

inline constexpr std::string_view kRulesFile = "rules.yaml";  ///< what the prompts of all kinds share
inline constexpr std::string_view kFormsFile = "forms.yaml";  ///< the shared forms of questions and answers

/// All files: the two above and one for each built-in kind.
std::span<const EmbeddedFile> kind_definitions();

/// The text of one of them.
std::string_view definition(std::string_view name);

}  // namespace fusion
