#pragma once
// The page's style sheet, report.css.

#include <span>

#include "foundation/core/embedded_file.h"

namespace fusion {

std::span<const EmbeddedFile> report_style();

}  // namespace fusion
