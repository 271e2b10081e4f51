#pragma once
// What a run has made, as one page that needs nothing but the pictures beside it.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "workflows/synthesis/report/run_statistics.h"
#include "workflows/synthesis/report/status_view.h"

namespace fusion {

/// What the page says besides what the items tell.
struct ReportFacts {
  std::string title = {};                                      ///< the run's name
  std::vector<std::pair<std::string, std::string>> made = {};  ///< {"recipe", "world.yaml"}, {"seed", "7"} ...
  std::map<std::string, std::string> filter_help = {};         ///< by the filter's name: what it drops
  StatusView run = {};                                         ///< what it cost, what failed
};

/// The page, for a file in the folder that the items' picture paths start from. It runs no script and asks no other
/// machine for anything; text from items acts as text only. Equal arguments give equal bytes.
std::string report_page(const RunStatistics& statistics, const ReportFacts& facts);

}  // namespace fusion
