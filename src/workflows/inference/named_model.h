#pragma once
// Models that come with the program, by name.

#include <string>
#include <vector>

namespace fusion {

/// The folder of a checkpoint: `name_or_folder` itself where it is one, else models/NAME or
/// share/fusion/models/NAME in one of the folders above the running program (a checkout, or an installation). A text
/// that is neither comes back as it is, for whoever opens it to say what is missing.
std::string model_folder(const std::string& name_or_folder);

/// model_folder(); throws Error, with the names that ship, on a name that is none of them. A path comes back, whether
/// there is something or not.
std::string existing_model_folder(const std::string& name_or_folder);

/// Names that model_folder() finds, in alphabetical order.
std::vector<std::string> shipped_models();

}  // namespace fusion
