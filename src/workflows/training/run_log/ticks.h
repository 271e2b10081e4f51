#pragma once
// Where the lines of a plot's grid stand, and what is written at them.

#include <string>
#include <vector>

namespace fusion {

struct Tick {
  double value = 0;
  std::string label;  ///< UTF-8: "−0.5", "10⁻⁶"
};

struct Ticks {
  std::vector<Tick> major;    ///< ascending, inside the range
  std::vector<double> minor;  ///< without a label; only logarithmic axes have them
  std::string factor = {};    ///< what every label is to be multiplied with, "" for nothing: "×10⁻⁵"
};

/// Multiples of 1, 2 or 5 times a power of ten, at most `most` (2 or more) of them. Needs finite low < high.
Ticks linear_ticks(double low, double high, int most);

/// Powers of ten where the range holds two of them or more; else, in a range too short for that, 1, 2 and 5 times
/// them or linear_ticks. Needs finite 0 < low < high.
Ticks log_ticks(double low, double high, int most);

}  // namespace fusion
