#include "workflows/synthesis/stages/frontier.h"

#include <utility>

namespace fusion {

void Frontier::enter(int64_t id, int64_t expected) {
  slots_.emplace(id, Slot{.expected = expected});
  expected_ += expected;
}

void Frontier::ready(Item item) {
  slots_.at(item.id).item = std::move(item);
}

void Frontier::leave(int64_t id) {
  const auto slot = slots_.find(id);
  expected_ -= slot->second.expected;
  slots_.erase(slot);
}

std::optional<Item> Frontier::next() {
  if (slots_.empty() || !slots_.begin()->second.item) return std::nullopt;
  std::optional<Item> item = std::move(slots_.begin()->second.item);
  leave(slots_.begin()->first);
  return item;
}

}  // namespace fusion
