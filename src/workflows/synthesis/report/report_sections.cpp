#include "workflows/synthesis/report/report_sections.h"

#include <algorithm>

#include "foundation/core/number_text.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "workflows/synthesis/report/charts.h"
#include "workflows/synthesis/report/html.h"

namespace fusion {

namespace {

constexpr size_t kCellBytes = 160;

std::string text_cell(std::string_view text) {
  return escape_html(shortened(text, kCellBytes));
}

std::string guess_cell(const Guess& guess, double cap) {
  if (guess.scored == 0) return "-";
  const bool over = guess.share() >= cap;
  return cat("<span class=\"guess\">", bar_html(guess.share(), over), percent_text(guess.share()), "</span>");
}

std::vector<std::string> bias_row(const KindBias& kind, double cap) {
  return {escape_html(kind.kind),
          text_cell(kind.most_frequent),
          whole_text(kind.rounds),
          guess_cell(kind.majority, cap),
          guess_cell(kind.by_question, cap),
          guess_cell(kind.by_object, cap),
          percent_text(cap)};
}

std::string objects_table(const BiasFigures& figures) {
  if (figures.objects.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const ObjectBias& object : figures.objects) {
    rows.push_back({text_cell(object.object), text_cell(object.query), text_cell(object.most_frequent),
                    whole_text(object.rounds), percent_text(object.share)});
  }
  return cat("<details><summary>The most one-sided objects</summary>\n",
             table_html({"asked about", "query", "most frequent answer", "rounds", "share"}, rows, 3), "</details>\n");
}

std::string broken_captions_html(const StatusView& view) {
  const std::string text = broken_captions_text(view.status.broken_captions);
  return text.empty() ? "" : cat("<p>", escape_html(text), "</p>\n");
}

std::string stages_table(const StatusView& view) {
  std::vector<std::vector<std::string>> rows;
  for (const StageProgress& stage : view.status.stages) {
    if (stage.waiting + stage.passed + stage.failed == 0) continue;
    rows.push_back({std::string(stage_name(stage.stage)), whole_text(stage.waiting), whole_text(stage.passed),
                    whole_text(stage.failed), rate_text(stage.per_second)});
  }
  if (rows.empty()) return "";
  std::string failures;
  for (const FailureGroup& failure : view.failures) {
    failures += cat("<li>", whole_text(failure.items), " in ", stage_name(failure.stage), ": <em>",
                    text_cell(failure.reason), "</em></li>");
  }
  return cat("<details><summary>Every stage</summary>",
             table_html({"stage", "waiting", "done", "failed", "rate"}, rows, 1),
             failures.empty() ? "" : cat("<ul>", failures, "</ul>"), "</details>\n");
}

std::string examples_html(const FilterDrops& drops) {
  std::string html = "<details><summary>examples</summary><ul>";
  for (const DropExample& example : drops.examples) {
    html += cat("<li><span class=\"id\">", example.id, "</span> ", text_cell(example.text), " <em>",
                text_cell(example.reason), "</em></li>");
  }
  return html + "</ul></details>";
}

std::string answers_of(const KindFigures& figures) {
  constexpr size_t kShown = 8;
  const std::vector<TopCounts::Entry> top = figures.answers.top(kShown);
  std::vector<Bar> bars;
  int64_t rest = figures.answers.total();
  for (const TopCounts::Entry& answer : top) {
    const double share = share_of(answer.count, figures.answers.total());
    bars.push_back({.label = shortened(answer.text, 24), .share = share, .value = percent_text(share)});
    rest -= answer.count;
  }
  if (rest > 0) {
    const double share = share_of(rest, figures.answers.total());
    bars.push_back({.label = "others", .share = share, .value = percent_text(share)});
  }
  return bar_rows(bars);
}

}  // namespace

std::string section_html(std::string_view id, std::string_view heading, std::string_view intro,
                         const std::string& body) {
  return cat("<section id=\"", id, "\">\n<h2>", escape_html(heading), "</h2>\n",
             intro.empty() ? "" : cat("<p>", escape_html(intro), "</p>\n"), body, "</section>\n");
}

std::string table_html(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                       size_t numbers) {
  const auto cells = [&](const std::vector<std::string>& row, std::string_view tag) {
    std::string html = "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      html += cat("<", tag, i >= numbers ? " class=\"n\">" : ">", row[i], "</", tag, ">");
    }
    return html + "</tr>\n";
  };
  std::string body;
  for (const auto& row : rows) body += cells(row, "td");
  return cat("<div class=\"scroll\"><table><thead>", cells(head, "th"), "</thead><tbody>\n", body,
             "</tbody></table></div>\n");
}

std::string funnel_section(const RunStatistics& statistics, const StatusView& view) {
  const Funnel& funnel = statistics.funnel;
  std::vector<Bar> bars;
  const auto add = [&](std::string label, int64_t count, int64_t whole) {
    const double share = share_of(count, whole);
    bars.push_back(
        {.label = std::move(label), .share = share, .value = cat(whole_text(count), " · ", percent_text(share))});
  };
  add("captions", funnel.captions, funnel.captions);
  add("described", funnel.described, funnel.captions);
  add("drawn", funnel.drawn, funnel.captions);
  add("asked about", funnel.asked, funnel.captions);
  add("with something kept", funnel.kept, funnel.captions);
  add("conversations written", funnel.conversations_written, funnel.conversations_written);
  add("conversations kept", funnel.conversations_kept, funnel.conversations_written);
  return section_html("funnel", "Stages", "How many items came how far, and what became of their conversations.",
                      cat(bar_rows(bars), stages_table(view), broken_captions_html(view)));
}

