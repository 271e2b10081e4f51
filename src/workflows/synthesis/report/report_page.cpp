#include "workflows/synthesis/report/report_page.h"

#include "foundation/core/embedded_file.h"
#include "foundation/core/number_text.h"
#include "foundation/core/text.h"
#include "foundation/core/units.h"
#include "workflows/synthesis/report/html.h"
#include "workflows/synthesis/report/report_sections.h"
#include "workflows/synthesis/report/report_style.h"

namespace fusion {

namespace {

std::string tile(std::string_view value, std::string_view label) {
  return cat("<div class=\"tile\"><b>", escape_html(value), "</b><span>", escape_html(label), "</span></div>");
}

std::string header(const RunStatistics& statistics, const ReportFacts& facts, const BiasFigures& bias) {
  std::string made;
  for (const auto& [name, value] : facts.made) {
    made += cat("<span>", escape_html(name), " <b>", escape_html(value), "</b></span>");
  }
  const Funnel& funnel = statistics.funnel;
  const Usage& usage = facts.run.status.usage;
  std::string tiles = cat(tile(whole_text(funnel.conversations_kept), "conversations"),
                          tile(whole_text(funnel.rounds_kept), "questions"), tile(whole_text(funnel.kept), "pictures"),
                          tile(cat(statistics.kinds.size()), "kinds"),
                          tile(percent_text(share_of(funnel.conversations_kept, funnel.conversations_written)), "kept"),
                          tile(percent_text(bias.all.worst()), "right without the picture"));
  if (usage.input_tokens + usage.output_tokens > 0) {
    tiles += tile(count_text(static_cast<uint64_t>(usage.input_tokens + usage.output_tokens)), "tokens");
  }
  if (!facts.run.currency.empty()) tiles += tile(money_text(usage.cost, facts.run.currency), "spent");
  return cat("<header><h1>", escape_html(facts.title), "</h1><p class=\"made\">", made, "</p><div class=\"tiles\">",
             tiles, "</div></header>\n");
}

constexpr std::string_view kHead = R"(<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
)";

constexpr std::string_view kMenu =
    "<nav><a href=\"#funnel\">Stages</a><a href=\"#kinds\">Kinds</a>"
    "<a href=\"#bias\">Bias</a><a href=\"#answers\">Answers</a><a href=\"#lengths\">Lengths</a>"
    "<a href=\"#filters\">Filters</a><a href=\"#cost\">Cost</a><a href=\"#gallery\">Gallery</a></nav>\n";

}  // namespace

std::string report_page(const RunStatistics& statistics, const ReportFacts& facts) {
  const BiasFigures bias = statistics.bias.figures();
  return cat("<!doctype html>\n<html lang=\"en\">\n<head>\n", kHead, "<title>", escape_html(facts.title),
             "</title>\n<style>\n", report_style()[0].text, "</style>\n</head>\n<body>\n<main>\n",
             header(statistics, facts, bias), kMenu, funnel_section(statistics, facts.run), kinds_section(statistics),
             bias_section(bias), answers_section(statistics), lengths_section(statistics),
             filters_section(statistics, facts), cost_section(statistics, facts.run),
             gallery_section(statistics.sample.items()), "</main>\n</body>\n</html>\n");
}

}  // namespace fusion
