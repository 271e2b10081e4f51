#pragma once
// Columns of text, aligned.

#include <string>
#include <vector>

namespace fusion {

/// Rows of cells, the first of them the head. The first column, and those of `left`, are aligned to the left, the
/// others to the right; two spaces between columns, none at the ends of lines.
std::string text_table(const std::vector<std::vector<std::string>>& rows, const std::vector<size_t>& left = {});

}  // namespace fusion
