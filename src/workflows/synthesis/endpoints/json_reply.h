#pragma once
// The JSON object in what a text model wrote.

#include <nlohmann/json.hpp>
#include <string_view>

namespace fusion {

/// The first JSON object in `reply`, which may stand in a code fence or between sentences, behind the model's thoughts
/// (<think>...</think>), have a comma too many before a bracket, or line breaks inside its strings. Throws Error, in
/// words that can be sent back to the model, where there is none, where it ends too early, and on more than 256 KiB,
/// 16 levels or 20,000 values.
nlohmann::json json_of_reply(std::string_view reply);

}  // namespace fusion
