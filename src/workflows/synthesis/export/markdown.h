#pragma once
// Text inside Markdown.

#include <string>
#include <string_view>
#include <vector>

namespace fusion {

/// `text` on one line, with nothing in it acting as markup.
std::string escape_markdown(std::string_view text);

/// A table; cells are Markdown, those of the columns from `numbers` on are aligned to the right.
std::string markdown_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                           size_t numbers);

/// `text` as it is, in a fence that is longer than any in it.
std::string fenced(std::string_view language, std::string_view text);

}  // namespace fusion
