// Cells in rows.

#include <algorithm>

#include "workflows/synthesis/render/panels.h"

namespace fusion {

void draw_grid(Pen& pen, const Grid& grid, const Frame& frame, const PanelStyle& style, const FigureDrawer& figures) {
  const auto rows = static_cast<double>(grid.rows);
  const auto columns = static_cast<double>(grid.columns);
  const double cell = std::min(frame.width / columns, frame.height / rows);
  const double left = frame.left + (frame.width - cell * columns) / 2;
  const double top = frame.top + (frame.height - cell * rows) / 2;
  const double line = std::max(1.0, cell * 0.02);
  pen.rectangle(left, top, cell * columns, cell * rows);
  pen.fill(kPanel);
  for (int64_t i = 0; i <= grid.rows; ++i) {
    pen.rectangle(left - line / 2, top + cell * static_cast<double>(i) - line / 2, cell * columns + line, line);
  }
  for (int64_t i = 0; i <= grid.columns; ++i) {
    pen.rectangle(left + cell * static_cast<double>(i) - line / 2, top - line / 2, line, cell * rows + line);
  }
  pen.fill(kInk);
  for (size_t i = 0; i < grid.cells.size(); ++i) {
    const Grid::Cell& each = grid.cells[i];
    if (each.look.empty()) continue;
    const auto row = static_cast<double>(i / static_cast<size_t>(grid.columns));
    const auto column = static_cast<double>(i % static_cast<size_t>(grid.columns));
    const Look& look = figures.catalogue().find(each.look);
    const Tone color = each.color.empty() ? kInk : palette_tone(each.color);
    figures.draw(pen.context(), {.look = &look,
                                 .style = {.color = color, .outline = style.outline, .sheen = style.sheen},
                                 .x = left + cell * (column + 0.5),
                                 .y = top + cell * (row + 0.5),
                                 .side = cell * 0.74});
  }
}

}  // namespace fusion
