#pragma once
// The parts of the report's page, each a <section>. All of them escape what they show.

#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/report/report_page.h"

namespace fusion {

/// A section with its heading; `body` is HTML. `intro` is text.
std::string section_html(std::string_view id, std::string_view heading, std::string_view intro,
                         const std::string& body);

/// A table; cells are HTML, those of the columns from `numbers` on are aligned to the right.
std::string table_html(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                       size_t numbers);

std::string funnel_section(const RunStatistics& statistics, const StatusView& view);
std::string kinds_section(const RunStatistics& statistics);
std::string lengths_section(const RunStatistics& statistics);
std::string answers_section(const RunStatistics& statistics);
std::string bias_section(const BiasFigures& figures);
std::string filters_section(const RunStatistics& statistics, const ReportFacts& facts);
std::string cost_section(const RunStatistics& statistics, const StatusView& view);
std::string gallery_section(const std::vector<Item>& items);

}  // namespace fusion
