#include <algorithm>

#include "foundation/core/error.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/query.h"
#include "workflows/synthesis/grammar/query_groups.h"

namespace fusion {

namespace {

using Slots = std::vector<std::string_view>;

Slots subject(Slots more) {
  Slots slots = {"answer", "thing", "noun", "nouns", "a_thing", "is", "it", "does"};
  slots.insert(slots.end(), more.begin(), more.end());
  return slots;
}

Slots pair(Slots more) {
  Slots slots = {"answer", "thing_a", "thing_b"};
  slots.insert(slots.end(), more.begin(), more.end());
  return slots;
}

/// Of one picture; its answers can be options.
QueryInfo choice(std::string_view name, Query ask, Slots slots) {
  return {.name = name, .ask = ask, .pictures = 1, .has_options = true, .slots = std::move(slots)};
}

/// Of one picture, without wrong answers to choose from.
QueryInfo plain(std::string_view name, Query ask, Slots slots) {
  return {.name = name, .ask = ask, .pictures = 1, .has_options = false, .slots = std::move(slots)};
}

QueryInfo contrast(std::string_view name, Query ask, Slots slots) {
  return {.name = name, .ask = ask, .pictures = 2, .has_options = false, .slots = std::move(slots)};
}

}  // namespace

const std::vector<QueryInfo>& queries() {
  static const std::vector<QueryInfo> kQueries = {
      choice("color", ask_color, subject({"more"})),
      choice("thing_of_color", ask_thing_of_color, subject({"color"})),
      plain("is_color", ask_is_color, subject({"color", "true_color"})),
      choice("backdrop_color", ask_backdrop_color, {"answer", "more"}),
      plain("exists", ask_exists, {"answer", "noun", "a_noun", "there_is", "more"}),
      choice("size", ask_size, pair({})),

      choice("count", ask_count, subject({"number", "more"})),
      choice("count_color", ask_count_color, {"answer", "things", "thing", "color", "is", "number"}),
      choice("count_all", ask_count_all, {"answer", "thing", "is", "number"}),
      plain("enough", ask_enough, subject({"limit", "number"})),
      choice("compare_counts", ask_compare_counts, pair({"nouns_a", "nouns_b", "count_a", "count_b", "is_a"})),
      choice("most_numerous", ask_most_numerous, subject({})),

      choice("relation", ask_relation, pair({"phrase", "more"})),
      plain("relation_cells", ask_relation_cells, pair({"cell_a", "cell_b", "phrase"})),
      plain("is_relation", ask_is_relation, pair({"phrase", "true_phrase"})),
      choice("thing_beside", ask_thing_beside, pair({"a_thing", "phrase"})),
      choice("region", ask_region, subject({"where", "more"})),
      choice("outermost", ask_outermost, {"answer", "extreme"}),
      plain("order", ask_order, {"answer", "direction"}),

      choice("setting", ask_setting, {"answer", "a_place", "place", "more"}),
      plain("is_setting", ask_is_setting, {"answer", "a_place", "true_place"}),
      choice("indoors", ask_indoors, {"answer", "place"}),
      choice("day_night", ask_day_night, {"answer", "at_time"}),
      choice("weather", ask_weather, {"answer"}),
      choice("thing_in_scene", ask_thing_in_scene, subject({"place", "more"})),

      choice("sign_text", ask_sign_text, {"answer", "surface", "more"}),
      plain("sign_says", ask_sign_says, {"answer", "surface", "text", "true_text"}),
      plain("sign_letter", ask_sign_letter, {"answer", "surface", "which", "begin"}),
      choice("sign_length", ask_sign_length, {"answer", "surface", "number"}),
      plain("sign_reversed", ask_sign_reversed, {"answer", "surface", "text", "letters"}),
      choice("sign_ink", ask_sign_ink, {"answer", "surface"}),
      choice("sign_paper", ask_sign_paper, {"answer", "surface"}),
      plain("sign_surface", ask_sign_surface, {"answer", "text", "a_surface"}),

      plain("chart_title", ask_chart_title, {"answer"}),
      choice("chart_value", ask_chart_value, {"answer", "label", "number"}),
      choice("chart_largest", ask_chart_largest, {"answer", "extreme", "part", "value", "others"}),
      choice("chart_color", ask_chart_color, {"answer", "label", "part"}),
      choice("chart_sum", ask_chart_sum, {"answer", "label_a", "label_b", "value_a", "value_b"}),
      choice("chart_difference", ask_chart_difference, {"answer", "label_a", "label_b", "value_a", "value_b"}),

      choice("grid_cell", ask_grid_cell, {"answer", "a_thing", "row", "column", "row_ordinal", "column_ordinal"}),
      choice("grid_size", ask_grid_size, {"answer", "number", "lines"}),
      choice("grid_empty", ask_grid_empty,
             {"answer", "rows", "columns", "cells", "filled", "filled_is", "is", "holds"}),
      choice("grid_neighbor", ask_grid_neighbor,
             {"answer", "a_thing", "thing_b", "row", "column", "row_ordinal", "column_ordinal", "phrase", "onward"}),
      choice("grid_odd", ask_grid_odd, {"answer", "odd", "usual"}),

      choice("sum", ask_sum, {"answer", "nouns_a", "nouns_b", "count_a", "count_b", "value_a", "value_b", "is_a"}),
      choice("left_over", ask_left_over, subject({"number", "value", "taken", "taken_value", "was", "is_gone"})),
      choice("difference", ask_difference,
             {"answer", "nouns_a", "nouns_b", "count_a", "count_b", "value_a", "value_b", "is_a"}),
      choice("mirror", ask_mirror, pair({"true_side"})),
      choice("mirror_half", ask_mirror_half, subject({"true_side"})),
      choice("remaining", ask_remaining, subject({"others", "sum"})),
      choice("shares", ask_shares, subject({"number", "value", "sharers", "sharers_value"})),
      choice("odd_one", ask_odd_one, {"answer", "others", "a_category", "is", "does"}),

      plain("describe", ask_describe, {"answer"}),
      plain("describe_thing", ask_describe_thing, subject({})),
      plain("describe_colors", ask_describe_colors, {"answer"}),
      plain("describe_counts", ask_describe_counts, {"answer"}),
      plain("describe_places", ask_describe_places, {"answer"}),
      plain("describe_cells", ask_describe_cells,
            {"answer", "names", "colors", "name", "name_cells", "color", "color_cells"}),
      plain("describe_scene", ask_describe_scene, {"answer"}),
      plain("describe_signs", ask_describe_signs, {"answer"}),
      plain("describe_chart", ask_describe_chart, {"answer"}),
      plain("describe_grid", ask_describe_grid, {"answer"}),

      contrast("side_color", ask_side_color, subject({"side", "other_side", "other"})),
      contrast("side_count", ask_side_count, subject({"side", "other_side", "number", "other"})),
      contrast("side_setting", ask_side_setting, {"answer", "side", "other_side", "a_place", "other"}),
      contrast("side_sign", ask_side_sign, {"answer", "side", "other_side", "surface"}),
      contrast("side_value", ask_side_value, {"answer", "side", "other_side", "label", "other"}),
      contrast("side_cell", ask_side_cell, {"answer", "side", "other_side", "a_thing", "row", "column"}),
      contrast("which_more", ask_which_more, subject({})),
      contrast("which_color", ask_which_color, subject({"color", "a_colored"})),
      contrast("which_shows", ask_which_shows, {"answer", "a_noun"}),
      contrast("count_difference", ask_count_difference, subject({"number", "count_left", "count_right", "is_left"})),
      contrast("same_color", ask_same_color, subject({})),
      contrast("same_count", ask_same_count, subject({})),
      contrast("change", ask_change, {"answer", "sentence", "sentence_low"}),
      contrast("new_thing", ask_new_thing, subject({"side", "other_side", "other"})),
      contrast("differences", ask_differences, {"answer"}),
      contrast("in_common", ask_in_common, {"answer"}),
  };
  return kQueries;
}

const QueryInfo& find_query(std::string_view name, const std::string& who) {
  const auto found = std::ranges::find(queries(), name, &QueryInfo::name);
  if (found != queries().end()) return *found;
  std::vector<std::string> names;
  for (const QueryInfo& each : queries()) names.emplace_back(each.name);
  const std::string near = closest_match(name, names);
  throw Error(
      {.who = who,
       .expected = near.empty() ? cat("one of the queries ", join(names, ", ")) : "a query of the embedded world",
       .got = cat("'", printable(name), "'"),
       .hint = near.empty() ? "" : cat("did you mean ", near, "?")});
}

}  // namespace fusion
