#pragma once
// Where a run stands, as tables for the terminal.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workflows/synthesis/items/item.h"

namespace fusion {

struct StageStatus {
  std::string stage = {};
  int64_t waiting = 0;
  int64_t done = 0;
  int64_t failed = 0;
  int64_t dropped = 0;
  double rate = 0;  ///< items a second, of late
};

struct UsageStatus {
  std::string stage = {};
  std::string provider = {};
  Usage usage = {};
};

/// Items that were set aside.
struct FailureStatus {
  std::string stage = {};
  std::string reason = {};
  int64_t items = 0;
};

struct StatusView {
  std::string run = {};               ///< "runs/demo, seed 7, shard 0/4"
  int64_t kept = 0;                   ///< conversations
  std::optional<int64_t> limit = {};  ///< of those
  std::vector<StageStatus> stages = {};
  std::vector<UsageStatus> usage = {};
  std::vector<FailureStatus> failures = {};
  std::string currency = {};  ///< "USD"; "" where nothing has a price
  // Of the whole run, where they can be told:
  std::optional<int64_t> forecast_tokens = {};
  std::optional<double> forecast_cost = {};
  std::optional<double> seconds_left = {};
};

Usage total_usage(const StatusView& view);

/// Lines of text with a line feed behind each: the stages, what their calls cost, what failed, what is to be expected.
/// Texts from outside are made printable.
std::string text_status(const StatusView& view);

}  // namespace fusion
