#include "workflows/synthesis/report/limited_stream.h"

#include "workflows/synthesis/report/round_text.h"

namespace fusion {

std::optional<Item> LimitedStream::next() {
  if (left_ && *left_ <= 0) return std::nullopt;
  std::optional<Item> item = items_.next();
  if (!item || !left_) return item;
  for (Conversation& conversation : item->conversations) {
    if (!is_kept(*item, conversation)) continue;
    if (*left_ > 0) {
      --*left_;
    } else {
      conversation.dropped_by = "limit";
      conversation.drop_reason = "behind the run's limit";
    }
  }
  return item;
}

}  // namespace fusion
