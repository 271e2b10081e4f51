#pragma once
// Bars, as inline SVG and HTML that takes its colours from the page's style.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fusion {

struct ColumnChart {
  std::span<const int64_t> values = {};
  std::string_view title = {};  ///< "Words in a question"
  std::string_view unit = {};   ///< what the columns are numbered by, from 0: "words"
  std::string_view note = {};   ///< beside the title
};

/// A column for each value, with ticks below and every value as its tooltip. The last column stands for all that
/// follow.
std::string column_chart(const ColumnChart& chart);

struct Bar {
  std::string label = {};
  double share = 0;        ///< 0 to 1, of the full width
  std::string value = {};  ///< stands behind the bar
};

/// Rows of label, bar and value. Labels and values are escaped here.
std::string bar_rows(const std::vector<Bar>& bars);

/// One bar alone; `over` colours it as one that passes its cap.
std::string bar_html(double share, bool over = false);

}  // namespace fusion
