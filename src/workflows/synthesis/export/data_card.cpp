#include "workflows/synthesis/export/data_card.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "foundation/core/number_text.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/export/llava_record.h"
#include "workflows/synthesis/export/markdown.h"
#include "workflows/synthesis/export/split.h"
#include "workflows/synthesis/report/html.h"

namespace fusion {

namespace {

using MarkdownRows = std::vector<std::vector<std::string>>;

constexpr size_t kCardTextBytes = 160;

/// Of Hugging Face's classes.
std::string_view size_category(int64_t records) {
  if (records < 1'000) return "n<1K";
  if (records < 10'000) return "1K<n<10K";
  if (records < 100'000) return "10K<n<100K";
  if (records < 1'000'000) return "100K<n<1M";
  if (records < 10'000'000) return "1M<n<10M";
  return records < 100'000'000 ? "10M<n<100M" : "100M<n<1B";
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string short_cell(std::string_view text) {
  return escape_markdown(shortened(text, kCardTextBytes));
}

std::string help_cell(const std::map<std::string, std::string>& help, const std::string& name) {
  const auto found = help.find(name);
  return found == help.end() ? "" : escape_markdown(found->second);
}

std::string yaml_head(const CardFacts& facts, const SplitCounts& splits, const RunStatistics& statistics) {
  std::string head = "---\n";
  head += cat("pretty_name: ", quoted(facts.name),
              "\nlanguage:\n  - en\ntask_categories:\n  - visual-question-answering\n  - image-text-to-text\n"
              "size_categories:\n  - ",
              size_category(statistics.funnel.conversations_kept), "\ntags:\n  - synthetic\n");
  std::string files;
  for (const Split split : kSplits) {
    if (splits[static_cast<size_t>(split)].records == 0) continue;
    files += cat("      - split: ", split_name(split), "\n        path: data/", split_name(split), ".jsonl\n");
  }
  if (!files.empty()) head += cat("configs:\n  - config_name: default\n    data_files:\n", files);
  return head + "---\n";
}

std::string opening(const CardFacts& facts, const RunStatistics& statistics) {
  const Funnel& funnel = statistics.funnel;
  return cat(
      "# ", escape_markdown(facts.name), "\n\n", whole_text(funnel.conversations_kept), " conversations with ",
      whole_text(funnel.rounds_kept), " questions about ", whole_text(funnel.kept), " pictures, in ",
      statistics.kinds.size(),
      " kinds. Captions came first; pictures, questions and answers were made from them, and what did not hold was "
      "filtered out",
      facts.program.empty() ? "" : cat(" (", escape_markdown(facts.program), ")"),
      ". The page `report.html` beside this file shows pictures with their questions, and all figures.\n");
}

std::string kinds_part(const CardFacts& facts, const RunStatistics& statistics) {
  MarkdownRows rows;
  for (const auto& [name, kind] : statistics.kinds) {
    rows.push_back({escape_markdown(name), help_cell(facts.kind_help, name), whole_text(kind.kept),
                    whole_text(kind.rounds), decimal_text(kind.question_words.mean(), 1),
                    decimal_text(kind.answer_words.mean(), 1)});
  }
  return cat("\n## Kinds\n\n", markdown_table({"kind", "what it teaches", "conversations", "questions",
                                               "words a question", "words an answer"},
                                              rows, 2));
}

std::string example_record(const RunStatistics& statistics) {
  const std::vector<Item> items = statistics.sample.items();
  if (items.empty() || items[0].conversations.empty()) return "";
  const std::string record =
      llava_record(items[0], 0).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return cat("\nA record:\n\n", fenced("json", record));
}

std::string splits_part(const SplitCounts& splits, int64_t tar_files, const RunStatistics& statistics) {
  MarkdownRows rows;
  for (const Split split : kSplits) {
    const PartCounts& counts = splits[static_cast<size_t>(split)];
    rows.push_back({std::string(split_name(split)), whole_text(counts.records), whole_text(counts.pictures)});
  }
  return cat(
      "\n## Parts\n\nAll items of one caption are in one part.\n\n",
      markdown_table({"part", "conversations", "pictures"}, rows, 1),
      tar_files > 0 ? cat("\nThe same as WebDataset, ", tar_files,
                          " files in `webdataset/`: each picture with a `.json` of its caption and its records.\n")
                    : "",
      "\n`data/*.jsonl` holds LLaVA's records, a line each. `truth` is the bare answer of each round where it is "
      "known.\n",
      example_record(statistics));
}

std::string filters_part(const CardFacts& facts, const RunStatistics& statistics) {
  if (statistics.filters.empty()) return "\n## Filters\n\nNothing was dropped.\n";
  MarkdownRows rows;
  for (const auto& [name, drops] : statistics.filters) {
    const std::string example =
        drops.examples.empty() ? ""
                               : cat(short_cell(drops.examples[0].text), " — ", short_cell(drops.examples[0].reason));
    rows.push_back({escape_markdown(name), help_cell(facts.filter_help, name), example, whole_text(drops.items),
                    whole_text(drops.conversations)});
  }
  const Funnel& funnel = statistics.funnel;
  return cat("\n## Filters\n\nOf ", whole_text(funnel.captions), " captions ", whole_text(funnel.asked),
             " were drawn and asked about, and ", whole_text(funnel.kept), " are in the data. Of ",
             whole_text(funnel.conversations_written), " conversations ", whole_text(funnel.conversations_kept),
             " were kept.\n\n",
             markdown_table({"filter", "what it drops", "example", "items", "conversations"}, rows, 3));
}

std::string making_part(const CardFacts& facts) {
  if (facts.made_with.empty() && facts.command.empty() && facts.recipe.empty()) return "";
  MarkdownRows rows;
  for (const auto& [name, value] : facts.made_with) rows.push_back({escape_markdown(name), escape_markdown(value)});
  std::string text = "\n## How it was made\n\n";
  if (!rows.empty()) text += cat(markdown_table({"", ""}, rows, 2), "\n");
  if (!facts.command.empty()) text += fenced("sh", facts.command);
  if (!facts.recipe.empty()) text += cat("\nThe recipe:\n\n", fenced("yaml", facts.recipe));
  return text;
}

std::vector<std::string> balance_row(const KindBias& kind, double cap) {
  const auto cell = [](const Guess& guess) { return guess.scored == 0 ? "-" : percent_text(guess.share()); };
  return {escape_markdown(kind.kind), short_cell(kind.most_frequent), whole_text(kind.rounds), cell(kind.majority),
          cell(kind.by_question),     cell(kind.by_object),           percent_text(cap)};
}

std::string balance_part(const RunStatistics& statistics) {
  const BiasFigures figures = statistics.bias.figures();
  if (figures.all.rounds == 0) return "\n## Balance\n\nNo answer is short enough to be guessed without the picture.\n";
  MarkdownRows rows = {balance_row(figures.all, figures.cap_over_all)};
  std::vector<std::string> above;
  if (figures.all.worst() >= figures.cap_over_all) above.push_back("all kinds together");
  for (const KindBias& kind : figures.kinds) {
    rows.push_back(balance_row(kind, figures.cap_within_kind));
    if (kind.worst() >= figures.cap_within_kind) above.push_back(escape_markdown(kind.kind));
  }
  return cat(
      "\n## Balance and biases\n\nHow often a guess is right that never sees the picture: the kind's most frequent "
      "answer; the most frequent answer to the same question, and when the same is asked about the same noun, both "
      "learned on one half of the items and scored on the other.\n\n",
      markdown_table({"kind", "most frequent answer", "rounds", "that answer", "same question", "same noun", "cap"},
                     rows, 2),
      "\n",
      above.empty() ? "All of them are below their caps.\n"
                    : cat("Above their caps: ", join(above, ", "),
                          ". A model can learn these answers without "
                          "looking.\n"),
      "\nThe pictures show what their makers can draw, and captions and questions speak as their makers do: a model "
      "that is trained on nothing else learns both as if they were the world.\n");
}

std::string licences_part(const CardFacts& facts) {
  const std::string text = "\n## Licences\n\nThe maker of this folder decides on its licence.\n";
  if (facts.drawings.empty()) return text;
  MarkdownRows rows;
  for (const DrawingSource& source : facts.drawings) {
    rows.push_back({escape_markdown(source.name), escape_markdown(source.origin), escape_markdown(source.licence),
                    whole_text(source.drawings)});
  }
  return cat(text, "\nDrawings in the pictures:\n\n",
             markdown_table({"source", "origin", "licence", "drawings"}, rows, 3));
}

std::string training_part(const SplitCounts& splits) {
  if (splits[static_cast<size_t>(Split::kTrain)].records == 0) return "";
  return "\n## Training on it\n\n```sh\nfusion data check mixture.yaml --model MODEL   # reads every record and "
         "picture\n"
         "```\n\nand in a training recipe:\n\n```yaml\ndata:\n  mixture: mixture.yaml\n```\n";
}

}  // namespace

std::string data_card(const CardFacts& facts, const SplitCounts& splits, int64_t tar_files,
                      const RunStatistics& statistics) {
  return cat(yaml_head(facts, splits, statistics), "\n", opening(facts, statistics), kinds_part(facts, statistics),
             splits_part(splits, tar_files, statistics), filters_part(facts, statistics), making_part(facts),
             balance_part(statistics), licences_part(facts), training_part(splits));
}

}  // namespace fusion
