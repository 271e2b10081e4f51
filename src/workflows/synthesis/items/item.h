#pragma once
// One picture on its way through the stages, with all that was written about it.
//
//     pool -> expand -> draw -> ask -> filter -> export

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workflows/synthesis/items/scene.h"

namespace fusion {

/// What has to be done next with an item; the numbers are those of the store.
enum class Stage : int {
  kExpand = 1,  ///< has a caption
  kDraw = 2,    ///< has its descriptions
  kAsk = 3,     ///< has its picture
  kFilter = 4,  ///< has its conversations
  kDone = 5,    ///< has a verdict on each of them
};

inline constexpr std::string_view stage_name(Stage stage) {
  constexpr std::string_view kNames[] = {"expand", "draw", "ask", "filter", "done"};
  return kNames[static_cast<int>(stage) - 1];
}

/// One question and its answer.
struct Round {
  std::string question;
  std::string answer;                ///< as it is trained on
  std::vector<std::string> options;  ///< of a choice, without their letters; empty otherwise
  /// What is asked, apart from its words: "color", "count", "relation" ... of the embedded world's queries; "" where a
  /// text model wrote the round.
  std::string query;
  /// The bare answer, apart from its words: "red", "3", "yes", "left"; "" where it is not known.
  std::string truth;
  std::string about;  ///< the noun that is asked about; "" where it is not known
};

/// One record of the data set: a conversation about the item's picture.
struct Conversation {
  std::string kind;  ///< "Color", "MultiChoice" ...
  std::vector<Round> rounds;
  /// Name of the filter that dropped it, and why; empty: kept, or not yet judged.
  std::string dropped_by;
  std::string drop_reason;
};

/// What a stage's calls cost.
struct Usage {
  int64_t calls = 0;    ///< answered ones
  int64_t retries = 0;  ///< calls made again: refused, timed out, or with an answer that could not be used
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int64_t pictures = 0;
  double seconds = 0;  ///< of work, waiting included
  double cost = 0;     ///< in the recipe's currency

  Usage& operator+=(const Usage& other);
};

struct Item {
  int64_t id = 0;  ///< counts the run's captions from 0, over all shards
  /// The kinds of its conversations, the first of which decided what the caption dwells on.
  std::vector<std::string> kinds;
  std::string caption;
  std::string source;  ///< where the caption comes from: "world", or "FILE:LINE"
  /// One for each picture: two for a kind that compares two.
  std::vector<std::string> descriptions;
  std::vector<Scene> scenes;   ///< what the embedded world knows of each picture; empty where it drew none
  std::string source_picture;  ///< path of a picture that was there before; "" where one is to be drawn
  std::string picture;         ///< path below the output folder; "" before it is drawn
  int64_t width = 0;           ///< of the picture, in pixels
  int64_t height = 0;
  uint64_t picture_hash = 0;    ///< perceptual: similar pictures differ in few bits
  double picture_contrast = 0;  ///< standard deviation of its luminance, 0 to 127.5: that of a blank one is near 0
  /// How well the picture shows what its description says, 0 to 1, where a model was asked.
  std::optional<double> agreement;
  std::vector<Conversation> conversations;
  /// Name of the filter that dropped the whole item, and why; empty where none did.
  std::string dropped_by;
  std::string drop_reason;
};

/// All of the item but its id, for the store. Fields with nothing in them are left out.
nlohmann::ordered_json item_to_json(const Item& item);
/// The inverse. Throws Error about `who` on an unknown key or another type.
Item item_from_json(const nlohmann::json& json, int64_t id, const std::string& who);

}  // namespace fusion
