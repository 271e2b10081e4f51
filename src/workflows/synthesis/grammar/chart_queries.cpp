#include <algorithm>
#include <span>

#include "foundation/core/text.h"
#include "workflows/synthesis/grammar/query_groups.h"
#include "workflows/synthesis/grammar/subjects.h"
#include "workflows/synthesis/world/phrases.h"

namespace fusion {

namespace {

/// The scene's chart where it can be asked about.
const Chart* chart_of(const QueryContext& context) {
  const auto& chart = context.scene().chart;
  const bool sound = chart && chart->labels.size() >= 2 && chart->values.size() == chart->labels.size();
  return sound ? &*chart : nullptr;
}

std::string part_of(const Chart& chart) {
  return chart.form == "pie" ? "slice" : "bar";
}

/// Two different entries.
std::pair<size_t, size_t> pick_two(const Chart& chart, RandomSource& random) {
  const size_t a = random.below(chart.labels.size());
  const size_t b = (a + 1 + random.below(chart.labels.size() - 1)) % chart.labels.size();
  return {a, b};
}

Asked about_two(const Chart& chart, size_t a, size_t b, int64_t truth, std::string_view what) {
  Asked asked{.truth = cat(truth), .about = "chart", .fact = pair_fact(what, chart.labels[a], chart.labels[b])};
  asked.slots = {{"answer", asked.truth},
                 {"label_a", chart.labels[a]},
                 {"label_b", chart.labels[b]},
                 {"value_a", cat(chart.values[a])},
                 {"value_b", cat(chart.values[b])}};
  return asked;
}

std::string others_sentence(const Chart& chart, size_t but) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < chart.labels.size(); ++i) {
    if (i != but) parts.push_back(cat(chart.labels[i], " with ", chart.values[i]));
  }
  return cat("The chart also shows ", list_phrase(parts), ".");
}

}  // namespace

std::optional<Asked> ask_chart_title(const QueryContext& context) {
  const Chart* chart = chart_of(context);
  if (chart == nullptr || chart->title.empty()) return std::nullopt;
  Asked asked{.truth = chart->title, .about = "chart", .fact = "chart_title", .verbatim = true};
  asked.slots = {{"answer", chart->title}};
  return asked;
}

std::optional<Asked> ask_chart_value(const QueryContext& context) {
  const Chart* chart = chart_of(context);
  if (chart == nullptr) return std::nullopt;
  const size_t i = context.random.below(chart->labels.size());
  Asked asked{.truth = cat(chart->values[i]), .about = "chart", .fact = fact("chart_value", chart->labels[i])};
  asked.slots = {{"answer", asked.truth}, {"label", chart->labels[i]}, {"number", number_word(chart->values[i])}};
  for (const int64_t value : chart->values) {
    if (value != chart->values[i]) asked.wrong.push_back(cat(value));
  }
  context.random.shuffle(std::span(asked.wrong));
  const int64_t step = chart->form == "pie" ? 5 : 1;
  for (const std::string& near : near_numbers(chart->values[i] / step, context.random)) {
    const std::string number = cat(std::stoll(near) * step);
    const bool listed = std::ranges::find(asked.wrong, number) != asked.wrong.end();
    if (!listed && number != asked.truth) asked.wrong.push_back(number);
  }
  return asked;
}

std::optional<Asked> ask_chart_largest(const QueryContext& context) {
  const Chart* chart = chart_of(context);
  if (chart == nullptr) return std::nullopt;
  const bool largest = context.random.chance(0.5);
  const auto found = largest ? std::ranges::max_element(chart->values) : std::ranges::min_element(chart->values);
  if (std::ranges::count(chart->values, *found) != 1) return std::nullopt;
  const auto i = static_cast<size_t>(found - chart->values.begin());
  Asked asked{
      .truth = chart->labels[i], .about = "chart", .fact = fact("chart_extreme", largest ? "largest" : "smallest")};
  asked.slots = {{"answer", asked.truth},
                 {"extreme", largest ? "largest" : "smallest"},
                 {"part", part_of(*chart)},
                 {"value", cat(*found)},
                 {"others", others_sentence(*chart, i)}};
  for (size_t other = 0; other < chart->labels.size(); ++other) {
    if (other != i) asked.wrong.push_back(chart->labels[other]);
  }
  context.random.shuffle(std::span(asked.wrong));
  return asked;
}

std::optional<Asked> ask_chart_color(const QueryContext& context) {
  const Chart* chart = chart_of(context);
  if (chart == nullptr || chart->colors.size() != chart->labels.size()) return std::nullopt;
  const size_t i = context.random.below(chart->labels.size());
  const std::string& color = chart->colors[i];
  Asked asked{.truth = color, .about = "chart", .fact = fact("chart_color", chart->labels[i])};
  asked.slots = {{"answer", color}, {"label", chart->labels[i]}, {"part", part_of(*chart)}};
  asked.wrong = other_colors(color, context.scene(), context.random);
  std::ranges::stable_partition(asked.wrong, [chart](const std::string& each) {
    return std::ranges::find(chart->colors, each) != chart->colors.end();
  });
  return asked;
}

std::optional<Asked> ask_chart_sum(const QueryContext& context) {
  const Chart* chart = chart_of(context);
  if (chart == nullptr) return std::nullopt;
  const auto [a, b] = pick_two(*chart, context.random);
  const int64_t sum = chart->values[a] + chart->values[b];
  Asked asked = about_two(*chart, a, b, sum, "chart_sum");
  asked.wrong = near_numbers(sum, context.random);
  return asked;
}

std::optional<Asked> ask_chart_difference(const QueryContext& context) {
  const Chart* chart = chart_of(context);
  if (chart == nullptr) return std::nullopt;
  auto [a, b] = pick_two(*chart, context.random);
  if (chart->values[a] == chart->values[b]) return std::nullopt;
  if (chart->values[a] < chart->values[b]) std::swap(a, b);
  const int64_t difference = chart->values[a] - chart->values[b];
  Asked asked = about_two(*chart, a, b, difference, "chart_difference");
  asked.wrong = near_numbers(difference, context.random);
  return asked;
}

}  // namespace fusion
