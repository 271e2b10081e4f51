#include "workflows/synthesis/export/markdown.h"

#include <algorithm>

#include "foundation/core/text.h"
#include "workflows/synthesis/report/html.h"

namespace fusion {

std::string escape_markdown(std::string_view text) {
  constexpr std::string_view kActive = "\\`*_{}[]()#+!|~$";
  std::string out;
  for (const char c : escape_html(text)) {
    if (c == '\n') {
      out += ' ';
      continue;
    }
    // '#' inside an entity of escape_html stands behind '&'.
    const bool entity = c == '#' && out.ends_with('&');
    if (kActive.find(c) != std::string_view::npos && !entity) out += '\\';
    out += c;
  }
  return out;
}

std::string markdown_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                           size_t numbers) {
  const auto line = [](const std::vector<std::string>& cells) { return cat("| ", join(cells, " | "), " |\n"); };
  std::vector<std::string> rule;
  for (size_t i = 0; i < head.size(); ++i) rule.push_back(i >= numbers ? "---:" : "---");
  std::string table = line(head) + line(rule);
  for (const auto& row : rows) table += line(row);
  return table;
}

std::string fenced(std::string_view language, std::string_view text) {
  size_t longest = 2;
  size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return cat(fence, language, "\n", text, text.ends_with('\n') ? "" : "\n", fence, "\n");
}

}  // namespace fusion
