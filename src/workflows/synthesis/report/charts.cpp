#include "workflows/synthesis/report/charts.h"

#include <algorithm>

#include "foundation/core/number_text.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/report/html.h"

namespace fusion {

namespace {

constexpr double kWidth = 440;
constexpr double kHeight = 120;

/// `step`: width of a column with its gap.
std::string column_svg(size_t i, double step, double share, const std::string& tooltip) {
  if (share <= 0) return "";
  // A value that is there is seen, however small.
  const double height = std::max(1.0, kHeight * share);
  return cat("<rect x=\"", decimal_text((static_cast<double>(i) + 0.1) * step, 1), "\" y=\"",
             decimal_text(kHeight - height, 1), "\" width=\"", decimal_text(step * 0.8, 1), "\" height=\"",
             decimal_text(height, 1), "\" rx=\"1.5\"><title>", tooltip, "</title></rect>");
}

}  // namespace

std::string column_chart(const ColumnChart& chart) {
  constexpr size_t kTick = 10;
  // What is empty at the end is not drawn, to the next tick.
  size_t shown = chart.values.size();
  while (shown > 0 && chart.values[shown - 1] == 0) --shown;
  const bool cut = shown < chart.values.size();
  shown = std::clamp((shown / kTick + 1) * kTick, size_t{2 * kTick}, std::max(chart.values.size(), 2 * kTick));
  const std::span<const int64_t> values = chart.values.first(std::min(shown, chart.values.size()));
  const int64_t highest = values.empty() ? 0 : *std::ranges::max_element(values);

  const double step = kWidth / static_cast<double>(std::max<size_t>(values.size(), 1));
  std::string columns;
  std::string ticks;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool last = i + 1 == chart.values.size() && !cut;
    const std::string name = cat(i, last ? " or more " : " ", escape_html(chart.unit));
    columns += column_svg(i, step, share_of(values[i], highest), cat(name, ": ", whole_text(values[i])));
    if (i % kTick == 0) {
      ticks += cat("<text x=\"", decimal_text((static_cast<double>(i) + 0.5) * step, 0), "\" y=\"",
                   decimal_text(kHeight + 16, 0), "\">", i, "</text>");
    }
  }
  return cat("<figure><figcaption><b>", escape_html(chart.title), "</b> <span>", escape_html(chart.note),
             "</span></figcaption><svg viewBox=\"-6 0 ", decimal_text(kWidth + 12, 0), " ",
             decimal_text(kHeight + 20, 0), "\" role=\"img\"><path class=\"axis\" d=\"M0 ", decimal_text(kHeight, 0),
             "H", decimal_text(kWidth, 0), "\"/>", columns, ticks, "</svg></figure>\n");
}

std::string bar_html(double share, bool over) {
  return cat("<span class=\"bar", over ? " over" : "",
             "\"><i style=\"width:", decimal_text(std::clamp(share, 0.0, 1.0) * 100, 1), "%\"></i></span>");
}

std::string bar_rows(const std::vector<Bar>& bars) {
  std::string html = "<div class=\"bars\">";
  for (const Bar& bar : bars) {
    html += cat("<span class=\"label\">", escape_html(bar.label), "</span>", bar_html(bar.share),
                "<span class=\"value\">", escape_html(bar.value), "</span>");
  }
  return html + "</div>\n";
}

}  // namespace fusion
