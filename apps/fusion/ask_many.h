#pragma once
// fusion ask for more than one question: several pictures and questions, folders, JSON Lines.

#include <cstdint>
#include <string>
#include <vector>

#include "fusion/generation_options.h"

namespace fusion::app {

/// Where questions in JSON Lines come from and answers go.
struct LinesFlags {
  std::string input;         ///< a file, or "-" for standard input
  std::string output = "-";  ///< a file, or "-" for standard output
  int64_t batch_size = 1;
  bool resume = false;
  bool force = false;
};

/// Asks every question about every picture, or without one where there are none. A picture that cannot be read is said
/// and passed over; Error at the end. Throws Interrupted after Ctrl-C.
void ask_about_each(const std::vector<std::string>& pictures, const std::vector<std::string>& questions,
                    const GenerationFlags& flags);

/// Answers a file of questions. Throws Error at the end where lines have failed, Interrupted after Ctrl-C.
void ask_lines(const LinesFlags& lines, const GenerationFlags& flags);

}  // namespace fusion::app
