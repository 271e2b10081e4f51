#pragma once
// Writes a finished run as a data set.
//
//     DIR/
//       README.md                              the data card
//       mixture.yaml validation.yaml test.yaml  for `fusion train`
//       data/train.jsonl ...                   LLaVA's records
//       images/000/000000123.jpg               were there before
//       webdataset/train-000000.tar ...        where asked for

#include <array>
#include <cstdint>
#include <string>

#include "workflows/synthesis/export/data_card.h"
#include "workflows/synthesis/export/export_options.h"
#include "workflows/synthesis/items/item_stream.h"
#include "workflows/synthesis/report/run_statistics.h"

namespace fusion {

struct ExportSummary {
  SplitCounts splits;
  RunStatistics statistics;
  int64_t tar_files = 0;
};

/// Writes what is kept of judged items in one pass and in bounded memory; LimitedStream holds a run to its limit. Equal
/// items give equal bytes.
///
/// Nothing shows before all of it is on the disk: an export that fails or is killed leaves the files of the one before.
/// (They are put in place one after another, so a kill at that very moment leaves some of both; run it again.) The file
/// of a part that has no records is removed, and so are an earlier export's tar files where none are asked for. Throws
/// Error where a picture is not there, an option is out of its range, or the disk is full or fails.
/// \param folder  where the items' picture paths start from, and the files go to
/// \param facts   for the data card
ExportSummary export_items(ItemStream& items, const std::string& folder, const ExportOptions& options,
                           const CardFacts& facts);

}  // namespace fusion
