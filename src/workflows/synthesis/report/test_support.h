#pragma once
// For tests only: items as a run makes them, without a run.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foundation/core/random_source.h"
#include "foundation/core/text.h"
#include "workflows/synthesis/items/item_stream.h"

namespace fusion {

inline Round round_of(std::string question, std::string answer, std::string truth = "", std::string about = "",
                      std::string query = "") {
  Round round;
  round.question = std::move(question);
  round.answer = std::move(answer);
  round.truth = std::move(truth);
  round.about = std::move(about);
  round.query = std::move(query);
  return round;
}

inline Conversation conversation_of(std::string kind, std::vector<Round> rounds) {
  Conversation conversation;
  conversation.kind = std::move(kind);
  conversation.rounds = std::move(rounds);
  return conversation;
}

/// A finished item about a coloured thing: a Color and a Count conversation, every number divisible by 10 dropped.
inline Item example_item(int64_t id) {
  RandomSource random(7, static_cast<uint64_t>(id));
  const std::vector<std::string> colors = {"red", "green", "blue", "yellow", "purple"};
  const std::vector<std::string> nouns = {"balloon", "car", "cup", "kite", "house", "bell"};
  const std::string color = random.pick(colors);
  const std::string noun = random.pick(nouns);
  const std::string count = cat(random.between(1, 8));
  Item item;
  item.id = id;
  item.kinds = {"Color", "Count"};
  item.caption = cat("A ", color, " ", noun, " and ", count, " birds, view ", id, ".");
  item.source = "world";
  item.descriptions = {item.caption};
  item.picture = "images/000/picture.png";
  item.width = item.height = 64;
  item.conversations = {
      conversation_of(
          "Color", {round_of(cat("What color is the ", noun, "?"), cat("It is ", color, "."), color, noun, "color")}),
      conversation_of("Count", {round_of("How many birds are there?", count, count, "bird", "count")})};
  if (id % 10 == 0) {
    item.dropped_by = "blank";
    item.drop_reason = "the picture shows nothing";
  }
  return item;
}

/// Items 0 to count - 1, made when they are asked for.
class MadeStream : public ItemStream {
 public:
  explicit MadeStream(int64_t count, std::function<Item(int64_t)> make = example_item)
      : count_(count), make_(std::move(make)) {}
  std::optional<Item> next() override {
    if (next_ == count_) return std::nullopt;
    return make_(next_++);
  }

 private:
  int64_t next_ = 0;
  int64_t count_;
  std::function<Item(int64_t)> make_;
};

/// The items of a list, in its order.
class ListStream : public ItemStream {
 public:
  explicit ListStream(std::vector<Item> items) : items_(std::move(items)) {}
  std::optional<Item> next() override {
    if (next_ == items_.size()) return std::nullopt;
    return items_[next_++];
  }

 private:
  size_t next_ = 0;
  std::vector<Item> items_;
};

}  // namespace fusion