std::string kinds_section(const RunStatistics& statistics) {
  int64_t most = 0;
  for (const auto& [name, kind] : statistics.kinds) most = std::max(most, kind.kept);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, kind] : statistics.kinds) {
    rows.push_back({escape_html(name), bar_html(share_of(kind.kept, most)), whole_text(kind.kept),
                    percent_text(share_of(kind.kept, kind.written)), decimal_text(share_of(kind.rounds, kind.kept), 1),
                    decimal_text(kind.question_words.mean(), 1), decimal_text(kind.answer_words.mean(), 1),
                    cat(whole_text(static_cast<int64_t>(kind.answers.size())), kind.answers.is_full() ? "+" : "")});
  }
  return section_html("kinds", "Kinds", "",
                      table_html({"kind", "", "conversations", "kept", "rounds each", "words a question",
                                  "words an answer", "different answers"},
                                 rows, 2));
}

std::string lengths_section(const RunStatistics& statistics) {
  const auto chart = [](const LengthHistogram& lengths, std::string_view title) {
    return column_chart({.values = lengths.bins(),
                         .title = title,
                         .unit = "words",
                         .note = cat(decimal_text(lengths.mean(), 1), " on average")});
  };
  std::string body = cat("<div class=\"figures\">", chart(statistics.question_words, "Words in a question"),
                         chart(statistics.answer_words, "Words in an answer"), "</div>\n");
  return section_html("lengths", "Lengths", "", body);
}

std::string answers_section(const RunStatistics& statistics) {
  std::string body = "<div class=\"answers\">";
  for (const auto& [name, kind] : statistics.kinds) {
    if (kind.answers.total() == 0) continue;
    body += cat("<div><h3>", escape_html(name), "</h3>", answers_of(kind), "</div>");
  }
  return section_html("answers", "Answers",
                      "The most frequent ones of each kind: the bare answer where it is known, otherwise answers of at "
                      "most three words.",
                      body + "</div>\n");
}

std::string bias_section(const BiasFigures& figures) {
  if (figures.all.rounds == 0) return section_html("bias", "Bias", "No answer is short enough to be guessed.", "");
  std::vector<std::vector<std::string>> rows = {bias_row(figures.all, figures.cap_over_all)};
  for (const KindBias& kind : figures.kinds) rows.push_back(bias_row(kind, figures.cap_within_kind));
  const std::string sample =
      figures.sampled_questions < 1
          ? cat(" Of the questions a share of ", percent_text(figures.sampled_questions), " was measured.")
          : "";
  return section_html(
      "bias", "Bias",
      cat("How often a guess is right that never sees the picture: the kind's most frequent answer; the most frequent "
          "answer to the same question; the most frequent one when the same is asked about the same noun. The last two "
          "are learned on one half of the items and scored on the other.",
          sample, figures.within_caps() ? " All of them are within their caps." : " Some are above their caps."),
      cat(table_html({"kind", "most frequent answer", "rounds", "that answer", "same question", "same noun", "cap"},
                     rows, 2),
          objects_table(figures)));
}

std::string filters_section(const RunStatistics& statistics, const ReportFacts& facts) {
  if (statistics.filters.empty()) return section_html("filters", "Filters", "Nothing was dropped.", "");
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, drops] : statistics.filters) {
    const auto help = facts.filter_help.find(name);
    rows.push_back({cat("<b>", escape_html(name), "</b>"),
                    cat(help == facts.filter_help.end() ? "" : escape_html(help->second), examples_html(drops)),
                    whole_text(drops.items), whole_text(drops.conversations)});
  }
  return section_html("filters", "Filters", "What was dropped, and why.",
                      table_html({"filter", "", "items", "conversations"}, rows, 2));
}

std::string cost_section(const RunStatistics& statistics, const StatusView& view) {
  if (view.status.usage_by_provider.empty()) return section_html("cost", "Cost", "No calls were counted.", "");
  std::vector<std::vector<std::string>> rows;
  const auto add = [&](std::string_view stage, std::string_view provider, const Usage& usage) {
    rows.push_back({text_cell(stage), text_cell(provider), whole_text(usage.calls), whole_text(usage.retries),
                    whole_text(usage.input_tokens), whole_text(usage.output_tokens), whole_text(usage.pictures),
                    duration_text(usage.seconds),
                    view.currency.empty() ? "-" : escape_html(money_text(usage.cost, view.currency))});
  };
  for (const auto& [key, usage] : view.status.usage_by_provider) add(stage_name(key.stage), key.provider, usage);
  const Usage& total = view.status.usage;
  add("all", "", total);
  const auto kept = static_cast<double>(std::max<int64_t>(statistics.funnel.conversations_kept, 1));
  std::string each = cat("A kept conversation took ", decimal_text(total.seconds / kept * 1000, 1), " ms of work");
  const int64_t tokens = total.input_tokens + total.output_tokens;
  if (tokens > 0) each += cat(", ", decimal_text(static_cast<double>(tokens) / kept, 0), " tokens");
  if (!view.currency.empty()) each += cat(", ", decimal_text(total.cost / kept, 5), " ", printable(view.currency));
  return section_html(
      "cost", "Cost", cat(each, "."),
      table_html({"stage", "provider", "calls", "retries", "tokens in", "tokens out", "pictures", "work", "cost"}, rows,
                 2));
}

}  // namespace fusion
