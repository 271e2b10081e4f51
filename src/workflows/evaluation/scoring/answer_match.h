#pragma once
// Whether two short answers say the same.

#include <string>
#include <string_view>

namespace fusion {

/// In small letters, without articles (unless there is nothing else), without punctuation at the ends of words, numbers
/// up to twelve as figures, one space between words: what VQA's graders compare. "A red car." and "red car" become one,
/// "Two" and "2" too.
std::string normalised_answer(std::string_view text);

bool same_answer(std::string_view a, std::string_view b);

}  // namespace fusion
