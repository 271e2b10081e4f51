#pragma once
// A conversation as `fusion train` reads it.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "workflows/synthesis/items/item.h"

namespace fusion {

/// The item's number as names show it: "0000123".
std::string item_key(const Item& item);

/// "0000123-Color"; the second conversation of a kind is "0000123-Color-2". `index` is its place in the item.
std::string record_id(const Item& item, size_t index);

/// [{"from": "human", "value": "<image>\n..."}, {"from": "gpt", "value": ...}, ...]. The picture stands at the front of
/// the first question; what looks like its mark in a text is taken out of it, for a record has one picture.
nlohmann::ordered_json messages_json(const Conversation& conversation);

/// LLaVA's record, datasets/record_file.h, and beside its keys "kind" and, where they are known, "truth": the bare
/// answer of each round ("" for one that has none), which trainers pass over and graders read.
nlohmann::ordered_json llava_record(const Item& item, size_t index);

/// The records of the conversations that are kept. With `rounds_apart` every round is a record of its own, "<id>/1",
/// "<id>/2" ..., so that no earlier answer gives a later one away.
std::vector<nlohmann::ordered_json> kept_records(const Item& item, bool rounds_apart);

/// One line. Broken UTF-8 becomes U+FFFD.
std::string json_line(const nlohmann::ordered_json& json);

}  // namespace fusion
