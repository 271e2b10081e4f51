#pragma once
// A question that has parts, put into a kind's words.

#include <optional>

#include "workflows/synthesis/grammar/query.h"
#include "workflows/synthesis/items/item.h"
#include "workflows/synthesis/kinds/kind.h"

namespace fusion {

/// The round, in forms that are drawn. A kind with options gets them below the question, with letters, and the letter
/// as its answer; nothing where there are too few wrong answers, or where the answer has fewer or more words than the
/// kind allows.
std::optional<Round> phrase(const Kind& kind, const QuestionForms& forms, const Asked& asked, RandomSource& random);

/// Throws Error about `who` where forms have a slot that the query does not fill.
void check_forms(const QuestionForms& forms, const QueryInfo& query, const std::string& who);

}  // namespace fusion
