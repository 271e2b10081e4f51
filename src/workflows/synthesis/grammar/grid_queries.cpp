#include <algorithm>
#include <array>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/subjects.h"
#include "workflows/synthesis/world/phrases.h"
#include "workflows/synthesis/world/scene_facts.h"

namespace fusion {

namespace {

struct Place {
  int64_t row = 0;  ///< from 0
  int64_t column = 0;
};

const Grid::Cell& cell_at(const Grid& grid, Place place) {
  return grid.cells[static_cast<size_t>(place.row * grid.columns + place.column)];
}

/// The scene's grid where it can be asked about.
const Grid* grid_of(const QueryContext& context) {
  const auto& grid = context.scene().grid;
  const bool sound = grid && grid->rows > 0 && grid->columns > 0 &&
                     grid->cells.size() == static_cast<size_t>(grid->rows * grid->columns);
  return sound ? &*grid : nullptr;
}

/// "red circle"; "" for an empty cell.
std::string words_of(const Grid::Cell& cell) {
  if (cell.look.empty()) return "";
  return cell.color.empty() ? cell.noun : cat(cell.color, " ", cell.noun);
}

std::string with_its_article(const std::string& words) {
  return cat(article(words), " ", words);
}

std::vector<Place> filled_places(const Grid& grid) {
  std::vector<Place> places;
  for (int64_t i = 0; i < static_cast<int64_t>(grid.cells.size()); ++i) {
    const Place place{.row = i / grid.columns, .column = i % grid.columns};
    if (!cell_at(grid, place).look.empty()) places.push_back(place);
  }
  return places;
}

std::string place_text(Place place) {
  return cat("row ", place.row + 1, ", column ", place.column + 1);
}

std::string ordinal(int64_t index) {
  constexpr std::array<std::string_view, 8> kWords = {"first", "second", "third",   "fourth",
                                                      "fifth", "sixth",  "seventh", "eighth"};
  return index < static_cast<int64_t>(kWords.size()) ? std::string(kWords[static_cast<size_t>(index)])
                                                     : cat("number ", index + 1);
}

/// What else could be in a cell: what is in others, and the truth in other colours.
std::vector<std::string> other_cells(const Grid& grid, const Grid::Cell& truth, const QueryContext& context) {
  std::vector<std::string> others;
  const auto add = [&others, &truth](const std::string& words) {
    if (words.empty() || words == words_of(truth)) return;
    if (std::ranges::find(others, words) == others.end()) others.push_back(words);
  };
  for (const Grid::Cell& each : grid.cells) add(words_of(each));
  context.random.shuffle(std::span(others));
  if (truth.color.empty()) return others;
  std::vector<std::string> nouns;
  for (const Grid::Cell& each : grid.cells) {
    if (!each.noun.empty() && std::ranges::find(nouns, each.noun) == nouns.end()) nouns.push_back(each.noun);
  }
  for (const std::string& color : other_colors(truth.color, context.scene(), context.random)) {
    add(cat(color, " ", context.random.pick(nouns)));
  }
  return others;
}

void add_cell(Asked& asked, const Grid& grid, Place place, const QueryContext& context) {
  const Grid::Cell& cell = cell_at(grid, place);
  asked.truth = words_of(cell);
  asked.about = cell.noun;
  asked.slots.push_back({"answer", asked.truth});
  asked.slots.push_back({"a_thing", with_its_article(asked.truth)});
  asked.wrong = other_cells(grid, cell, context);
}

void add_place(Asked& asked, Place place) {
  asked.slots.push_back({"row", cat(place.row + 1)});
  asked.slots.push_back({"column", cat(place.column + 1)});
  asked.slots.push_back({"row_ordinal", ordinal(place.row)});
  asked.slots.push_back({"column_ordinal", ordinal(place.column)});
}

struct Step {
  std::string_view side;
  std::string_view onward;
  int64_t rows;
  int64_t columns;
};
constexpr std::array<Step, 4> kSteps = {
    {{"left", "to the left", 0, -1}, {"right", "to the right", 0, 1}, {"above", "up", -1, 0}, {"below", "down", 1, 0}}};

}  // namespace

std::optional<Asked> ask_grid_cell(const QueryContext& context) {
  const Grid* grid = grid_of(context);
  if (grid == nullptr) return std::nullopt;
  const std::vector<Place> places = filled_places(*grid);
  if (places.empty()) return std::nullopt;
  const Place place = context.random.pick(places);
  Asked asked{.fact = fact("cell", place_text(place))};
  add_cell(asked, *grid, place, context);
  add_place(asked, place);
  return asked;
}

std::optional<Asked> ask_grid_size(const QueryContext& context) {
  const Grid* grid = grid_of(context);
  if (grid == nullptr) return std::nullopt;
  const bool rows = context.random.chance(0.5);
  const int64_t number = rows ? grid->rows : grid->columns;
  Asked asked{.truth = cat(number), .about = "grid", .fact = fact("grid_size", rows ? "rows" : "columns")};
  asked.slots = {{"answer", asked.truth}, {"number", number_word(number)}, {"lines", rows ? "rows" : "columns"}};
  asked.wrong = near_numbers(number, context.random);
  return asked;
}

std::optional<Asked> ask_grid_empty(const QueryContext& context) {
  const Grid* grid = grid_of(context);
  if (grid == nullptr) return std::nullopt;
  const auto cells = static_cast<int64_t>(grid->cells.size());
  const auto filled = static_cast<int64_t>(filled_places(*grid).size());
  if (filled == cells) return std::nullopt;
  Asked asked{.truth = cat(cells - filled), .about = "grid", .fact = "grid_empty"};
  asked.slots = {{"answer", asked.truth},
                 {"rows", number_word(grid->rows)},
                 {"columns", number_word(grid->columns)},
                 {"cells", cat(cells)},
                 {"filled", cat(filled)},
                 {"filled_is", std::string(verb_to_be(filled))},
                 {"is", std::string(verb_to_be(cells - filled))},
                 {"holds", filled == 1 ? "holds" : "hold"}};
  asked.wrong = near_numbers(cells - filled, context.random);
  return asked;
}

std::optional<Asked> ask_grid_neighbor(const QueryContext& context) {
  const Grid* grid = grid_of(context);
  if (grid == nullptr) return std::nullopt;
  std::vector<Place> starts = filled_places(*grid);
  std::erase_if(starts, [grid](Place start) {
    const auto same = [&](const Grid::Cell& cell) { return words_of(cell) == words_of(cell_at(*grid, start)); };
    return std::ranges::count_if(grid->cells, same) != 1;
  });
  if (starts.empty()) return std::nullopt;
  const Place start = context.random.pick(starts);
  const Step& step = context.random.pick(kSteps);
  const Place end{.row = start.row + step.rows, .column = start.column + step.columns};
  const bool inside = end.row >= 0 && end.row < grid->rows && end.column >= 0 && end.column < grid->columns;
  if (!inside || cell_at(*grid, end).look.empty()) return std::nullopt;
  Asked asked{.fact = fact("cell", place_text(end))};
  add_cell(asked, *grid, end, context);
  add_place(asked, start);
  asked.slots.push_back({"thing_b", words_of(cell_at(*grid, start))});
  asked.slots.push_back({"phrase", std::string(relation_words(step.side))});
  asked.slots.push_back({"onward", std::string(step.onward)});
  return asked;
}

std::optional<Asked> ask_grid_odd(const QueryContext& context) {
  const Grid* grid = grid_of(context);
  if (grid == nullptr || grid->cells.size() < 4) return std::nullopt;
  const std::vector<Place> places = filled_places(*grid);
  if (places.size() != grid->cells.size()) return std::nullopt;
  const auto times = [grid](Place place) {
    return std::ranges::count(grid->cells, words_of(cell_at(*grid, place)), words_of);
  };
  const auto odd = std::ranges::find_if(places, [&](Place place) { return times(place) == 1; });
  if (odd == places.end()) return std::nullopt;
  const Place usual = odd == places.begin() ? places[1] : places[0];
  if (times(usual) + 1 != static_cast<int64_t>(places.size())) return std::nullopt;
  Asked asked{.truth = place_text(*odd), .about = "grid", .fact = "grid_odd"};
  asked.slots = {{"answer", asked.truth},
                 {"odd", with_its_article(words_of(cell_at(*grid, *odd)))},
                 {"usual", with_its_article(words_of(cell_at(*grid, usual)))}};
  for (const Place each : places) {
    if (place_text(each) != asked.truth) asked.wrong.push_back(place_text(each));
  }
  context.random.shuffle(std::span(asked.wrong));
  return asked;
}

std::optional<Asked> ask_describe_grid(const QueryContext& context) {
  const Grid* grid = grid_of(context);
  if (grid == nullptr) return std::nullopt;
  std::string text =
      cat("The grid has ", number_word(grid->rows), " rows and ", number_word(grid->columns), " columns.");
  for (int64_t row = 0; row < grid->rows; ++row) {
    std::vector<std::string> cells;
    for (int64_t column = 0; column < grid->columns; ++column) {
      const std::string words = words_of(cell_at(*grid, {.row = row, .column = column}));
      cells.push_back(words.empty() ? "an empty cell" : with_its_article(words));
    }
    text += cat(" The ", ordinal(row), " row holds, from left to right, ", list_phrase(cells), ".");
  }
  Asked asked{.about = "grid", .fact = "describe_grid"};
  asked.slots = {{"answer", std::move(text)}};
  return asked;
}

}  // namespace fusion
