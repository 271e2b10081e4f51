#include "workflows/synthesis/export/llava_record.h"

#include <algorithm>
#include <string_view>

#include "foundation/core/text.h"
#include "workflows/synthesis/report/round_text.h"

namespace fusion {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view kPictureMark = "<image>";

std::string without_marks(std::string text) {
  for (size_t at = text.find(kPictureMark); at != std::string::npos;) {
    text.erase(at, kPictureMark.size());
    // What stood on both sides may be a mark now.
    at = text.find(kPictureMark, at - std::min(at, kPictureMark.size()));
  }
  return text;
}

ordered_json record_of(const Conversation& conversation, const std::string& id, const std::string& picture) {
  ordered_json record;
  record["id"] = id;
  record["image"] = picture;
  record["conversations"] = messages_json(conversation);
  record["kind"] = conversation.kind;
  if (std::ranges::any_of(conversation.rounds, [](const Round& round) { return !round.truth.empty(); })) {
    auto truths = ordered_json::array();
    for (const Round& round : conversation.rounds) truths.push_back(round.truth);
    record["truth"] = std::move(truths);
  }
  return record;
}

}  // namespace

std::string item_key(const Item& item) {
  constexpr size_t kDigits = 7;
  std::string number = cat(item.id);
  number.insert(0, kDigits - std::min(kDigits, number.size()), '0');
  return number;
}

std::string record_id(const Item& item, size_t index) {
  const std::string& kind = item.conversations[index].kind;
  const auto end = item.conversations.begin() + static_cast<ptrdiff_t>(index);
  const auto before = std::ranges::count(item.conversations.begin(), end, kind, &Conversation::kind);
  return cat(item_key(item), "-", kind, before > 0 ? cat("-", before + 1) : "");
}

ordered_json messages_json(const Conversation& conversation) {
  auto messages = ordered_json::array();
  for (const Round& round : conversation.rounds) {
    const std::string question = without_marks(round.question);
    messages.push_back({{"from", "human"}, {"value", messages.empty() ? cat(kPictureMark, "\n", question) : question}});
    messages.push_back({{"from", "gpt"}, {"value", without_marks(round.answer)}});
  }
  return messages;
}

ordered_json llava_record(const Item& item, size_t index) {
  return record_of(item.conversations[index], record_id(item, index), item.picture);
}

std::vector<ordered_json> kept_records(const Item& item, bool rounds_apart) {
  std::vector<ordered_json> records;
  for (size_t i = 0; i < item.conversations.size(); ++i) {
    const Conversation& conversation = item.conversations[i];
    if (!is_kept(item, conversation)) continue;
    if (!rounds_apart) {
      records.push_back(llava_record(item, i));
      continue;
    }
    for (size_t round = 0; round < conversation.rounds.size(); ++round) {
      Conversation alone = conversation;
      alone.rounds = {conversation.rounds[round]};
      records.push_back(record_of(alone, cat(record_id(item, i), "/", round + 1), item.picture));
    }
  }
  return records;
}

std::string json_line(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace fusion
