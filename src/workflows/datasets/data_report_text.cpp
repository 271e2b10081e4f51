#include "workflows/datasets/data_report_text.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iomanip>
#include <sstream>
#include <vector>

#include "foundation/core/text.h"
#include "foundation/core/units.h"

namespace fusion {

namespace {

using nlohmann::ordered_json;
using Row = std::vector<std::string>;

/// Columns as wide as their widest cell, the first to the left, the others to the right.
std::string table(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::ostringstream out;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      out << (i == 0 ? "" : "  ") << (i == 0 ? std::left : std::right) << std::setw(static_cast<int>(widths[i]))
          << row[i];
    }
    out << "\n";
  }
  return out.str();
}

/// A count of the table, by the name it has in both reports.
struct Column {
  const char* name;
  int64_t DataSetReport::* count;
};
constexpr std::array<Column, 9> kColumns = {{{"records", &DataSetReport::records},
                                             {"pictures", &DataSetReport::pictures},
                                             {"text_only", &DataSetReport::text_only},
                                             {"broken", &DataSetReport::broken},
                                             {"tokens", &DataSetReport::tokens},
                                             {"targets", &DataSetReport::targets},
                                             {"longest", &DataSetReport::longest},
                                             {"cut", &DataSetReport::cut},
                                             {"unteachable", &DataSetReport::unteachable}}};

std::string grouped(int64_t count) {
  return grouped_text(static_cast<uint64_t>(count));
}

Row row_of(const DataSetReport& counts, const std::string& name) {
  Row row = {name};
  for (const Column& column : kColumns) row.push_back(grouped(counts.*column.count));
  return row;
}

std::string data_set_table(const DataReport& report) {
  Row head = {"data set"};
  for (const Column& column : kColumns) {
    head.emplace_back(column.name);
    std::ranges::replace(head.back(), '_', '-');
  }
  std::vector<Row> rows = {head};
  for (const DataSetReport& set : report.data_sets) {
    const std::string name = printable(std::filesystem::path(set.path).filename().string());
    rows.push_back(row_of(set, set.strategy == "all" ? name : cat(name, " ", set.strategy)));
  }
  if (report.data_sets.size() > 1) rows.push_back(row_of(report.total, "all"));
  return table(rows);
}

std::string histogram(const DataReport& report) {
  constexpr int64_t kWidth = 30;
  int64_t most = 1;
  size_t used = 0;
  for (size_t i = 0; i < report.lengths.size(); ++i) {
    most = std::max(most, report.lengths[i].by_positions);
    if (report.lengths[i].by_positions + report.lengths[i].by_tokens > 0) used = i + 1;
  }
  std::vector<Row> rows = {{"length", "tokens", "positions", std::string(kWidth, ' ')}};
  for (size_t i = 0; i < used; ++i) {
    const LengthBin& bin = report.lengths[i];
    // Whoever has one shows: a single long record is what a run dies of.
    const int64_t bar = (bin.by_positions * kWidth + most - 1) / most;
    const bool last = i + 1 == report.lengths.size();
    const std::string range =
        last ? cat("from ", grouped(bin.from)) : cat(grouped(bin.from), " - ", grouped(report.lengths[i + 1].from - 1));
    rows.push_back({range, grouped(bin.by_tokens), grouped(bin.by_positions),
                    std::string(static_cast<size_t>(bar), '#') + std::string(static_cast<size_t>(kWidth - bar), ' ')});
  }
  std::string text = table(rows);
  for (size_t at = text.find(" \n"); at != std::string::npos; at = text.find(" \n")) text.erase(at, 1);
  return text;
}

std::string longest_text(const DataReport& report, const Mixture& mixture) {
  const LongestBatch& longest = report.longest;
  if (longest.records.empty()) return "";
  return cat(
      "Longest micro-batch: ", longest.records.size(), " x ", grouped(longest.positions), " positions, beginning with ",
      mixture.describe(longest.records.front()), "\nMost of a row: ", grouped(longest.instruct_tokens),
      " question tokens in the tower; questions: ", longest.questions, "; targets: ", grouped(longest.targets), "\n");
}

std::string broken_text(const DataReport& report) {
  if (report.total.broken == 0) return "";
  std::string text = cat("\nBroken records (", grouped(report.total.broken), "):\n");
  for (const BrokenRecord& record : report.broken) text += cat("  ", record.reason, "\n");
  const int64_t unlisted = report.total.broken - static_cast<int64_t>(report.broken.size());
  if (unlisted > 0) text += cat("  and ", grouped(unlisted), " more (--json lists all)\n");
  return text;
}

ordered_json json_of(const DataSetReport& counts) {
  auto object = ordered_json::object();
  if (!counts.path.empty()) object = {{"path", counts.path}, {"sampling_strategy", counts.strategy}};
  for (const Column& column : kColumns) object[column.name] = counts.*column.count;
  return object;
}

}  // namespace

std::string text_report(const DataReport& report, const Mixture& mixture, int64_t max_length) {
  std::string text = cat(data_set_table(report), "\n", histogram(report), "\n", longest_text(report, mixture));
  if (report.total.cut > 0) {
    text +=
        cat(grouped(report.total.cut), " records have more than ", grouped(max_length), " positions and are cut.\n");
  }
  if (report.total.unteachable > 0) {
    text += cat(grouped(report.total.unteachable), " records have no answer to learn within ", grouped(max_length),
                " tokens.\n");
  }
  return text + broken_text(report);
}

ordered_json json_report(const DataReport& report, const Mixture& mixture, int64_t max_length) {
  ordered_json object = {{"max_length", max_length}, {"total", json_of(report.total)}};
  for (const DataSetReport& set : report.data_sets) object["data_sets"].push_back(json_of(set));
  for (const LengthBin& bin : report.lengths) {
    object["lengths"].push_back({{"from", bin.from}, {"by_tokens", bin.by_tokens}, {"by_positions", bin.by_positions}});
  }
  const LongestBatch& longest = report.longest;
  auto records = ordered_json::array();
  for (const int64_t record : longest.records) records.push_back(mixture.describe(record));
  object["longest_micro_batch"] = {{"records", records},
                                   {"positions", longest.positions},
                                   {"instruct_tokens", longest.instruct_tokens},
                                   {"questions", longest.questions},
                                   {"targets", longest.targets}};
  object["broken"] = ordered_json::array();
  for (const BrokenRecord& record : report.broken) {
    object["broken"].push_back({{"id", record.id}, {"reason", record.reason}});
  }
  return object;
}

}  // namespace fusion
