#pragma once
// The queries, by what they are about; query_table.cpp names them.

#include "workflows/synthesis/grammar/query.h"

namespace fusion {

// Things and their colours.
std::optional<Asked> ask_color(const QueryContext& context);
std::optional<Asked> ask_thing_of_color(const QueryContext& context);
std::optional<Asked> ask_is_color(const QueryContext& context);
std::optional<Asked> ask_backdrop_color(const QueryContext& context);
std::optional<Asked> ask_exists(const QueryContext& context);
std::optional<Asked> ask_size(const QueryContext& context);

// Numbers.
std::optional<Asked> ask_count(const QueryContext& context);
std::optional<Asked> ask_count_color(const QueryContext& context);
std::optional<Asked> ask_count_all(const QueryContext& context);
std::optional<Asked> ask_enough(const QueryContext& context);
std::optional<Asked> ask_compare_counts(const QueryContext& context);
std::optional<Asked> ask_most_numerous(const QueryContext& context);

// Places.
std::optional<Asked> ask_relation(const QueryContext& context);
/// On a lattice alone: where one thing is from another, and the cells (`cell_name`) of both, from which it follows.
std::optional<Asked> ask_relation_cells(const QueryContext& context);
std::optional<Asked> ask_is_relation(const QueryContext& context);
std::optional<Asked> ask_thing_beside(const QueryContext& context);
std::optional<Asked> ask_region(const QueryContext& context);
std::optional<Asked> ask_outermost(const QueryContext& context);
std::optional<Asked> ask_order(const QueryContext& context);

// The scene.
std::optional<Asked> ask_setting(const QueryContext& context);
std::optional<Asked> ask_is_setting(const QueryContext& context);
std::optional<Asked> ask_indoors(const QueryContext& context);
std::optional<Asked> ask_day_night(const QueryContext& context);
std::optional<Asked> ask_weather(const QueryContext& context);
std::optional<Asked> ask_thing_in_scene(const QueryContext& context);

// Signs.
std::optional<Asked> ask_sign_text(const QueryContext& context);
std::optional<Asked> ask_sign_says(const QueryContext& context);
std::optional<Asked> ask_sign_letter(const QueryContext& context);
std::optional<Asked> ask_sign_length(const QueryContext& context);
std::optional<Asked> ask_sign_reversed(const QueryContext& context);
std::optional<Asked> ask_sign_ink(const QueryContext& context);
std::optional<Asked> ask_sign_paper(const QueryContext& context);
std::optional<Asked> ask_sign_surface(const QueryContext& context);

// Charts.
std::optional<Asked> ask_chart_title(const QueryContext& context);
std::optional<Asked> ask_chart_value(const QueryContext& context);
std::optional<Asked> ask_chart_largest(const QueryContext& context);
std::optional<Asked> ask_chart_color(const QueryContext& context);
std::optional<Asked> ask_chart_sum(const QueryContext& context);
std::optional<Asked> ask_chart_difference(const QueryContext& context);

// Grids.
std::optional<Asked> ask_grid_cell(const QueryContext& context);
std::optional<Asked> ask_grid_size(const QueryContext& context);
std::optional<Asked> ask_grid_empty(const QueryContext& context);
std::optional<Asked> ask_grid_neighbor(const QueryContext& context);
std::optional<Asked> ask_grid_odd(const QueryContext& context);

// Thinking.
std::optional<Asked> ask_sum(const QueryContext& context);
std::optional<Asked> ask_left_over(const QueryContext& context);
std::optional<Asked> ask_difference(const QueryContext& context);
std::optional<Asked> ask_mirror(const QueryContext& context);
std::optional<Asked> ask_mirror_half(const QueryContext& context);
std::optional<Asked> ask_remaining(const QueryContext& context);
std::optional<Asked> ask_shares(const QueryContext& context);
std::optional<Asked> ask_odd_one(const QueryContext& context);

// Open ones, answered in sentences.
std::optional<Asked> ask_describe(const QueryContext& context);
std::optional<Asked> ask_describe_thing(const QueryContext& context);
std::optional<Asked> ask_describe_colors(const QueryContext& context);
std::optional<Asked> ask_describe_counts(const QueryContext& context);
std::optional<Asked> ask_describe_places(const QueryContext& context);
/// On a lattice alone: what stands in each cell (`cell_name`), "A1 red car, C1 blue cup". The slots `names` and
/// `colors` have only the one or the other. `name` and `color` are one of those that are there, `name_cells` and
/// `color_cells` its cells, "A1B3".
std::optional<Asked> ask_describe_cells(const QueryContext& context);
std::optional<Asked> ask_describe_scene(const QueryContext& context);
std::optional<Asked> ask_describe_signs(const QueryContext& context);
std::optional<Asked> ask_describe_chart(const QueryContext& context);
std::optional<Asked> ask_describe_grid(const QueryContext& context);

// Two pictures.
std::optional<Asked> ask_side_color(const QueryContext& context);
std::optional<Asked> ask_side_count(const QueryContext& context);
std::optional<Asked> ask_side_setting(const QueryContext& context);
std::optional<Asked> ask_side_sign(const QueryContext& context);
std::optional<Asked> ask_side_value(const QueryContext& context);
std::optional<Asked> ask_side_cell(const QueryContext& context);
std::optional<Asked> ask_which_more(const QueryContext& context);
std::optional<Asked> ask_which_color(const QueryContext& context);
std::optional<Asked> ask_which_shows(const QueryContext& context);
std::optional<Asked> ask_count_difference(const QueryContext& context);
std::optional<Asked> ask_same_color(const QueryContext& context);
std::optional<Asked> ask_same_count(const QueryContext& context);
std::optional<Asked> ask_change(const QueryContext& context);
std::optional<Asked> ask_new_thing(const QueryContext& context);
std::optional<Asked> ask_differences(const QueryContext& context);
std::optional<Asked> ask_in_common(const QueryContext& context);

}  // namespace fusion
