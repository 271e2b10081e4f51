#pragma once
// Quantities as people read them.

#include <cstdint>
#include <string>

namespace fusion {

/// Decimal units, three digits: "512 B", "9.98 kB", "10.2 GB".
std::string bytes_text(uint64_t bytes);

/// "784", "20.1 M", "5.09 G".
std::string count_text(uint64_t count);

/// All digits in groups of three: "5,093,034,784".
std::string grouped_text(uint64_t count);

/// "19 s", "3 min 05 s", "2 h 07 min". Negative counts as 0; more than 99 hours is "more than 99 h".
std::string duration_text(double seconds);

}  // namespace fusion
