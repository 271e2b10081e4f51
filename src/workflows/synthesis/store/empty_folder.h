#pragma once
// Where a run may begin.

#include <string>

namespace fusion {

/// Throws Error, with the first names, where the folder holds anything: what a run writes would take the place of files
/// that are called the same. Hidden files are no matter: the lock of a run that was killed as it began is one. A
/// folder that is not there is empty.
void require_empty_folder(const std::string& folder);

}  // namespace fusion
