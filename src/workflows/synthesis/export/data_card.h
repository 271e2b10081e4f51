#pragma once
// The README of a data set: what it is, how it was made, and what is known against it. In the form of Hugging Face's
// data set cards, from the run's own numbers.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "workflows/synthesis/report/run_statistics.h"

namespace fusion {

struct PartCounts {
  int64_t records = 0;
  int64_t pictures = 0;
};
/// Of train, validation and test.
using SplitCounts = std::array<PartCounts, 3>;

/// Where drawings in the pictures come from.
struct DrawingSource {
  std::string name = {};     ///< "openclipart"
  int64_t drawings = 0;      ///< that could be drawn
  std::string licence = {};  ///< "public domain"
  std::string origin = {};   ///< the Debian package, or "own drawings"
};

struct CardFacts {
  std::string name = {};                                            ///< of the data set
  std::string program = {};                                         ///< "fusion 0.1.0"
  std::string command = {};                                         ///< that makes it again
  std::string recipe = {};                                          ///< text of the recipe's file
  std::vector<std::pair<std::string, std::string>> made_with = {};  ///< {"text", "embedded grammar"} ...
  std::map<std::string, std::string> kind_help = {};                ///< by the kind's name: what it teaches
  std::map<std::string, std::string> filter_help = {};              ///< by the filter's name: what it drops
  std::vector<DrawingSource> drawings = {};
};

/// Markdown with a YAML head. Text from items and from `facts` acts as text only, whatever it holds.
std::string data_card(const CardFacts& facts, const SplitCounts& splits, int64_t tar_files,
                      const RunStatistics& statistics);

}  // namespace fusion
